import type { Random } from '../../simulator/random.js';
import type { Switches } from '../../simulator/switches.js';
import type { Estate } from '../estate/build-estate.js';
import type { Tenant } from '../estate/tenant.js';
import type { World } from '../world/world.js';

/** The time in which things go wrong, and what they go wrong in; `Tenant` where nothing but Azure is needed. */
export interface Storm<W extends Tenant = World> {
  readonly world: W;
  readonly estate: Estate;
  readonly random: Random;
  /** Does something again and again, so many milliseconds apart, until the storm is over. */
  readonly every: (min: number, max: number, work: () => void | Promise<void>) => void;
  /** Whether the storm goes on. */
  readonly isOn: () => boolean;
}

export interface Fault<W extends Tenant = World> {
  readonly name: string;
  /** For the documentation and the report: one sentence. */
  readonly about: string;
  /** What it needs from the start, e.g. how Azure behaves throughout. */
  readonly switches?: (random: Random) => Partial<Switches>;
  /** Begins it; what it has begun is cleared away for all faults when the storm is over. */
  readonly strike: (storm: Storm<W>) => void;
}
