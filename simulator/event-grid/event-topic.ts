import type { JsonObject } from '../json.js';
import type { Principal } from '../principal.js';

export type TopicSchema = 'CloudEventSchemaV1_0' | 'EventGridSchema';

/** An event that the topic took. */
export interface TopicEvent {
  /** When it was taken, RFC 3339. */
  readonly time: string;
  readonly principal: Principal;
  /** As it was sent. */
  readonly event: JsonObject;
}

/** An Event Grid custom topic: what was sent to it, which goes nowhere from here. */
export class EventTopic {
  /** What its publishers must send. */
  schema: TopicSchema = 'CloudEventSchemaV1_0';
  #taken: readonly TopicEvent[] = [];

  constructor(
    /** The ARM id: who sends needs `Microsoft.EventGrid/events/send/action` on it. */
    readonly id: string,
  ) {}

  /** In the order in which they came. */
  get events(): readonly TopicEvent[] {
    return this.#taken;
  }

  take(events: readonly TopicEvent[]): void {
    this.#taken = [...this.#taken, ...events];
  }

  /** Forgets what came; the schema stays. */
  clear(): void {
    this.#taken = [];
  }
}
