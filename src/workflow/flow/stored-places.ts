import type { FlowGraph } from './flow-graph.js';
import { OWN, type Place } from './places.js';

/** The places of which a vault may get something to keep, whatever part of them it is. */
export function storedPlaces({ places, waysFrom }: FlowGraph): ReadonlySet<Place> {
  const all = [
    ...places.operations.flatMap((operation) => OWN.map((kind) => places.of(operation, kind))),
    ...places.variables.values(),
    ...places.parameters.values(),
    ...Object.values(places.any),
    places.someVariable,
  ];
  const stored = new Set<Place>();
  const giversOf = new Map<Place, Place[]>();
  for (const place of all) {
    for (const { to, as } of waysFrom(place)) {
      if (as === 'stored') stored.add(place);
      const givers = giversOf.get(to);
      if (givers === undefined) giversOf.set(to, [place]);
      else givers.push(place);
    }
  }
  // Grows while it is walked.
  for (const place of stored) for (const giver of giversOf.get(place) ?? []) stored.add(giver);
  return stored;
}
