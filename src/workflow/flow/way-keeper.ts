import type { Place, Way } from './places.js';

/** So many are compared one by one, and few places have more; of these, it is remembered which ones there are. */
const FEW = 32;

type Known = Map<Place, Set<string>>;

/** Puts ways into a list, each once, however often the definition has it. */
export function wayKeeper(ways: Way[]): (way: Way) => void {
  let known: Known | undefined;
  return (way) => {
    if (ways.length < FEW) {
      if (ways.some((other) => isSame(other, way))) return;
    } else {
      known ??= knownOf(ways);
      if (!remember(way, known)) return;
    }
    ways.push(way);
  };
}

function isSame(a: Way, b: Way): boolean {
  return (
    a.to === b.to &&
    a.as === b.as &&
    a.isWhole === b.isWhole &&
    a.isExplicit === b.isExplicit &&
    a.steps.length === b.steps.length &&
    a.steps.every((step, i) => step === b.steps[i])
  );
}

function knownOf(ways: readonly Way[]): Known {
  const known: Known = new Map();
  for (const way of ways) remember(way, known);
  return known;
}

/** False where it was known. */
function remember({ to, steps, as, isWhole, isExplicit }: Way, known: Known): boolean {
  const ways = known.get(to) ?? new Set<string>();
  if (ways.size === 0) known.set(to, ways);
  const count = ways.size;
  const taken = steps.length === 0 ? '' : JSON.stringify(steps);
  ways.add(`${as}${isWhole ? '=' : '~'}${isExplicit ? '!' : '?'}${taken}`);
  return ways.size > count;
}
