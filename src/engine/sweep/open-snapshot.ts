import { tryParseResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';
import { hashOfKey } from '../hashed-key.js';
import type { Stored } from '../ports/stored.js';
import { emptySnapshot, readSnapshot, type EntryAt, type SweepSnapshot } from './sweep-snapshot.js';

export interface OpenSnapshot {
  readonly snapshot: SweepSnapshot;
  /** By which it is replaced; null where there is none. */
  readonly etag: string | null;
  /** Whether it may be replaced: not where a newer version wrote it. */
  readonly isKept: boolean;
  /** Whether nothing is known of what earlier sweeps saw. */
  readonly isNew: boolean;
}

/** What is known of a subscription's resources; what cannot be read is not trusted, and is as if there was nothing. */
export function openSnapshot(stored: Stored<Buffer> | null, lastRun: number): OpenSnapshot {
  const read = stored === null ? 'damaged' : readSnapshot(stored.value);
  const etag = stored?.etag ?? null;
  if (typeof read === 'object') return { snapshot: read, etag, isKept: true, isNew: false };
  return { snapshot: emptySnapshot(lastRun), etag, isKept: read !== 'newer', isNew: true };
}

/** Enters into a new snapshot whatever something is known of, so that what is gone is found to be gone. */
export async function enterKnown(
  { standings, readers }: Pick<EngineDeps, 'standings' | 'readers'>,
  subscriptionId: string,
  snapshot: SweepSnapshot,
): Promise<void> {
  const enter = (text: string): EntryAt | null => {
    const id = tryParseResourceId(text);
    return id?.subscriptionId === subscriptionId ? snapshot.entry(hashOfKey(id.key), id.kind) : null;
  };
  for await (const { resourceId, findings } of standings.each()) {
    const at = enter(resourceId);
    const isOpen = at !== null && snapshot.kindOf(at) === 'connection' && findings.length > 0;
    if (isOpen) snapshot.mark(at, 'toMove', true);
  }
  for await (const text of readers.knownIds()) enter(text);
}

/** Old enough that whoever made a mark has written what it stands for. */
const YOUNG_MS = 10 * 60_000;

/** Makes what was looked at since the last sweep due, whether or not it looks as it did. */
export async function enterTouched(
  { touched, now }: Pick<EngineDeps, 'touched' | 'now'>,
  subscriptionId: string,
  snapshot: SweepSnapshot,
): Promise<void> {
  for await (const { id, at: markedAt } of touched.of(subscriptionId)) {
    const at = snapshot.entry(hashOfKey(id.key), id.kind);
    snapshot.unsettle(at);
    if (id.kind === 'connection') snapshot.mark(at, 'toMove', true);
    if (isYoung(markedAt, now())) snapshot.mark(at, 'young', true);
  }
}

/** Clears the marks that a stored snapshot stands for; those made or renewed since `enteredAt` stay. */
export async function clearTouched(
  { touched }: Pick<EngineDeps, 'touched'>,
  subscriptionId: string,
  enteredAt: Date,
): Promise<void> {
  for await (const one of touched.of(subscriptionId)) {
    if (!isYoung(one.at, enteredAt)) await touched.clear(one);
  }
}

function isYoung(markedAt: Date, now: Date): boolean {
  return now.getTime() - markedAt.getTime() < YOUNG_MS;
}
