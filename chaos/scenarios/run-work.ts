import { buildEstate, type Estate } from '../estate/build-estate.js';
import type { Violation } from '../invariants/invariant.js';
import { calm, sweep, untilSettled } from '../run/calm.js';
import { judge } from '../run/judge.js';
import { PLAIN_SETUP, type Setup } from '../run/draw-setup.js';
import { inWorld } from '../run/in-world.js';
import type { Instance } from '../world/instance.js';
import type { World } from '../world/world.js';

/** Something that makes Holdfast work. */
export interface Work {
  readonly name: string;
  /** What the operator has chosen; absent where it is nothing. */
  readonly setup?: Setup;
  /** What is there before Holdfast comes. */
  readonly prepare?: (world: World, estate: Estate) => Promise<unknown>;
  readonly begin: (world: World, estate: Estate) => Promise<unknown>;
}

export interface WorkRun<T> {
  /** What the one instance did that was there when the work began, by the names of the calls that left it. */
  readonly steps: readonly string[];
  /** What `disturb` told of the time until the work was over. */
  readonly told: T;
  readonly violations: readonly Violation[];
}

const SEED = 4;

/**
 * Has some work done in a world of its own, settled before, and judges it. `disturb` breaks something just before the
 * work begins; what it returns is asked when the work is over.
 */
export async function runWork<T>(
  work: Work,
  disturb: (world: World, instance: Instance) => () => T,
): Promise<WorkRun<T>> {
  const { setup = PLAIN_SETUP } = work;
  return inWorld(SEED, { settings: setup.settings }, async (world) => {
    const connections = setup.isMoving ? 2 : 1;
    const estate = await buildEstate(world, { vaults: 1, workflows: 1, connections });
    await work.prepare?.(world, estate);
    const { instance } = world.start();
    await world.azure.subscribeEvents({ endpoint: 'https://host.chaos/events' });
    await sweep(world);
    await untilSettled(world);
    const before = instance.steps.length;
    const tell = disturb(world, instance);
    await work.begin(world, estate);
    await untilSettled(world);
    const steps = instance.steps.slice(before).map(({ name }) => name);
    const told = tell();
    calm(world);
    return { steps, told, violations: await judge(world, setup, estate) };
  });
}
