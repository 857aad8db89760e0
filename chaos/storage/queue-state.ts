import { storageFailure } from './storage-failure.js';

export interface QueuedMessage {
  readonly id: string;
  readonly text: string;
  readonly insertedAt: number;
  readonly visibleAt: number;
  readonly dequeueCount: number;
  /** Changes whenever it is taken: only who took it last can delete it. */
  readonly receipt: string;
}

/** The longest that a message can stay invisible, in seconds. */
const LONGEST_TIMEOUT = 7 * 24 * 60 * 60;

/** One queue, with what Storage promises of it: at least once, and in no order that anybody could rely on. */
export class QueueState {
  #exists = false;
  #messages: QueuedMessage[] = [];
  #count = 0;

  constructor(private readonly now: () => number) {}

  createIfNotExists(): boolean {
    const isNew = !this.#exists;
    this.#exists = true;
    return isNew;
  }

  get exists(): boolean {
    return this.#exists;
  }

  send(text: string, visibilitySeconds: number): QueuedMessage {
    this.demandExists();
    if (visibilitySeconds < 0 || visibilitySeconds > LONGEST_TIMEOUT) {
      throw storageFailure('queue', 400, 'OutOfRangeQueryParameterValue');
    }
    this.#count += 1;
    const message = {
      id: `message-${this.#count}`,
      text,
      insertedAt: this.now(),
      visibleAt: this.now() + visibilitySeconds * 1000,
      dequeueCount: 0,
      receipt: `receipt-${this.#count}`,
    };
    this.#messages.push(message);
    return message;
  }

  receive(most: number, visibilitySeconds: number): readonly QueuedMessage[] {
    this.demandExists();
    const now = this.now();
    const taken: QueuedMessage[] = [];
    this.#messages = this.#messages.map((message) => {
      if (taken.length === most || message.visibleAt > now) return message;
      this.#count += 1;
      const next = {
        ...message,
        visibleAt: now + visibilitySeconds * 1000,
        dequeueCount: message.dequeueCount + 1,
        receipt: `receipt-${this.#count}`,
      };
      taken.push(next);
      return next;
    });
    return taken;
  }

  /** Has it come again later, for who took it last. */
  hide({ id, receipt }: QueuedMessage, visibilitySeconds: number): void {
    this.demandTaken(id, receipt);
    const visibleAt = this.now() + visibilitySeconds * 1000;
    this.#messages = this.#messages.map((one) => (one.id === id ? { ...one, visibleAt } : one));
  }

  delete({ id, receipt }: QueuedMessage): void {
    this.demandTaken(id, receipt);
    this.#messages = this.#messages.filter((one) => one.id !== id);
  }

  /** When the next message can be taken; null where there is none. */
  nextAt(): number | null {
    return this.#messages.length === 0 ? null : Math.min(...this.#messages.map(({ visibleAt }) => visibleAt));
  }

  all(): readonly QueuedMessage[] {
    return this.#messages;
  }

  private demandTaken(id: string, receipt: string): void {
    const message = this.#messages.find((one) => one.id === id);
    if (message === undefined) throw storageFailure('queue', 404, 'MessageNotFound');
    if (message.receipt !== receipt) throw storageFailure('queue', 400, 'PopReceiptMismatch');
  }

  private demandExists(): void {
    if (!this.#exists) throw storageFailure('queue', 404, 'QueueNotFound');
  }
}
