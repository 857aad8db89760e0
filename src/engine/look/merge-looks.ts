import type { Look } from './look.js';

/**
 * Whether one look may stand for both. Only looks that events have caused, at all that there is to look at: what a
 * person asked for by name, or a dry run, or some remediators, is answered by itself.
 */
export function canMerge(one: Look, other: Look): boolean {
  return one.id.key === other.id.key && [one, other].every(isPlain);
}

function isPlain({ trigger, remediators, askedForByName, dryRun }: Look): boolean {
  return trigger === 'event' && remediators === null && !askedForByName && !dryRun;
}

/** The look that stands for both: for whoever made the later change, and at everything that either is to look at. */
export function mergeLooks(one: Look, other: Look): Look {
  const latest = isLater(one.causedAt, other.causedAt) ? one : other;
  const earlier = latest === one ? other : one;
  return {
    ...latest,
    isOfSurroundings: one.isOfSurroundings === true || other.isOfSurroundings === true,
    causedAt: latest.causedAt ?? earlier.causedAt,
  };
}

/** Where nothing says when, what came later is later. */
function isLater(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && Date.parse(one) > Date.parse(other);
}
