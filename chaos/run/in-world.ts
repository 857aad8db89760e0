import { seededRandom } from '../../simulator/random.js';
import { install } from '../virtual/install.js';
import { createVirtualTime } from '../virtual/virtual-time.js';
import { createWorld, type World, type WorldOptions } from '../world/world.js';

/** Builds a world of a seed and lets its time pass until the work in it is over. */
export async function inWorld<T>(
  seed: number,
  options: WorldOptions,
  work: (world: World) => Promise<T>,
): Promise<T> {
  const time = createVirtualTime();
  const putBack = install(time, seededRandom(seed));
  const unhandled: unknown[] = [];
  const note = (reason: unknown): void => {
    unhandled.push(reason);
  };
  process.on('unhandledRejection', note);
  try {
    const world = createWorld(time, seed, options);
    const result = await time.run(() => work(world));
    if (unhandled.length === 0) return result;
    // Node.js ends a process for it: the app would have ended by itself.
    throw new Error('A rejection that nobody handles would have ended the process.', { cause: unhandled[0] });
  } finally {
    process.off('unhandledRejection', note);
    putBack();
  }
}
