import type { Actor, Trigger } from '../../types/record.js';
import type { RemediatorId } from '../../types/remediator-id.js';

/** A request to sweep one subscription, as a part of a run. */
export interface SweepMessage {
  readonly v: 2;
  readonly kind: 'sweep';
  readonly subscriptionId: string;
  readonly correlationId: string;
  /** When the run began, RFC 3339. */
  readonly startedAt: string;
  /** How often it has gone on without having come any further. */
  readonly attempt: number;
  /** How often in a row it has found somebody else at it; absent for never. */
  readonly waits?: number | undefined;
}

/** A request to look at one resource. It says where to look, not what to do. */
export interface ReconcileMessage {
  readonly v: 1;
  readonly resourceId: string;
  readonly correlationId: string;
  readonly trigger: Trigger;
  readonly actor: Actor | null;
  /** Null means all. */
  readonly remediators: readonly RemediatorId[] | null;
  readonly askedForByName: boolean;
  /** Absent is false. */
  readonly isOfSurroundings?: boolean | undefined;
  /** How often it has been tried and failed in a way that may pass. */
  readonly attempt: number;
  /** How often in a row it was put off for what is no failure of the resource. Absent is never. */
  readonly deferrals?: number | undefined;
  /** The W3C trace context of what queued it; absent where nobody traces. */
  readonly traceParent?: string | undefined;
}

export interface ReconcileQueue {
  send(message: ReconcileMessage | SweepMessage, delayMs: number): Promise<void>;
  /** Puts a message where the Functions host puts those it gave up on, and says why it was given up. */
  poison(message: ReconcileMessage, why: string): Promise<void>;
}
