import { ARM_BUCKETS } from '../../simulator/throttling.js';
import { HOLDFAST } from '../world/holdfast.js';
import type { World } from '../world/world.js';

export const HOUR_MS = 3_600_000;

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

export async function sweepAnHourLater(world: World): Promise<void> {
  await world.time.sleep(HOUR_MS);
  await sweep(world);
  await untilSettled(world);
}
