import type { AuditRecord, RecordOutcome } from '../../types/record.js';
import type { EngineDeps } from '../engine-deps.js';
import { undoOf, type Undo } from './undo.js';

export type Undoing =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not-applied'; readonly outcome: RecordOutcome; readonly why: string }
  | { readonly kind: 'undo'; readonly undo: Undo; readonly record: AuditRecord };

/** Only what was seen in Azure can be undone. */
export async function undoRecord(
  { audit, armUrl, now }: Pick<EngineDeps, 'audit' | 'armUrl' | 'now'>,
  recordId: string,
): Promise<Undoing> {
  const record = await audit.find(recordId.toLowerCase());
  if (record === null) return { kind: 'unknown' };
  const { outcome } = record;
  if (outcome !== 'applied') return { kind: 'not-applied', outcome, why: WHY[outcome] };
  return { kind: 'undo', undo: undoOf(record, armUrl, now()), record };
}

const UNWRITTEN = 'Nothing was written, so there is nothing to undo.';
const WHY: Readonly<Record<Exclude<RecordOutcome, 'applied'>, string>> = {
  pending: 'It is not known yet what became of this write; the next sweep finds out.',
  failed:
    'Holdfast has not seen this change in Azure. Compare the resource with the edits of the record; what it shows of them is to be changed by hand.',
  planned: UNWRITTEN,
  refused: UNWRITTEN,
  contested: UNWRITTEN,
  exempt: UNWRITTEN,
};
