import type { Violation } from '../invariants/invariant.js';
import type { Estate } from '../estate/build-estate.js';
import { sweep, untilSettled } from '../run/calm.js';
import type { World } from '../world/world.js';
import { runWork } from './run-work.js';

/** What somebody does, one after the other; Holdfast may see some of it or none. */
export interface Course {
  readonly name: string;
  readonly steps: readonly ((world: World, estate: Estate) => Promise<unknown>)[];
}

export interface MissedRun {
  /** The steps whose events never came, counted from 1. */
  readonly missed: readonly number[];
  readonly violations: readonly Violation[];
}

/** Long enough that each step is over, and short enough that no sweep comes between. */
const APART_MS = 30_000;

/**
 * Goes through a course of changes with every choice of those that Holdfast is told of, each in a world of its own, and
 * has it sweep in the end; says what was violated in each.
 */
export async function missedState({ name, steps }: Course): Promise<readonly MissedRun[]> {
  const runs: MissedRun[] = [];
  for (let choice = 0; choice < 2 ** steps.length; choice += 1) {
    const isMissed = (i: number): boolean => ((choice >> i) & 1) === 1;
    const begin = async (world: World, estate: Estate): Promise<void> => {
      for (const [i, step] of steps.entries()) {
        world.azure.switches.set({ eventLoss: isMissed(i) ? 1 : 0 });
        await step(world, estate);
        await world.time.sleep(APART_MS);
        await untilSettled(world);
      }
      world.azure.switches.set({ eventLoss: 0 });
      await sweep(world);
    };
    const { violations } = await runWork({ name, begin }, () => () => undefined);
    const missed = steps.flatMap((_, i) => (isMissed(i) ? [i + 1] : []));
    runs.push({ missed, violations });
  }
  return runs;
}
