import type { MaxChanges } from '../../types/max-changes.js';
import type { ChangeWindow } from '../ports/change-counter.js';

/**
 * How many changes that is; null where it is a share of nobody knows what. Rounded down, but a share that is more than
 * nothing allows one change.
 */
export function changeLimit(max: MaxChanges, seen: number | null): number | null {
  if (max.kind === 'count') return max.count;
  if (max.percent === 0) return 0;
  if (seen === null) return null;
  return Math.max(1, Math.floor((seen * max.percent) / 100));
}

/** Why a change is one too many, and what releases it. `made` changes are counted already. */
export function overLimit(max: MaxChanges, seen: number | null, window: ChangeWindow, made: number): string {
  const byName = 'ask for this resource by name with POST /api/remediate';
  const limit = changeLimit(max, seen);
  const set = `HOLDFAST_MAX_CHANGES is ${max.kind === 'count' ? max.count : `${max.percent}%`}`;
  if (limit === null)
    return `${set}, and no sweep of the scopes has been complete yet, so nobody knows of how many. Wait until one is, set a number instead, or ${byName}.`;
  if (limit === 0) return `${set}: Holdfast changes nothing by itself. Raise it, or ${byName}.`;
  const share = max.kind === 'count' ? '' : ` of the ${seen ?? 0} resources last seen, which is ${limit}`;
  return window.kind === 'sweep'
    ? `${set}${share}: this sweep has made ${made} changes, and makes no more. Raise it, ${byName}, or wait for the next sweep.`
    : `${set}${share}: events have led to ${made} changes within an hour, and lead to no more. Raise it, ${byName}, or wait until the hour has passed: the next sweep looks at it again.`;
}
