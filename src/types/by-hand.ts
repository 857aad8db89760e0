import type { AuditRecord } from './record.js';

/*
 * What a person has made on the command line in place of a repair, such as taking one back. It is recorded under the
 * remediator that it concerns, with the outcome of any write; the reason of its edits tells it from a repair.
 */

/** Why the edit of an undo is made. */
export function takingBackReason(recordId: string): string {
  return `takes back the change of record ${recordId}`;
}

/** Why an address is let in for a while; `until` is RFC 3339, `by` null where nobody knows who. */
export function lettingInReason(until: string, by: string | null): string {
  return `let in until ${until}${by === null ? '' : ` by ${by}`}`;
}

const REASON = /^(?:takes back the change of record |let in until )/;

/** Whether a record is of such a change: it is no repair, and may well have opened something. */
export function isByHand({ trigger, edits }: Pick<AuditRecord, 'trigger' | 'edits'>): boolean {
  return trigger === 'cli' && edits.length > 0 && edits.every(({ reason }) => REASON.test(reason));
}

/**
 * What the actor of a record did: an event names who had written, an approval who let a plan be written, the command line
 * who ran it. Whoever asks for a look otherwise is not named; of what is contested, whoever takes it back is, whoever asked.
 */
export function actorDid({
  trigger,
  outcome,
}: Pick<AuditRecord, 'trigger' | 'outcome'>): 'wrote' | 'approved' | 'ran' {
  if (outcome === 'contested') return 'wrote';
  if (trigger === 'cli') return 'ran';
  return trigger === 'http' ? 'approved' : 'wrote';
}
