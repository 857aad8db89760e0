import type { MaxChanges } from '../../src/types/max-changes.js';
import { settingsAt, type Evidence } from '../evidence/evidence.js';
import { ownWrites, type OwnWrite } from '../evidence/own-writes.js';
import type { Invariant, Violation } from './invariant.js';
import { isUnconfirmed } from './recorded-once.js';

/** An hour, less what the clocks of two instances may differ by here. */
const HOUR_MS = 57 * 60_000;

/**
 * (9) By itself Holdfast changes no more than `HOLDFAST_MAX_CHANGES`: in one sweep, and within any hour of events. One
 * look is one change, however many parts it writes; what somebody asked for by name or approved does not count.
 */
export const withinLimit: Invariant = (world) => {
  const looks = looksOf(world);
  const sweeps = Map.groupBy(
    looks.filter(({ trigger }) => trigger === 'sweep'),
    ({ correlationId }) => correlationId,
  );
  return [
    ...[...sweeps.values()].flatMap((all) => tooMany(world, all, 'one sweep')),
    ...hoursOf(looks.filter(({ trigger }) => trigger === 'event')).flatMap((all) =>
      tooMany(world, all, 'an hour of events'),
    ),
  ];
};

interface CountedLook {
  readonly at: number;
  readonly trigger: string;
  readonly correlationId: string;
  readonly resourceId: string;
}

/** The looks that changed something, by what caused them; each once, when it first did. */
function looksOf(world: Evidence): readonly CountedLook[] {
  const looks = ownWrites(world).flatMap((write) => lookOf(write) ?? []);
  const byLook = Map.groupBy(looks, ({ correlationId, resourceId }) => `${correlationId} ${resourceId}`);
  return [...byLook.values()].flatMap(([first]) => first ?? []).sort((a, b) => a.at - b.at);
}

function lookOf({ records, differences, change, exchange }: OwnWrite): CountedLook | null {
  const record = records.find((one) => one.outcome === 'applied' || isUnconfirmed(one));
  if (record === undefined || differences.length === 0) return null;
  const { trigger, correlationId, resourceId } = record;
  return { at: exchange?.sentAt ?? Date.parse(change.time), trigger, correlationId, resourceId };
}

/** What lies within an hour of each. */
function hoursOf(looks: readonly CountedLook[]): readonly (readonly CountedLook[])[] {
  return looks.map((first, i) => looks.slice(i).filter(({ at }) => at - first.at < HOUR_MS));
}

function tooMany(world: Evidence, looks: readonly CountedLook[], when: string): readonly Violation[] {
  const last = looks.at(-1);
  if (last === undefined) return [];
  const limit = limitOf(world, settingsAt(world, last.at).maxChanges);
  if (looks.length <= limit) return [];
  const what = `${looks.length} changes were made in ${when}, and ${limit} are the most`;
  return [{ invariant: 'within-limit', at: last.at, what, about: last.resourceId }];
}

/** Of a share, as many as it can be at the most: of all the resources that there ever were. */
function limitOf({ azure }: Evidence, max: MaxChanges): number {
  if (max.kind === 'count') return max.count;
  const ids = new Set(azure.journal.changes().map(({ resourceId }) => resourceId.toLowerCase()));
  return max.percent === 0 ? 0 : Math.max(1, Math.floor((ids.size * max.percent) / 100));
}
