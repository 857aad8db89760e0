import { STATUS_CODES } from 'node:http';
import type { Clock } from '../clock.js';
import type { Random } from '../random.js';
import { asCloudEvent, asEventGridEvent, type ResourceEvent } from './resource-event.js';

/** A container that is there already, and the right to write to it. */
export interface DeadLetterDestination {
  readonly connectionString: string;
  readonly container: string;
}

/** Writes one blob; rejects where that does not succeed. */
export type StoreDeadLetter = (
  destination: DeadLetterDestination,
  name: string,
  text: string,
) => Promise<void>;

export interface Undeliverable {
  readonly event: ResourceEvent;
  readonly attempts: number;
  /** Of the last attempt; null where no answer came. */
  readonly status: number | null;
}

interface Subscription {
  readonly name: string;
  readonly schema: 'EventGridSchema' | 'CloudEventSchemaV1_0';
  readonly deadLetters?: DeadLetterDestination;
}

/** https://learn.microsoft.com/azure/event-grid/delivery-and-retry#dead-letter-events */
const DELAY_SECONDS = 5 * 60;
const KEEPS_TRYING_SECONDS = 4 * 60 * 60;

/**
 * Keeps what cannot be delivered, as blobs: what comes together within five minutes, in one. Where the container takes
 * nothing for four hours, it is dropped.
 */
export class DeadLetterBox {
  /** By subscription: what is still being collected, and whether it will have been kept. */
  readonly #open = new Map<string, { readonly letters: unknown[]; readonly isKept: Promise<boolean> }>();

  constructor(
    private readonly parts: {
      readonly clock: Clock;
      readonly random: Random;
      readonly closing: AbortSignal;
      readonly options: { readonly timeScale: number; readonly storeDeadLetter: StoreDeadLetter };
    },
  ) {}

  /** Resolves, when the blob is written or dropped, with which of the two it was. */
  put(subscription: Subscription, undeliverable: Undeliverable): Promise<boolean> {
    const { deadLetters, name, schema } = subscription;
    if (deadLetters === undefined) return Promise.resolve(false);
    const triedAt = new Date(this.parts.clock.now()).toISOString();
    const letter =
      schema === 'CloudEventSchemaV1_0' ? asCloud(undeliverable) : asGrid(undeliverable, triedAt);
    const open = this.#open.get(name);
    if (open !== undefined) {
      open.letters.push(letter);
      return open.isKept;
    }
    const letters = [letter];
    const isKept = this.collect(name, deadLetters, letters);
    this.#open.set(name, { letters, isKept });
    return isKept;
  }

  private async collect(
    name: string,
    destination: DeadLetterDestination,
    letters: readonly unknown[],
  ): Promise<boolean> {
    const { clock, random, options, closing } = this.parts;
    const scaled = (seconds: number): number => seconds * 1000 * options.timeScale;
    const deadline = clock.now() + scaled(DELAY_SECONDS + KEEPS_TRYING_SECONDS);
    await clock.sleep(scaled(DELAY_SECONDS), closing);
    this.#open.delete(name);
    const blob = blobName(name, new Date(clock.now()), random.guid());
    while (!closing.aborted) {
      try {
        await options.storeDeadLetter(destination, blob, JSON.stringify(letters));
        return true;
      } catch {
        if (clock.now() >= deadline) return false;
        await clock.sleep(scaled(DELAY_SECONDS), closing);
      }
    }
    return false;
  }
}

/** The subscription's name in capitals, then date and hour without zeros before them (manage-event-delivery, there). */
function blobName(subscription: string, now: Date, guid: string): string {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth() + 1, now.getUTCDate()];
  return `${subscription.toUpperCase()}/${year}/${month}/${day}/${now.getUTCHours()}/${guid}.json`;
}

/** The one reason that the documentation shows; what others there are it does not say. */
const REASON = 'MaxDeliveryAttemptsExceeded';

function asGrid({ event, attempts, status }: Undeliverable, lastDeliveryAttemptTime: string): unknown {
  return {
    ...(asEventGridEvent(event) as object),
    deadLetterReason: REASON,
    deliveryAttempts: attempts,
    lastDeliveryOutcome: outcomeOf(status),
    publishTime: event.time,
    lastDeliveryAttemptTime,
  };
}

/** In lower case, as extension attributes of CloudEvents are. */
function asCloud({ event, attempts, status }: Undeliverable): unknown {
  return {
    ...(asCloudEvent(event) as object),
    deadletterreason: REASON,
    deliveryattempts: attempts,
    lastdeliveryoutcome: outcomeOf(status),
    publishtime: event.time,
  };
}

/** `NotFound` and the like. */
function outcomeOf(status: number | null): string {
  return status === null ? 'TimedOut' : (STATUS_CODES[status] ?? 'GenericError').replaceAll(' ', '');
}
