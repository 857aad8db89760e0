import type { Clock } from '../clock.js';
import { DeadLetterBox, type DeadLetterDestination, type StoreDeadLetter } from './dead-letter-box.js';
import { validateEndpoint } from './event-handshake.js';
import type { Journal, JournalledDelivery } from '../journal.js';
import type { Random } from '../random.js';
import {
  asCloudEvent,
  asEventGridEvent,
  resourceEvent,
  type Happening,
  type ResourceEvent,
} from './resource-event.js';
import type { SwitchBoard } from '../switches.js';
import { passes, type AdvancedFilter } from './advanced-filter.js';
import { type CallWebhook, type WebhookRequest } from './webhook.js';

export interface EventSubscription {
  readonly name?: string;
  readonly endpoint: string;
  readonly schema?: 'EventGridSchema' | 'CloudEventSchemaV1_0';
  /** Only the events of this Azure subscription. */
  readonly subscriptionId?: string;
  readonly includedEventTypes?: readonly string[];
  readonly subjectBeginsWith?: string;
  /** As an advanced filter on `data.operationName` (StringIn, which does not look at case). */
  readonly operationNames?: readonly string[];
  readonly advancedFilters?: readonly AdvancedFilter[];
  /** Sent with every delivery, as delivery properties are. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Where to keep what cannot be delivered; without it, that is dropped. */
  readonly deadLetters?: DeadLetterDestination;
}

export interface EventGridOptions {
  /** What a second of the retry schedule takes; 0.001 makes it a millisecond. */
  readonly timeScale: number;
  readonly responseTimeoutMs: number;
  readonly maxAttempts: number;
  readonly call: CallWebhook;
  readonly storeDeadLetter: StoreDeadLetter;
}

/** To a function of an app: it needs no handshake, and where the app answers may change or not be known yet. */
export type FunctionSubscription = Omit<EventSubscription, 'endpoint'> &
  Required<Pick<EventSubscription, 'name' | 'schema'>> & { readonly endpoint: () => string | null };

type Named =
  (EventSubscription & Required<Pick<EventSubscription, 'name' | 'schema'>>) | FunctionSubscription;

/** https://learn.microsoft.com/azure/event-grid/delivery-and-retry */
const RETRY_SECONDS = [10, 30, 60, 300, 600, 1800, 3600, 10_800, 21_600, 43_200];
const DELIVERED = [200, 201, 202, 203, 204];
const NOT_RETRIED = [400, 401, 413];
const TIME_TO_LIVE_SECONDS = 1440 * 60;

/** Delivers the events of what happens to the subscriptions that want them. */
export class EventGrid {
  readonly #subscriptions = new Map<string, Named>();
  readonly #deadLetters: DeadLetterBox;
  #pending = 0;
  #whenIdle: (() => void)[] = [];

  constructor(
    private readonly parts: {
      readonly tenantId: string;
      readonly audience: () => string;
      readonly clock: Clock;
      readonly random: Random;
      readonly switches: SwitchBoard;
      readonly journal: Journal;
      readonly closing: AbortSignal;
      readonly options: EventGridOptions;
    },
  ) {
    this.#deadLetters = new DeadLetterBox(parts);
  }

  get subscriptions(): readonly Named[] {
    return [...this.#subscriptions.values()];
  }

  /** How many deliveries are under way or wait for their turn. */
  get pending(): number {
    return this.#pending;
  }

  /** Does the handshake and subscribes; rejects where the endpoint does not accept. Gives the name. */
  async subscribe(subscription: EventSubscription): Promise<string> {
    const { clock, random, options } = this.parts;
    const name = subscription.name ?? `subscription-${this.#subscriptions.size + 1}`;
    const schema = subscription.schema ?? 'EventGridSchema';
    await validateEndpoint(
      {
        endpoint: subscription.endpoint,
        schema,
        name,
        topic: `/subscriptions/${subscription.subscriptionId ?? ''}`,
        validationCode: random.guid().toUpperCase(),
        eventId: random.guid(),
        time: new Date(clock.now()).toISOString(),
        headers: subscription.headers ?? {},
        timeoutMs: options.responseTimeoutMs,
      },
      options.call,
    );
    this.#subscriptions.set(name, { ...subscription, name, schema });
    return name;
  }

  /** By the id of the event subscription's resource; one that is there already is replaced. */
  subscribeFunction(id: string, subscription: FunctionSubscription): void {
    this.#subscriptions.set(id.toLowerCase(), subscription);
  }

  unsubscribe(name: string): void {
    this.#subscriptions.delete(name);
  }

  /** Of a resource that is gone, and of what was below it. */
  unsubscribeUnder(id: string): void {
    const key = id.toLowerCase();
    for (const known of this.#subscriptions.keys()) {
      if (known === key || known.startsWith(`${key}/`)) this.#subscriptions.delete(known);
    }
  }

  /** Resolves when no delivery is under way or waits to be tried again. */
  async idle(): Promise<void> {
    if (this.#pending === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenIdle.push(resolve);
    });
  }

  raise(happening: Happening): void {
    const { random, switches, tenantId, audience } = this.parts;
    if (this.#subscriptions.size === 0) return;
    const coin = (): boolean => random.next() < 0.5;
    const event = resourceEvent(happening, random.guid(), tenantId, audience(), switches.values, coin);
    for (const subscription of this.#subscriptions.values()) {
      if (!wants(subscription, event, happening)) continue;
      for (let copy = 0; copy <= switches.values.eventDuplicates; copy += 1) this.start(subscription, event);
    }
  }

  private start(subscription: Named, event: ResourceEvent): void {
    this.#pending += 1;
    void this.deliver(subscription, event).finally(() => {
      this.#pending -= 1;
      if (this.#pending > 0) return;
      const waiting = this.#whenIdle;
      this.#whenIdle = [];
      for (const resolve of waiting) resolve();
    });
  }

  private async deliver(subscription: Named, event: ResourceEvent): Promise<void> {
    const { clock, random, switches, options, closing } = this.parts;
    const { eventDelayMinMs: min, eventDelayMaxMs: max, eventLoss } = switches.values;
    const isLost = eventLoss > 0 && random.next() < eventLoss;
    await clock.sleep(max > min ? random.between(min, max) : min, closing);
    if (isLost) {
      this.record(subscription, event, 1, null, 'lost');
      return;
    }
    const deadline = clock.now() + TIME_TO_LIVE_SECONDS * 1000 * options.timeScale;
    for (let attempt = 1; !closing.aborted; attempt += 1) {
      const status = await this.attempt(subscription, event, attempt);
      if (status !== null && DELIVERED.includes(status)) {
        this.record(subscription, event, attempt, status, 'delivered');
        return;
      }
      const wait = (RETRY_SECONDS[attempt - 1] ?? 43_200) * 1000 * options.timeScale;
      const isOver =
        (status !== null && NOT_RETRIED.includes(status)) ||
        attempt >= options.maxAttempts ||
        clock.now() + wait > deadline;
      if (isOver) {
        await this.giveUp(subscription, event, attempt, status);
        return;
      }
      this.record(subscription, event, attempt, status, 'retrying');
      await clock.sleep(wait, closing);
    }
  }

  private async giveUp(
    subscription: Named,
    event: ResourceEvent,
    attempts: number,
    status: number | null,
  ): Promise<void> {
    const isKept = await this.#deadLetters.put(subscription, { event, attempts, status });
    this.record(subscription, event, attempts, status, isKept ? 'dead-lettered' : 'dropped');
  }

  private async attempt(subscription: Named, event: ResourceEvent, attempt: number): Promise<number | null> {
    const { options } = this.parts;
    const { endpoint } = subscription;
    const url = typeof endpoint === 'string' ? endpoint : endpoint();
    if (url === null) return null;
    try {
      const answer = await options.call(
        deliveryOf(subscription, url, event, attempt, options.responseTimeoutMs),
      );
      return answer.status;
    } catch {
      return null;
    }
  }

  private record(
    subscription: Named,
    event: ResourceEvent,
    attempt: number,
    status: number | null,
    outcome: JournalledDelivery['outcome'],
  ): void {
    this.parts.journal.addDelivery({
      time: new Date(this.parts.clock.now()).toISOString(),
      subscription: subscription.name,
      eventId: event.id,
      operation: event.operation,
      resourceUri: event.subject,
      attempt,
      status,
      outcome,
    });
  }
}

/** An array of one in Event Grid's own schema, a single object in CloudEvents, as the default delivery has it. */
function deliveryOf(
  subscription: Named,
  url: string,
  event: ResourceEvent,
  attempt: number,
  timeoutMs: number,
): WebhookRequest {
  const isCloudEvent = subscription.schema === 'CloudEventSchemaV1_0';
  return {
    method: 'POST',
    url,
    headers: {
      'content-type': isCloudEvent
        ? 'application/cloudevents+json; charset=utf-8'
        : 'application/json; charset=utf-8',
      'aeg-event-type': 'Notification',
      'aeg-subscription-name': subscription.name.toUpperCase(),
      'aeg-delivery-count': String(attempt - 1),
      'aeg-data-version': '2',
      'aeg-metadata-version': '1',
      ...subscription.headers,
    },
    body: JSON.stringify(isCloudEvent ? asCloudEvent(event) : [asEventGridEvent(event)]),
    timeoutMs,
  };
}

function wants(subscription: Named, event: ResourceEvent, happening: Happening): boolean {
  const {
    subscriptionId,
    includedEventTypes,
    subjectBeginsWith,
    operationNames,
    advancedFilters = [],
  } = subscription;
  const isIn = (list: readonly string[] | undefined, value: string): boolean =>
    list?.some((wanted) => wanted.toLowerCase() === value.toLowerCase()) ?? true;
  return (
    isIn(subscriptionId === undefined ? undefined : [subscriptionId], happening.subscriptionId) &&
    isIn(includedEventTypes, event.type) &&
    isIn(operationNames, happening.operation) &&
    event.subject.toLowerCase().startsWith((subjectBeginsWith ?? '').toLowerCase()) &&
    advancedFilters.every((filter) => passes(filter, asEventGridEvent(event)))
  );
}
