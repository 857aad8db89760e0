import { ARM_BUCKETS } from '../../simulator/throttling.js';
import type { Estate } from '../estate/build-estate.js';
import { allowMoves } from '../estate/moves.js';
import { converges, heldBack, noteStillness } from '../invariants/converges.js';
import { INVARIANTS } from '../invariants/index.js';
import type { Violation } from '../invariants/invariant.js';
import { HOLDFAST } from '../world/holdfast.js';
import type { World } from '../world/world.js';
import { PLAIN_SETUP, type Setup } from './draw-setup.js';
import { release } from './release.js';

const HOUR_MS = 3_600_000;
/** How many sweeps the estate has to converge once the faults have stopped. */
const SWEEPS_TO_CONVERGE = 3;
/** A successor is made in one, and the workflows are pointed at it in the next. */
const SWEEPS_TO_MOVE = 2;

/** Everything works again; what has happened has happened. */
export function calm(world: World): void {
  const { azure, weather } = world;
  azure.faults.clear();
  azure.throttling.set(ARM_BUCKETS);
  azure.permissions.unrestrict(HOLDFAST.objectId);
  for (const { scope, name } of azure.locks.all) azure.locks.remove(scope, name);
  azure.switches.set({
    eventLoss: 0,
    eventDuplicates: 0,
    eventDelayMinMs: 0,
    eventDelayMaxMs: 0,
    staleReadsMs: 0,
  });
  weather.strikeStorage = () => null;
  weather.isIdentityDown = false;
  weather.isQueueDown = false;
  for (const { instance } of world.host.apps) instance.kill = null;
  if (world.host.apps.every(({ instance }) => instance.isDead)) world.start();
  world.tell('the storm is over');
}

/** Until no event is under way, no message is left and no function runs. */
export async function untilSettled(world: World): Promise<void> {
  const isBusy = (): boolean =>
    world.azure.events.pending > 0 ||
    world.host.busy() > 0 ||
    world.storage.queue('reconcile').all().length > 0;
  for (let waited = 0; isBusy(); waited += 1) {
    if (waited > 10_000) throw new Error('The run does not come to rest.');
    await world.time.sleep(10_000);
  }
}

/** The timer's function; null where it came to its end, and else why not. */
export async function sweep(world: World): Promise<string | null> {
  world.tell('the timer fires');
  try {
    await world.host.sweep();
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown';
    world.given.push(why);
    world.tell(`the sweep failed: ${why}`);
    return why;
  }
}

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

export async function sweepAnHourLater(world: World): Promise<void> {
  await world.time.sleep(HOUR_MS);
  await sweep(world);
  await untilSettled(world);
}
