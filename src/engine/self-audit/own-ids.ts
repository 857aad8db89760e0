import type { EngineDeps } from '../engine-deps.js';
import type { OwnIds, TimeRange } from './ports.js';

const DAY_MS = 86_400_000;
/** Comparisons come once an hour: often enough for each of them. */
const NOTED_EVERY_MS = 30 * 60_000;

/** The identity is told by its token: without one, every write would be somebody else's. */
export class NobodyError extends Error {
  override readonly name = 'NobodyError';
}

/**
 * The ids that Holdfast has and had, which are noted: an app that is given another identity is to be compared by the one
 * that it wrote with. Throws {@link NobodyError}.
 */
export async function knownOwnIds({
  ownIdentity,
  selfAudits,
  now,
}: Pick<EngineDeps, 'ownIdentity' | 'selfAudits' | 'now'>): Promise<OwnIds> {
  const own = await ownIdentity();
  if (own.size === 0) {
    throw new NobodyError("Holdfast's access token does not say whose it is, so its writes cannot be told.");
  }
  const at = now();
  const known = await selfAudits.ownIds();
  for (const id of own) {
    const noted = known.get(id)?.getTime() ?? 0;
    if (Math.abs(at.getTime() - noted) > NOTED_EVERY_MS) await selfAudits.noteOwnId(id, at);
  }
  return new Map([...known, ...[...own].map((id) => [id, at] as const)]);
}

/**
 * Those that count for a stretch of time. One that has been Holdfast's counts for a day longer: nobody knows when between
 * two comparisons another took its place, and what is done with it afterwards is worth an alarm.
 */
export function ownIdsIn(ids: OwnIds, { from }: TimeRange): ReadonlySet<string> {
  return new Set([...ids].filter(([, last]) => from.getTime() <= last.getTime() + DAY_MS).map(([id]) => id));
}
