import { z } from 'zod';
import { NewerVersionError } from '../ports/stored.js';
import type { SweepMessage } from '../ports/queue.js';

const schema = z.object({
  v: z.literal(2),
  kind: z.literal('sweep'),
  subscriptionId: z.guid().toLowerCase(),
  correlationId: z.string().max(200),
  startedAt: z.iso.datetime(),
  attempt: z.int().min(0),
  waits: z.int().min(0).optional(),
});

/** Whether a queue message says that it is about a sweep. */
export function isOfSweep(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'sweep';
}

/** Null where it cannot be read. Throws `NewerVersionError`. */
export function readSweepMessage(message: unknown): SweepMessage | null {
  const version = z.object({ v: z.number() }).safeParse(message);
  if (version.success && version.data.v > 2) {
    throw new NewerVersionError(
      `A sweep's queue message has version ${version.data.v}; this code knows 2. Update Holdfast.`,
    );
  }
  const parsed = schema.safeParse(message);
  return parsed.success ? parsed.data : null;
}
