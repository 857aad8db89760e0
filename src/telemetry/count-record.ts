import type { AuditRecord } from '../types/record.js';
import { count } from './instruments.js';

/** Counts what a record tells. Nothing that names a resource or a person: a metric's attributes are few by design. */
export function countRecord({ outcome, remediator, trigger, mode, edits }: AuditRecord): void {
  const of = { 'holdfast.remediator': remediator, 'holdfast.trigger': trigger, 'holdfast.mode': mode };
  if (outcome === 'pending' || outcome === 'exempt') return;
  count('drift', 1, { ...of, 'holdfast.outcome': outcome });
  if (outcome === 'applied') count('fixes', edits.length, of);
  if (outcome === 'failed') count('failures', 1, of);
}
