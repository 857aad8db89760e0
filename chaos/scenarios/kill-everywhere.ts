import type { Estate } from '../estate/build-estate.js';
import { buildEstate } from '../estate/build-estate.js';
import type { Violation } from '../invariants/invariant.js';
import { inWorld } from '../run/in-world.js';
import { calm, judge, sweep, untilSettled } from '../run/calm.js';
import type { Kill } from '../world/instance.js';
import type { World } from '../world/world.js';

/** What Holdfast is killed in: something that makes it work. */
export interface Work {
  readonly name: string;
  readonly begin: (world: World, estate: Estate) => Promise<unknown>;
}

export interface KilledRun {
  readonly step: string;
  readonly when: Kill['when'];
  readonly violations: readonly Violation[];
}

const SEED = 4;

/**
 * Kills the only instance at every step of some work there is, once before the step is taken and once after it had its
 * effect, each in a world of its own, where a new instance takes over; and says what was violated in each.
 */
export async function killEverywhere(work: Work): Promise<readonly KilledRun[]> {
  const { steps } = await run(work, null);
  const runs: KilledRun[] = [];
  for (const [i, step] of steps.entries()) {
    for (const when of ['before', 'after'] as const) {
      const { violations } = await run(work, { step: i + 1, when });
      runs.push({ step, when, violations });
    }
  }
  return runs;
}

/** The steps that the work takes, and what was violated. */
async function run(
  work: Work,
  kill: Kill | null,
): Promise<{ readonly steps: readonly string[]; readonly violations: readonly Violation[] }> {
  return inWorld(SEED, {}, async (world) => {
    const estate = await buildEstate(world, { vaults: 1, workflows: 1, connections: 1 });
    const { instance } = world.start();
    await world.azure.subscribeEvents({ endpoint: 'https://host.chaos/events' });
    await sweep(world);
    await untilSettled(world);
    const before = instance.steps.length;
    if (kill !== null) instance.kill = { ...kill, step: before + kill.step };
    instance.onDeath(() => {
      world.time.outside(() => {
        world.time.set(() => {
          world.start();
        }, 1000);
      });
    });
    await work.begin(world, estate);
    await untilSettled(world);
    const steps = instance.steps.slice(before).map(({ name }) => name);
    calm(world);
    return { steps, violations: await judge(world) };
  });
}
