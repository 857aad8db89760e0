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
  try {
    const world = createWorld(time, seed, options);
    return await time.run(() => work(world));
  } finally {
    putBack();
  }
}
