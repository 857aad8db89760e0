import type { AuditRecord } from '../../types/record.js';
import type { Draft } from '../record/draft-records.js';
import type { ResourceMemory } from '../ports/memory.js';
import { lostIn, rememberLost, withoutLost } from './lost-memory.js';
import { isVersionEdit } from './version-edit.js';

type Recorded = ResourceMemory['recorded'];
type Outcome = Pick<AuditRecord, 'edits' | 'outcome'>;

/** How often Azure may reject it, within a quarter of an hour; until it is given up nothing else is written. */
const MAX_TRIES = 5;
/** The first wait, in milliseconds; each is twice the one before. */
const FIRST_WAIT_MS = 60_000;

/**
 * What is remembered of a save that was gone over, after a look that was to take it up. It is over where it was taken up,
 * where a remediator would not have it, and where Azure has rejected it several times. Over the limit of changes or
 * behind a lock it stays; and where Azure has just rejected it, it is to be tried again, after `tryAgainMs`.
 */
export function afterTakingUp(
  recorded: Recorded,
  closed: readonly Outcome[],
  others: readonly Pick<Draft, 'edits'>[],
): { readonly recorded: Recorded; readonly tryAgainMs: number | null } {
  const over = { recorded: withoutLost(recorded), tryAgainMs: null };
  const isOfSave = ({ edits }: Pick<Draft, 'edits'>): boolean => edits.some(isVersionEdit);
  const tried = closed.filter(isOfSave);
  const save = lostIn(recorded);
  if (others.some(isOfSave) || tried.some(({ outcome }) => outcome === 'applied')) return over;
  if (save === null || !tried.some(({ outcome }) => outcome === 'failed'))
    return { recorded, tryAgainMs: null };
  const tries = (save.tries ?? 0) + 1;
  if (tries >= MAX_TRIES) return over;
  const tryAgainMs = FIRST_WAIT_MS * 2 ** (tries - 1);
  return { recorded: rememberLost(recorded, { ...save, tries }), tryAgainMs };
}
