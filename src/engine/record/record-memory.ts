import type { AuditRecord } from '../../types/record.js';
import type { Draft } from './draft-records.js';
import type { ResourceMemory } from '../ports/memory.js';
import { digestOf } from './record-digest.js';

/*
 * What a resource's memory holds of its records: `{remediator}:{outcome}:{digest}` → the id of the record that says
 * so, `{remediator}:blocked:{digest of the edits}` → the record of a change that Azure would not take, as JSON.
 */

type Recorded = ResourceMemory['recorded'];

/** A draft that stands in the audit log already, and where. */
export interface KnownDraft {
  readonly draft: Draft;
  readonly recordId: string;
}

const keyOf = (draft: Draft): string =>
  `${draft.remediator}:${draft.outcome}:${digestOf([draft.edits, draft.error, draft.mode, draft.warnings])}`;

/** Parts the drafts into those that have not been recorded in the same words, and those that have. */
export function splitDrafts(
  drafts: readonly Draft[],
  recorded: Recorded,
): { readonly fresh: readonly Draft[]; readonly known: readonly KnownDraft[] } {
  const known = drafts.flatMap((draft) => {
    // A pause is recorded once, whatever else is said meanwhile.
    const recordId = draft.paused === undefined ? recorded[keyOf(draft)] : draft.paused.pause.recordId;
    return recordId === undefined || recordId === null ? [] : [{ draft, recordId }];
  });
  const isKnown = new Set(known.map(({ draft }) => draft));
  return { fresh: drafts.filter((draft) => !isKnown.has(draft)), known };
}

/**
 * What to remember after the drafts were recorded. What is not drafted any more is forgotten, so that its return is
 * recorded again; only the remediators that were asked are touched. A pause is remembered in the history of its edits.
 */
export function rememberDrafts(
  recorded: Recorded,
  asked: ReadonlySet<string>,
  fresh: readonly AuditRecord[],
  known: readonly KnownDraft[],
): Recorded {
  const untouched = Object.entries(recorded).filter(([key]) => !asked.has(key.slice(0, key.indexOf(':'))));
  return Object.fromEntries([
    ...untouched,
    ...fresh.flatMap((record) =>
      record.outcome === 'contested' ? [] : [[keyOf(record as Draft), record.id] as const],
    ),
    ...known.flatMap(({ draft, recordId }) =>
      draft.outcome === 'contested' ? [] : [[keyOf(draft), recordId] as const],
    ),
  ]);
}

/**
 * What Azure would not take last time: the same drift refused again goes over the same record, so that a locked
 * vault gives one record and not one at every sweep.
 */
interface Blocked {
  readonly digest: string;
  /** All of the record but its edits, which are those that it is found by. */
  readonly refusal: Omit<AuditRecord, 'edits'>;
}

const blockedKey = ({ remediator, edits }: Pick<AuditRecord, 'remediator' | 'edits'>): string =>
  `${remediator}:blocked:${digestOf(edits)}`;

/** Remembers that Azure would not take these. */
export function rememberBlocked(recorded: Recorded, refused: readonly AuditRecord[]): Recorded {
  const entries = refused.map((record) => {
    const { edits, ...refusal } = record;
    const blocked: Blocked = { digest: digestOf(edits), refusal };
    return [blockedKey(record), JSON.stringify(blocked)] as const;
  });
  return { ...recorded, ...Object.fromEntries(entries) };
}

/** The record of the same change, where Azure would not take it before. */
export function blockedBefore(
  recorded: Recorded,
  change: Pick<AuditRecord, 'remediator' | 'edits'>,
): AuditRecord | null {
  const stored = recorded[blockedKey(change)];
  if (stored === undefined) return null;
  const { digest, refusal } = JSON.parse(stored) as Blocked;
  return digest === digestOf(change.edits) ? { ...refusal, edits: change.edits } : null;
}

/** What is remembered of changes that Azure would not take. */
export function blockedIn(recorded: Recorded): Recorded {
  return Object.fromEntries(Object.entries(recorded).filter(([key]) => key.includes(':blocked:')));
}

const OPEN = 'open:';
/** Stands after the time where Azure has answered that it took the write. */
const TAKEN = ' taken';

/** Remembers that a write of this resource is open: its outcome is to be found out before anything else. */
export function rememberOpen(
  recorded: Recorded,
  writeId: string,
  { at, isTaken }: { readonly at: Date; readonly isTaken: boolean },
): Recorded {
  return { ...recorded, [OPEN + writeId]: `${at.toISOString()}${isTaken ? TAKEN : ''}` };
}

/** The ids of the writes that were left open. */
export function openWriteIds(recorded: Recorded): readonly string[] {
  return Object.keys(recorded).flatMap((key) => (key.startsWith(OPEN) ? [key.slice(OPEN.length)] : []));
}

/** When a write was left open, in milliseconds since 1970; null where that is not known. */
export function openSince(recorded: Recorded, writeId: string): number | null {
  // Earlier, the id stood here once more.
  const since = Date.parse((recorded[OPEN + writeId] ?? '').replace(TAKEN, ''));
  return Number.isNaN(since) ? null : since;
}

/** Whether Azure has answered that it took a write that was left open. */
export function isTakenOpen(recorded: Recorded, writeId: string): boolean {
  return recorded[OPEN + writeId]?.endsWith(TAKEN) === true;
}

/**
 * What is remembered but for the writes that were left open; those of `kept` are so still. What an instance whose clock
 * is ahead has left counts from now: nobody waits for it for longer than for another.
 */
export function withoutOpen(recorded: Recorded, kept: ReadonlySet<string>, now: Date): Recorded {
  const entries = Object.entries(recorded).flatMap(([key, value]): (readonly [string, string])[] => {
    if (!key.startsWith(OPEN)) return [[key, value]];
    if (!kept.has(key.slice(OPEN.length))) return [];
    const since = openSince(recorded, key.slice(OPEN.length));
    const isAhead = since !== null && since > now.getTime();
    return [[key, isAhead ? `${now.toISOString()}${value.endsWith(TAKEN) ? TAKEN : ''}` : value]];
  });
  return Object.fromEntries(entries);
}
