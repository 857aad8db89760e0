import { z } from 'zod';
import { NewerVersionError } from '../ports/stored.js';
import type { ReconcileMessage, SweepMessage } from '../ports/queue.js';
import { InvalidMessageError, parseId, parseMessage } from '../reconcile.js';
import { isOfSweep, readSweepMessage } from '../sweep/read-sweep-message.js';
import type { DeadLetter, DeadLetterItem } from './dead-letter.js';

/** A message as `state/dead-letters.ts` keeps it: as it lay on the queue. */
export const keptMessageSchema = z.object({ v: z.literal(1), insertedAt: z.string(), text: z.string() });
export type KeptMessage = z.infer<typeof keptMessageSchema>;

/** Why a message is given up that does not say so itself. */
const THROWN = "The function failed each time; its log has the reason under the message's correlation id.";

/** Reads a message that was given up. */
export function readGivenUp(kept: string): DeadLetter {
  try {
    return read(messageIn(kept));
  } catch (error) {
    if (!(error instanceof InvalidMessageError) && !(error instanceof NewerVersionError)) throw error;
    return { kind: 'malformed', problem: error.message };
  }
}

function read({ message, insertedAt }: ReturnType<typeof messageIn>): DeadLetter {
  if (isOfSweep(message)) {
    const sweep = readSweepMessage(message);
    if (sweep === null) throw new InvalidMessageError("A sweep's message cannot be read.");
    return { kind: 'readable', items: [sweepItem(sweep, insertedAt)], work: [{ ...sweep, attempt: 0 }] };
  }
  const look = parseMessage(message);
  parseId(look.resourceId);
  const said = z.object({ why: z.string().max(5000) }).safeParse(message);
  const why = said.success ? said.data.why : THROWN;
  return { kind: 'readable', items: [lookItem(look, why, insertedAt)], work: [anew(look)] };
}

/**
 * The same look again, from the first try on. It is not one that somebody asked for by name: that would allow writes
 * which nobody who replays a hundred messages has thought of.
 */
function anew(look: ReconcileMessage): ReconcileMessage {
  return { ...look, trigger: 'replay', askedForByName: false, attempt: 0, deferrals: 0 };
}

function messageIn(kept: string): { readonly message: unknown; readonly insertedAt: string } {
  const stored = keptMessageSchema.safeParse(parse(kept));
  if (!stored.success) throw new InvalidMessageError('It is not a message as Holdfast keeps them.');
  const message = parse(Buffer.from(stored.data.text, 'base64').toString('utf8'));
  if (message === undefined) throw new InvalidMessageError('The message is not JSON in base64.');
  return { message, insertedAt: stored.data.insertedAt };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const UNKNOWN = { lastOutcome: null, publishedAt: null } as const;

function lookItem(look: ReconcileMessage, reason: string, insertedAt: string): DeadLetterItem {
  const { resourceId, correlationId, actor, attempt: attempts } = look;
  return {
    ...UNKNOWN,
    kind: 'look',
    resourceId,
    correlationId,
    actor,
    reason,
    attempts,
    lastAttemptAt: insertedAt,
  };
}

function sweepItem(sweep: SweepMessage, insertedAt: string): DeadLetterItem {
  const { subscriptionId, correlationId } = sweep;
  const resourceId = `/subscriptions/${subscriptionId}`;
  const about = { kind: 'sweep', resourceId, correlationId, actor: null } as const;
  return { ...UNKNOWN, ...about, reason: THROWN, attempts: null, lastAttemptAt: insertedAt };
}
