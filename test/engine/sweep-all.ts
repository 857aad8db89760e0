import { createEngine } from '../../src/engine/engine.js';
import type { fakeWorld } from './fake-world.js';

type World = Pick<ReturnType<typeof fakeWorld>, 'sweepMessages' | 'deps'>;

/**
 * A sweep of all subscriptions to its end, as the timer and then the queue do it; rejects where it is not complete. What
 * has to be written is left on the queue.
 */
export async function sweepAll(world: World, engine = createEngine(world.deps)) {
  const { correlationId } = await engine.sweep();
  const sum = { correlationId, vaults: 0, workflows: 0, queued: 0 };
  const failures: unknown[] = [];
  for (let next = world.sweepMessages.shift(); next !== undefined; next = world.sweepMessages.shift()) {
    const part = await engine.reconcile(next.message).catch((error: unknown) => {
      failures.push(error);
      return null;
    });
    if (part?.result.kind !== 'swept') continue;
    sum.vaults += part.result.vaults;
    sum.workflows += part.result.workflows;
    sum.queued += part.result.queued;
  }
  if (failures.length > 0) throw failures[0];
  return sum;
}
