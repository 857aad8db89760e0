import { IncompleteSweepError } from '../../engine/sweep/sweep-subscription.js';
import type { LaptopEngine } from './open-engine.js';

/** What a sweep saw of how many, and what it did not see. */
export interface QueueRun {
  readonly vaults: number;
  readonly workflows: number;
  /** Sentences: what could not be looked at or done, and why. */
  readonly problems: readonly string[];
}

/** Works the queue off. A resource or a subscription that cannot be looked at does not keep it from the others. */
export async function runQueue({ engine, queue }: LaptopEngine, stop: AbortSignal): Promise<QueueRun> {
  const seen = { vaults: 0, workflows: 0 };
  const problems: string[] = [];
  await queue.drain(async (message) => {
    try {
      const part = await engine.reconcile(message);
      if (part?.result.kind !== 'swept') return;
      seen.vaults += part.result.vaults;
      seen.workflows += part.result.workflows;
    } catch (error) {
      if (!(error instanceof IncompleteSweepError)) throw error;
      problems.push(error.message);
    }
  }, stop);
  return { ...seen, problems: [...problems, ...queue.givenUp] };
}
