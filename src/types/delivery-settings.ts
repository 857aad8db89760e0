/** Where records go beside the audit log; null where that is not set up. */
export interface DeliverySettings {
  /** The endpoint of an Event Grid custom topic, e.g. `https://{topic}.{region}-1.eventgrid.azure.net/api/events`. */
  readonly eventGridTopic: string | null;
  readonly logIngestion: LogIngestionSettings | null;
  /** The URL of a blob container, without a trailing slash. */
  readonly archive: string | null;
}

export interface LogIngestionSettings {
  /** The origin of a data collection endpoint, or of the rule's own one, without a trailing slash. */
  readonly endpoint: string;
  /** The immutable id of the data collection rule, `dcr-…`. */
  readonly ruleId: string;
}
