import { isJsonObject, type JsonObject } from '../../types/json.js';
import type { WorkflowWrite } from './unread-history.js';
import { propertiesOf } from '../../types/observation.js';
import { digestOf, evidenceDigest } from '../record/record-digest.js';

/** A version of a workflow, told by its id and by when ARM says that it was saved. */
export interface VersionMark {
  readonly version: string | null;
  /** RFC 3339. */
  readonly changedTime: string | null;
}

/** A version that somebody saved, and that Holdfast's write went over. */
export interface LostSave {
  readonly version: string;
  readonly changedTime: string;
  /** Somebody only switched the workflow on or off: it is the version that was planned from. */
  readonly isSwitch?: true;
}

export type LostSaveFound =
  | { readonly kind: 'none' }
  /** The history does not show Holdfast's own version yet. */
  | { readonly kind: 'unseen' }
  /** `isCovered`: somebody has saved another version after Holdfast's. */
  | {
      readonly kind: 'lost';
      readonly save: LostSave;
      /** Holdfast's version, and when ARM says that it was written. */
      readonly own: string;
      readonly ownAt: string | null;
      readonly isCovered: boolean;
    };

/** What a version holds of a workflow that a write can set (Microsoft.Logic 2019-05-01, WorkflowVersionProperties). */
export const SAVED = ['definition', 'parameters', 'state', 'accessControl', 'integrationAccount'] as const;

export function markOf(document: JsonObject): VersionMark {
  const { version, changedTime } = propertiesOf(document);
  return {
    version: typeof version === 'string' && version !== '' ? version : null,
    changedTime:
      typeof changedTime === 'string' && !Number.isNaN(Date.parse(changedTime)) ? changedTime : null,
  };
}

/** Whether somebody has switched the workflow on or off since: that makes no version, and renews the time of the one there is. */
export function isSwitchedSince(now: VersionMark, then: VersionMark): boolean {
  if (now.version === null || now.version !== then.version) return false;
  if (now.changedTime === null || then.changedTime === null) return false;
  return ticksOf(now.changedTime) > ticksOf(then.changedTime);
}

/**
 * The newest version between the one that was planned from and Holdfast's own. A version with Holdfast's `digest` is
 * an attempt of the same write that got no answer; one that holds what the base holds has lost nothing. The base itself,
 * where it was switched on or off after it was read.
 */
export function lostSaveAmong(
  versions: readonly JsonObject[],
  { base, own, digest, state = null }: Pick<WorkflowWrite, 'base' | 'own' | 'digest' | 'state'>,
): LostSaveFound {
  const known = versions.map((document) => ({ document, mark: markOf(document) })).toSorted(newestFirst);
  const isOurs = ({ document, mark }: (typeof known)[number]): boolean =>
    isAfter(mark, base) && evidenceDigest('workflow', document) === digest;
  const at = known.findIndex((one) => (own === null ? isOurs(one) : one.mark.version === own.version));
  const ours = known[at];
  if (ours === undefined) return { kind: 'unseen' };
  // Switched once more after Holdfast's write, it is as somebody wants it.
  const isAsWritten =
    own === null
      ? state === null || propertiesOf(ours.document).state === state
      : !isSwitchedSince(ours.mark, own);
  const isSwitched = ({ document, mark }: (typeof known)[number]): boolean =>
    isAsWritten && isSwitchedSince(mark, base) && stateOf(document) !== stateOf(ours.document);
  const start = known.find(({ mark }) => mark.version !== null && mark.version === base.version);
  const between = known
    .slice(at + 1)
    .filter((one) => (isAfter(one.mark, base) && !isOurs(one)) || isSwitched(one));
  const [newest] = between;
  if (newest === undefined) return { kind: 'none' };
  const { version, changedTime } = newest.mark;
  if (version === null || changedTime === null) return { kind: 'none' };
  const isSwitch = newest === start;
  if (!isSwitch && start !== undefined && contentOf(start.document) === contentOf(newest.document))
    return { kind: 'none' };
  const over = ours.mark.version;
  if (over === null) return { kind: 'unseen' };
  const save = { version, changedTime, ...(isSwitch ? { isSwitch } : {}) };
  // Where it was switched since, its time is not that of the write any more; that was after the base's.
  const ownAt = own?.changedTime ?? (isAsWritten ? ours.mark.changedTime : base.changedTime);
  return { kind: 'lost', save, own: over, ownAt, isCovered: at > 0 };
}

const stateOf = (version: JsonObject): string => JSON.stringify(propertiesOf(version).state ?? null);

interface Known {
  readonly mark: VersionMark;
}

function newestFirst(a: Known, b: Known): number {
  return isAfter(a.mark, b.mark) ? -1 : isAfter(b.mark, a.mark) ? 1 : 0;
}

/** Whether one version is later than another. Within one moment the version tells: the service counts it down from the end of time. */
export function isAfter(one: VersionMark, base: VersionMark): boolean {
  if (one.changedTime === null || base.changedTime === null) return false;
  if (one.version !== null && one.version === base.version) return false;
  const [a, b] = [ticksOf(one.changedTime), ticksOf(base.changedTime)];
  if (a !== b) return a > b;
  return one.version !== null && base.version !== null && one.version < base.version;
}

/** In 100 ns, as .NET writes times; `Date` keeps milliseconds. */
function ticksOf(time: string): bigint {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  const seconds = Math.floor(Date.parse(time) / 1000);
  return BigInt(seconds) * 10_000_000n + BigInt(fraction.slice(0, 7).padEnd(7, '0'));
}

function contentOf(version: JsonObject): string {
  const properties = propertiesOf(version);
  const saved = SAVED.map((key) => properties[key] ?? null);
  return digestOf([...saved, isJsonObject(version.tags) ? version.tags : null]);
}
