import { seededRandom, type Random } from '../../simulator/random.js';
import type { Switches } from '../../simulator/switches.js';
import type { EstateSize } from '../estate/build-estate.js';
import type { Fault } from '../faults/fault.js';
import { FAULTS } from '../faults/index.js';
import { drawSetup, type Setup } from './draw-setup.js';

/** What one run is to be; its seed says all of it. */
export interface RunPlan {
  readonly seed: number;
  readonly size: EstateSize;
  readonly faults: readonly Fault[];
  readonly switches: Partial<Switches>;
  readonly failedEventIs: 'retried' | 'lost';
  /** How many things people do. */
  readonly happenings: number;
  readonly stormMs: number;
  readonly setup: Setup;
}

/**
 * Every third run has one fault alone, every other a mixture; all faults come alone before one comes again. Every tenth is
 * long: most of what is found is found in short ones, of which there are more in the same time.
 */
export function planRun(seed: number): RunPlan {
  const random = seededRandom(seed * 7919 + 17);
  const whole = (least: number, most: number): number => Math.floor(random.between(least, most + 1));
  const setup = drawSetup(seed);
  const isLong = seed % 10 === 0;
  const alone = FAULTS[Math.floor(seed / 3) % FAULTS.length];
  const faults = seed % 3 === 0 && alone !== undefined ? [alone] : drawn(whole(2, 5), random);
  return {
    seed,
    size: sizeFor(setup, { vaults: whole(1, 2), workflows: whole(1, 3), connections: whole(1, 2) }),
    faults,
    switches: Object.assign(
      {},
      ...faults.map((fault) => fault.switches?.(random) ?? {}),
    ) as Partial<Switches>,
    failedEventIs: random.next() < 0.5 ? 'retried' : 'lost',
    happenings: isLong ? whole(10, 40) : whole(4, 14),
    stormMs: (isLong ? whole(20, 120) : whole(12, 30)) * 60_000,
    setup,
  };
}

/** The last of two connections is the one that keeps credentials. */
function sizeFor({ isMoving }: Setup, size: EstateSize): EstateSize {
  return isMoving ? { ...size, connections: 2 } : size;
}

function drawn(count: number, random: Random): readonly Fault[] {
  const left = [...FAULTS];
  return Array.from({ length: count }, () => left.splice(Math.floor(random.next() * left.length), 1)).flat();
}
