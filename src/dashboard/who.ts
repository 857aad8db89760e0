import type { AuditRecord } from './answers.js';

/** Who is behind a record, by name where one is known; else what has had Holdfast look. */
export function byWhom({ actor, trigger }: Pick<AuditRecord, 'actor' | 'trigger'>): string {
  return actor?.name ?? actor?.id ?? trigger;
}
