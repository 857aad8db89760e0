import type { Edit } from './edit.js';
import type { RemediatorId } from './remediator-id.js';

/** What first caused the look; it travels in queue messages. */
export const TRIGGERS = ['event', 'sweep', 'http', 'cli', 'replay'] as const;
export type Trigger = (typeof TRIGGERS)[number];

export const RECORD_OUTCOMES = [
  'pending',
  'planned',
  'applied',
  'refused',
  'failed',
  'contested',
  'exempt',
] as const;
export type RecordOutcome = (typeof RECORD_OUTCOMES)[number];

/** Who made the write that an event announced; not proof of guilt. A part that the event does not say is null. */
export interface Actor {
  readonly id: string | null;
  readonly name: string | null;
  readonly ip: string | null;
}

/** What is written down of one remediator's part in one write, or of its plan, refusal or exemption. */
export interface AuditRecord {
  readonly id: string;
  /** Shared by the records of one write; also sent to ARM as `x-ms-client-request-id` and `x-ms-correlation-request-id`. */
  readonly writeId: string;
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly correlationId: string;
  readonly trigger: Trigger;
  readonly actor: Actor | null;
  readonly resourceId: string;
  readonly remediator: RemediatorId;
  readonly mode: 'audit' | 'enforce';
  readonly outcome: RecordOutcome;
  readonly edits: readonly Edit[];
  readonly warnings: readonly string[];
  readonly error: string | null;
  /** ARM's `x-ms-request-id` of the write; null before it was answered. */
  readonly armRequestId: string | null;
  /** From the look that led here to the outcome. */
  readonly durationMs: number;
}
