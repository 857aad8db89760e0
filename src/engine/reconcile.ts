import { z } from 'zod';
import { TRIGGERS } from '../types/record.js';
import { REMEDIATOR_IDS } from '../types/remediator-id.js';
import { parseResourceId, type ResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import type { JoinLooks } from './look/join-looks.js';
import type { Look } from './look/look.js';
import { NewerVersionError } from './ports/stored.js';
import type { ReconcileMessage } from './ports/queue.js';
import { queueLook, toMessage } from './look/queue-look.js';
import { requeueDelay } from './look/requeue-delay.js';
import { settleLeftOpen } from './settle/settle-pending.js';
import { untilShown } from './settle/until-shown.js';
import { sleep } from './sleep.js';
import { openWriteIds } from './record/record-memory.js';
import { recordFailure } from './look/run-look.js';
import type { TracedLook } from './look/traced-look.js';

/** After this many tries a failure lasts: it is recorded, and the message goes to the poison queue. */
const MAX_ATTEMPTS = 5;
/** Under the function's timeout of ten minutes. */
const BUDGET_MS = 9 * 60_000;
/** By the clock a timer may end a moment early. */
const TIMER_SLACK_MS = 50;

/** A queue message that Holdfast did not write. */
export class InvalidMessageError extends Error {
  override readonly name = 'InvalidMessageError';
}

const nullableText = z.string().nullable();
const messageSchema = z.object({
  v: z.literal(1),
  resourceId: z.string(),
  correlationId: z.string(),
  trigger: z.enum(TRIGGERS),
  actor: z.object({ id: nullableText, name: nullableText, ip: nullableText }).nullable(),
  remediators: z.array(z.enum(REMEDIATOR_IDS)).nullable(),
  askedForByName: z.boolean(),
  isOfSurroundings: z.boolean().optional(),
  attempt: z.int().min(0),
  deferrals: z.int().min(0).optional(),
  traceParent: z.string().max(100).optional().catch(undefined),
});

/**
 * Handles one queue message. Throws {@link InvalidMessageError} or `NewerVersionError` for one it cannot use, and
 * storage errors: then the Functions host tries again, and at last puts the message on the poison queue.
 */
export async function reconcile(
  deps: EngineDeps,
  runLook: TracedLook,
  message: unknown,
  join: JoinLooks<undefined> = (look, work) => work(() => look),
): Promise<void> {
  const parsed = parseMessage(message);
  const look: Look = {
    ...parsed,
    id: parseId(parsed.resourceId),
    dryRun: false,
    causedAt: null,
    isOfSurroundings: parsed.isOfSurroundings === true,
  };
  if (!isInScope(look.id, deps.policy.scopes)) return;

  await join(look, (begin) => lookFromQueue(deps, runLook, parsed, look, begin));
}

async function lookFromQueue(
  deps: EngineDeps,
  runLook: TracedLook,
  message: ReconcileMessage,
  asked: Look,
  begin: () => Look,
): Promise<undefined> {
  const options = { signal: AbortSignal.timeout(BUDGET_MS), confirmReleases: true, isFromQueue: true };
  const result = await runLook(asked, options, begin, message.traceParent);
  if (result.kind !== 'later') return;
  const look = begin();
  const isPutOff = result.isBusy || result.isThrottled === true;
  const attempt = isPutOff ? message.attempt : message.attempt + 1;
  const deferrals = isPutOff ? (message.deferrals ?? 0) + 1 : 0;
  if (attempt < MAX_ATTEMPTS) {
    const { retryAfterMs } = result;
    const delay = requeueDelay({ retryAfterMs, attempt: message.attempt, deferrals }, Math.random());
    await queueLook(deps, look, delay, attempt, deferrals);
    return;
  }
  await settleBeforeGivingUp(deps, look, options.signal);
  if (!result.isRecorded) await recordFailure(deps, look, `Tried ${attempt} times. ${result.why}`);
  await deps.queue.poison(toMessage(look, attempt), result.why);
}

/** No look comes after this one to find out what became of a write that was left open: it waits until that shows. */
async function settleBeforeGivingUp(deps: EngineDeps, look: Look, signal: AbortSignal): Promise<void> {
  const memory = await deps.memory.read(look.id);
  const waits = openWriteIds(memory.recorded).map((writeId) => untilShown(deps, memory, writeId));
  if (waits.length === 0) return;
  try {
    await sleep(Math.max(...waits) + TIMER_SLACK_MS, signal);
    await deps.leases.withLease(look.id, async (lease) => {
      const left = await deps.memory.read(look.id);
      await settleLeftOpen(deps, look.id, left, AbortSignal.any([signal, lease]));
    });
  } catch (error) {
    // It stays for a sweep.
    if (!(error instanceof ArmError) && !signal.aborted) throw error;
  }
}

/** Throws {@link InvalidMessageError} or `NewerVersionError`. */
export function parseMessage(message: unknown): ReconcileMessage {
  const version = z.object({ v: z.number() }).safeParse(message);
  if (version.success && version.data.v > 1) {
    throw new NewerVersionError(
      `A queue message has version ${version.data.v}; this code knows 1. Update Holdfast.`,
    );
  }
  const parsed = messageSchema.safeParse(message);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new InvalidMessageError(`A message on the queue reconcile cannot be read. ${problems.join('; ')}`);
}

/** Throws {@link InvalidMessageError}. */
export function parseId(text: string): ResourceId {
  try {
    return parseResourceId(text);
  } catch (error) {
    throw new InvalidMessageError('A message on the queue reconcile names no resource.', { cause: error });
  }
}
