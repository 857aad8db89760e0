import type { ResourceId } from '../../types/resource-id.js';

/** Which events have come in so far, to any look of this process. */
export interface Arrivals {
  note(id: ResourceId): void;
  /** A number that grows with every event of the resource. */
  latest(id: ResourceId): number;
}

/** Beyond this many resources all are forgotten, and what is under way looks again, needlessly and once. */
const MOST = 10_000;

export function createArrivals(): Arrivals {
  const latest = new Map<string, number>();
  let count = 0;
  return {
    note({ key }) {
      if (latest.size >= MOST) latest.clear();
      count += 1;
      latest.set(key, count);
    },
    latest: ({ key }) => latest.get(key) ?? 0,
  };
}
