import type { AuditRecord } from '../types/record.js';
import type { TargetName } from './target.js';

/** Put in by who does not know the targets, such as the command line; the app shares it out among them. */
export const ALL_TARGETS = 'all-targets';
export type Addressee = TargetName | typeof ALL_TARGETS;

/** That a state of a record is still to be delivered to a target. There is one at most for a record and a target. */
export interface OutboxEntry {
  readonly target: TargetName;
  /** Sorts by the record's time. */
  readonly key: string;
  readonly recordId: string;
  /** Of the state that is to be delivered: `digestOf` the record. */
  readonly digest: string;
  /** When it was put here, by the clock of whoever did. */
  readonly putAt: Date;
  /** Tells the run of the sweep that it came of from any other; null where it came of none. */
  readonly run: string | null;
  /** Tells its resource from any other. */
  readonly resource: string;
  readonly etag: string;
}

/** How a target has fared. */
export interface TargetState {
  /** How often in a row it has failed. */
  readonly failures: number;
  /** When the first of these was; null where it has not failed, or an earlier version has noted it. */
  readonly failingSince: Date | null;
  /** What the last of these said, as it is told in the log; null where it has not failed. */
  readonly lastError: string | null;
  /** It is left alone until then; null where it may be asked. */
  readonly notBefore: Date | null;
  /** For when the last message that goes on with it was sent; null where none was. */
  readonly wakeAt: Date | null;
}

export const NEW_TARGET: TargetState = {
  failures: 0,
  failingSince: null,
  lastError: null,
  notBefore: null,
  wakeAt: null,
};

/** Which state of a record a target was told last. An empty digest: nobody knows. */
export interface Told {
  readonly digest: string;
  readonly etag: string;
}

/** What is still to be delivered, in the storage account. */
export interface Outbox {
  /** To be called before the state itself is written: a crash in between costs one look, and no record. */
  put(targets: readonly Addressee[], records: readonly AuditRecord[]): Promise<void>;
  /** Puts what was put in for all of them in for each. A crash in between puts it in anew. */
  shareOut(targets: readonly TargetName[]): Promise<void>;
  /** The oldest first. */
  oldest(target: TargetName, limit: number): Promise<readonly OutboxEntry[]>;
  /** Takes an entry out, unless it was put anew since. */
  remove(entry: OutboxEntry): Promise<void>;
  /** Puts an entry where nobody tries it again, unless it was put anew since. */
  setAside(entry: OutboxEntry, why: string): Promise<void>;
  /** How many were put there since a time, as far as `limit`. */
  countSetAside(target: TargetName, since: Date, limit: number): Promise<number>;
  told(entry: OutboxEntry): Promise<Told | null>;
  /** The new etag; null where it is not as it was any more (`etag` null: not there), and nothing was written. */
  noteTold(entry: OutboxEntry, digest: string, etag: string | null): Promise<string | null>;
  /** Forgets what was set aside, and what was told, and has not changed since. */
  forgetBefore(time: Date): Promise<void>;
  state(target: TargetName): Promise<TargetState>;
  saveState(target: TargetName, state: TargetState): Promise<void>;
}

/** A request to deliver what waits. It names no record: what is to be done stands in the outbox. */
export interface DeliverMessage {
  readonly v: 1;
  /** Null means all that are configured. */
  readonly target: TargetName | null;
  /** The `wakeAt` that it was sent for, RFC 3339; null where something came in. */
  readonly wakeAt: string | null;
}

export interface DeliveryQueue {
  send(message: DeliverMessage, delayMs: number): Promise<void>;
}
