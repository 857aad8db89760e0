import { z } from 'zod';
import { NewerVersionError } from '../engine/ports/stored.js';
import { deliverTo, type DeliveryDeps } from './deliver-to.js';
import type { DeliverMessage } from './outbox.js';
import { readBacklogOf } from './read-backlog-of.js';
import { TARGET_NAMES, type DeliveryTarget } from './target.js';
import type { Wake } from './wake.js';

/** Has records delivered to the targets that are configured. */
export interface Delivery {
  /** Handles one queue message, as it came. Throws what the storage account does, once all targets had their turn. */
  deliver(message: unknown): Promise<void>;
  /** Has everything that waits looked at. Never rejects. */
  wake(): Promise<void>;
}

/** Under the function's timeout of ten minutes, with time for the call that is under way. */
const BUDGET_MS = 8 * 60_000;

/** A refusal that stands for longer is told once more after it; what was set aside may be put back by hand until then. */
const FORGET_AFTER_MS = 100 * 86_400_000;
const FORGET_EVERY_MS = 86_400_000;

const messageSchema = z.object({
  v: z.literal(1),
  target: z.enum(TARGET_NAMES).nullable(),
  wakeAt: z.iso.datetime().nullable(),
});

export function createDelivery(deps: DeliveryDeps, targets: readonly DeliveryTarget[], wake: Wake): Delivery {
  let forgottenAt = -Infinity;

  /** What is that old stands in the audit log alone. Once a day in each process: doing it twice does no harm. */
  async function forgetOld(): Promise<void> {
    const now = deps.now().getTime();
    if (now - forgottenAt < FORGET_EVERY_MS) return;
    await deps.outbox.forgetBefore(new Date(now - FORGET_AFTER_MS));
    forgottenAt = now;
  }

  return {
    async deliver(message) {
      const { target, wakeAt } = parseMessage(message);
      if (target === null && targets.length > 0) await deps.outbox.shareOut(targets.map(({ name }) => name));
      const asked = targets.filter(({ name }) => target === null || name === target);
      const signal = AbortSignal.timeout(BUDGET_MS);
      const cameFor = wakeAt === null ? null : new Date(wakeAt);
      const results = await Promise.allSettled(
        asked.map(async (one) => {
          await deliverTo(deps, one, cameFor, signal);
          deps.observe(await readBacklogOf(deps.outbox, one.name, deps.now()));
        }),
      );
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      await forgetOld();
    },

    async wake() {
      if (targets.length > 0) await wake.now();
    },
  };
}

function parseMessage(message: unknown): DeliverMessage {
  const version = z.object({ v: z.number() }).safeParse(message);
  if (version.success && version.data.v > 1) {
    throw new NewerVersionError(
      `A message on the queue deliver has version ${version.data.v}; this code knows 1. Update Holdfast.`,
    );
  }
  const parsed = messageSchema.safeParse(message);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`A message on the queue deliver cannot be read. ${problems.join('; ')}`);
}
