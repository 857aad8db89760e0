import { isTokenName, standsBesideSecret, standsBesideToken } from './credential-names.js';
import type { FlowGraph } from './flow-graph.js';
import type { Place, Way } from './places.js';

/** How a value is followed: as a secret, or as an answer of which it is not known yet whether it holds one. */
export type Following = 'vault-secret' | 'secret' | 'answer';

/** A value that is followed, as it arrived at a place. */
export interface Arrival {
  readonly place: Place;
  /** Of an answer: the members that were taken, joined by slashes. */
  readonly taken: string;
  /** Whether it is what was taken itself, and nothing that holds it. */
  readonly isIntact: boolean;
  /** Where it came from first; null at the start. */
  readonly from: Arrival | null;
}

export interface Passage {
  readonly from: Arrival;
  readonly way: Way;
  readonly to: Arrival;
}

export interface Spread {
  /** The first to each place first. */
  readonly arrivals: readonly Arrival[];
  readonly passages: readonly Passage[];
  /** Of an answer: what of it is used as a credential; empty where nothing is. */
  readonly credentials: ReadonlySet<string>;
  /** Whether a vault gets it, or a part of it, to keep. */
  readonly isStored: boolean;
}

/** Deeper than this, what is taken out of an answer is not told apart. */
const MAX_TAKEN = 4;

/** Every place that a value may get to. Each place is looked at once for each part of an answer. */
export function spreadFrom(
  starts: readonly Place[],
  following: Following,
  waysFrom: FlowGraph['waysFrom'],
): Spread {
  const arrivals: Arrival[] = [];
  const passages: Passage[] = [];
  const credentials = new Set<string>();
  let isStored = false;
  /** By what was taken, of which there is little, and then by place. */
  const intact = new Map<string, Map<Place, Arrival>>();
  const others = new Map<string, Map<Place, Arrival>>();
  const arrive = (place: Place, { taken, isIntact }: Moved, from: Arrival | null): Arrival => {
    const known = isIntact ? intact : others;
    const arrived = known.get(taken) ?? new Map<Place, Arrival>();
    if (arrived.size === 0) known.set(taken, arrived);
    const before = arrived.get(place);
    if (before !== undefined) return before;
    const arrival: Arrival = { place, taken, isIntact, from };
    arrived.set(place, arrival);
    arrivals.push(arrival);
    return arrival;
  };
  for (const place of starts) arrive(place, { taken: '', isIntact: place.kind === 'outputs' }, null);
  // Grows while it is walked.
  for (const from of arrivals) {
    for (const way of waysFrom(from.place)) {
      const moved = following === 'answer' ? answerBy(way, from) : secretBy(way, from, following);
      if (moved === null) continue;
      const to = arrive(way.to, moved, from);
      passages.push({ from, way, to });
      if (isUsedAsCredential(way)) credentials.add(moved.taken);
      if (way.as === 'stored') isStored = true;
    }
  }
  return { arrivals, passages, credentials, isStored };
}

/** Tells whether anything is used as a credential of whatever may be taken from a place; where nothing is, at once. */
export function credentialSearch(waysFrom: FlowGraph['waysFrom']): (start: Place) => boolean {
  const unused = new Set<Place>();
  const used = new Set<Place>();
  return (start) => {
    const reached = new Set([start]);
    // Grows while it is walked.
    for (const place of reached) {
      for (const way of waysFrom(place)) {
        if (used.has(way.to) || isUsedAsCredential(way)) {
          used.add(start);
          return true;
        }
        if (!unused.has(way.to)) reached.add(way.to);
      }
    }
    for (const place of reached) unused.add(place);
    return false;
  };
}

type Moved = Pick<Arrival, 'taken' | 'isIntact'>;

function secretBy(way: Way, { isIntact }: Arrival, following: Following): Moved | null {
  const [first] = way.steps;
  if (first === undefined) return { taken: '', isIntact: isIntact && way.isWhole };
  const isBeside = typeof first === 'string' && standsBesideSecret(first);
  return isIntact && isBeside && following === 'vault-secret' ? null : { taken: '', isIntact: false };
}

function answerBy(way: Way, { taken, isIntact }: Arrival): Moved | null {
  if (way.steps.length === 0) return { taken, isIntact: isIntact && way.isWhole };
  const steps = way.steps.filter((step) => step !== null);
  const last = steps.at(-1);
  if (last !== undefined && standsBesideToken(last)) return null;
  if (!isIntact || steps.length === 0) return { taken, isIntact: false };
  const members = [
    ...(taken === '' ? [] : taken.split('/')),
    ...steps.map((step) => step.replaceAll('/', ' ')),
  ];
  const isKept = members.length <= MAX_TAKEN;
  return { taken: members.slice(0, MAX_TAKEN).join('/'), isIntact: way.isWhole && isKept };
}

function isUsedAsCredential({ as, steps }: Way): boolean {
  if (as === 'authentication' || as === 'credential' || as === 'stored') return true;
  return steps.some((step) => step !== null && isTokenName(step));
}
