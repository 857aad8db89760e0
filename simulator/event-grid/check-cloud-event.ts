import type { JsonObject } from '../json.js';
import { TopicFailure } from './topic-failure.js';

/** What CloudEvents 1.0 demands, and the name under which Event Grid misses it. */
const REQUIRED: readonly (readonly [attribute: string, name: string])[] = [
  ['id', 'id'],
  ['source', 'source'],
  ['type', 'eventType'],
  ['specversion', 'specversion'],
];
const OPTIONAL = ['subject', 'time', 'datacontenttype', 'dataschema'];
/** RFC 3339. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * Throws 400 for what is no CloudEvent: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md. The wording:
 * https://github.com/pm7y/AzureEventGridSimulator, which compares itself with Azure.
 */
export function checkCloudEvent(event: JsonObject): void {
  for (const [attribute, name] of REQUIRED) {
    const value = event[attribute];
    if (typeof value !== 'string' || value === '') throw refused(`requires '${name}' property to be set`);
  }
  if (event.specversion !== '1.0') throw refused("requires 'specversion' to be '1.0'");
  for (const attribute of OPTIONAL) {
    const value = event[attribute];
    if (value !== undefined && (typeof value !== 'string' || value === '')) {
      throw refused(`requires '${attribute}' to be a text where it is set`);
    }
  }
  if (
    typeof event.time === 'string' &&
    !(TIMESTAMP.test(event.time) && !Number.isNaN(Date.parse(event.time)))
  ) {
    throw refused("requires 'time' to be a timestamp");
  }
  if ('data' in event && 'data_base64' in event) throw refused("takes 'data' or 'data_base64', not both");
  const odd = Object.keys(event).find((name) => name !== 'data_base64' && !/^[a-z0-9]+$/.test(name));
  if (odd !== undefined) throw refused(`takes no attribute named '${odd}'`);
}

function refused(why: string): TopicFailure {
  const message = `This resource is configured for 'CloudEventV10' schema and ${why}.`;
  return new TopicFailure(400, 'BadRequest', message, 'InputJsonInvalid');
}
