import type { Violation } from '../invariants/invariant.js';
import type { Kill } from '../world/instance.js';
import { runWork, type Work, type WorkRun } from './run-work.js';

export interface KilledRun {
  readonly step: string;
  readonly when: Kill['when'];
  readonly violations: readonly Violation[];
}

/**
 * Kills the only instance at every step of some work there is, once before the step is taken and once after it had its
 * effect, each in a world of its own, where a new instance takes over; and says what was violated in each.
 */
export async function killEverywhere(work: Work): Promise<readonly KilledRun[]> {
  const { steps } = await killed(work, null);
  const runs: KilledRun[] = [];
  for (const [i, step] of steps.entries()) {
    for (const when of ['before', 'after'] as const) {
      const { violations } = await killed(work, { step: i + 1, when });
      runs.push({ step, when, violations });
    }
  }
  return runs;
}

function killed(work: Work, kill: Kill | null): Promise<WorkRun<void>> {
  return runWork(work, (world, instance) => {
    if (kill !== null) instance.kill = { ...kill, step: instance.steps.length + kill.step };
    instance.onDeath(() => {
      world.time.outside(() => {
        world.time.set(() => {
          world.start();
        }, 1000);
      });
    });
    return () => undefined;
  });
}
