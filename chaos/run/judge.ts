import type { Estate } from '../estate/build-estate.js';
import { allowMoves } from '../estate/moves.js';
import { converges, heldBack, noteStillness } from '../invariants/converges.js';
import { INVARIANTS } from '../invariants/index.js';
import type { Violation } from '../invariants/invariant.js';
import type { World } from '../world/world.js';
import { HOUR_MS, sweep, sweepAnHourLater, untilSettled } from './calm.js';
import { PLAIN_SETUP, type Setup } from './draw-setup.js';
import { release } from './release.js';

/** How many sweeps the estate has to converge once the faults have stopped. */
const SWEEPS_TO_CONVERGE = 3;
/** A successor is made in one, and the workflows are pointed at it in the next. */
const SWEEPS_TO_MOVE = 2;

/**
 * Gives the estate its sweeps to converge; then whoever may releases what the operator's settings hold back, and one more
 * sweep follows in which nothing may happen; and judges all that was.
 */
export async function judge(
  world: World,
  setup: Setup = PLAIN_SETUP,
  estate: Estate | null = null,
): Promise<readonly Violation[]> {
  await untilSettled(world);
  if (setup.isMoving && estate !== null) await allowMoves(world, estate);
  const sweeps = SWEEPS_TO_CONVERGE + (setup.isMoving ? SWEEPS_TO_MOVE : 0);
  for (let i = 0; i < sweeps; i += 1) await sweepAnHourLater(world);
  const unexplained = Object.keys({ ...setup.settings, ...setup.later }).length === 0 ? [] : heldBack(world);
  await release(world, setup);
  const still = noteStillness(world);
  await world.time.sleep(HOUR_MS);
  const before = world.given.length;
  const failed = await sweep(world);
  await untilSettled(world);
  // Its parts are swept from the queue, and fail there.
  const incomplete = world.given.slice(before).find((text) => text.startsWith('IncompleteSweepError'));
  const failure = failed ?? incomplete ?? null;
  world.host.stop();
  return [
    ...INVARIANTS.flatMap((invariant) => invariant(world)),
    ...unexplained,
    ...converges(world, still, failure),
  ];
}
