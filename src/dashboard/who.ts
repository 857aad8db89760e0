import type { AuditRecord } from './answers.js';

/**
 * What the actor of a record did: an event names who had written, an approval who let a plan be written. Whoever asks for
 * a look otherwise is not named; of what is contested, whoever takes it back is, whoever asked.
 */
export function actorDid({
  trigger,
  outcome,
}: Pick<AuditRecord, 'trigger' | 'outcome'>): 'wrote' | 'approved' {
  return trigger === 'http' && outcome !== 'contested' ? 'approved' : 'wrote';
}

/** Who is behind a record, by name where one is known; else what has had Holdfast look. */
export function byWhom({ actor, trigger }: Pick<AuditRecord, 'actor' | 'trigger'>): string {
  return actor?.name ?? actor?.id ?? trigger;
}
