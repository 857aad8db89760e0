import type { Actor, AuditRecord } from '../../types/record.js';
import { editKey, isOver, withApplied } from './contested.js';
import type { EngineDeps } from '../engine-deps.js';
import type { PausedEdits } from './hold-contested.js';
import type { EditHistory, ResourceMemory } from '../ports/memory.js';

/** A vault holds 1000 IP rules and some hundreds of others: more edits than that are in no one write. */
const MOST_ENTRIES = 1500;

type Cause = Pick<AuditRecord, 'trigger' | 'actor'>;

export interface RecordedPause extends PausedEdits {
  readonly recordId: string;
}

/** What happened to edits in one look. */
export interface EditNews {
  /** Whatever their outcome: only what was applied counts. */
  readonly records: readonly AuditRecord[];
  readonly paused: readonly RecordedPause[];
  /** What led here: only an event says whose write there was before. */
  readonly cause: Cause;
}

/** The memory with what happened to edits; the same object where nothing did. */
export async function noteHistory(
  deps: Pick<EngineDeps, 'ownIdentity' | 'now'>,
  memory: ResourceMemory,
  news: EditNews,
): Promise<ResourceMemory> {
  const known = new Map(memory.editHistory.map((entry) => [entry.edit, entry]));
  const applied = new Set(
    news.records
      .filter(({ outcome }) => outcome === 'applied')
      .flatMap(({ remediator, edits }) => edits.map((edit) => editKey(remediator, edit))),
  );
  const begun = news.paused.flatMap(({ contested, pause, recordId }) =>
    contested.map((key) => [key, { ...pause, recordId }] as const),
  );
  if (applied.size === 0 && begun.length === 0) return memory;
  const isAgain = [...applied, ...begun.map(([key]) => key)].some((key) => known.has(key));
  const reverter = isAgain ? await reverterOf(deps, news.cause) : null;
  const now = deps.now();
  for (const key of applied) {
    const entry = known.get(key);
    const before = entry ?? { edit: key, appliedAt: [], revertedBy: null, pause: null };
    known.set(key, {
      ...withApplied(before, now),
      revertedBy: entry === undefined ? null : (reverter ?? entry.revertedBy),
    });
  }
  for (const [key, pause] of begun) {
    const entry = known.get(key);
    if (entry === undefined) continue;
    // It is held with another, whose pause is longer: it has been in as many as before.
    const count = Math.max(pause.count, entry.pause?.count ?? 0);
    known.set(key, { ...entry, pause: { ...pause, count }, revertedBy: reverter ?? entry.revertedBy });
  }
  return { ...memory, editHistory: mostOf([...known.values()].filter((entry) => !isOver(entry, now))) };
}

/** Who reverted, by who is said to have caused a look: Holdfast's own write may be heard of after that. */
export async function reverterOf(
  deps: Pick<EngineDeps, 'ownIdentity'>,
  { trigger, actor }: Cause,
): Promise<Actor | null> {
  if (trigger !== 'event') return null;
  if (actor?.id === undefined || actor.id === null) return actor;
  const own = await deps.ownIdentity().catch(() => new Set<string>());
  return own.has(actor.id.toLowerCase()) ? null : actor;
}

/** What is paused stays, and of the rest the latest. */
function mostOf(entries: readonly EditHistory[]): readonly EditHistory[] {
  if (entries.length <= MOST_ENTRIES) return entries;
  const rank = ({ pause, appliedAt }: EditHistory): string =>
    `${pause === null ? 0 : 1} ${appliedAt.at(-1) ?? ''}`;
  return entries.toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1)).slice(0, MOST_ENTRIES);
}
