import { askUsers } from '../observe/ask-users.js';
import type { Draft } from '../record/draft-records.js';
import type { WriteAttempt } from '../write/send-write.js';
import type { WriteTarget } from '../write/write-target.js';
import { later } from './leave-look.js';
import type { LookResult } from './look.js';
import type { Looking } from './looking.js';
import { queueAnother } from './queue-look.js';

/** What was read this long ago is read again before it is written from. */
const OLD_MS = 1000;
/** By when ARM shows what it does not show yet. */
const SHOWN_MS = 10_000;

/** Reads what has to be known for certain before this is written; null where the resource must then be read again. */
export async function learnBefore(
  looking: Looking,
  target: WriteTarget | null,
  intents: readonly Draft[],
): Promise<LookResult | null | 'nothing'> {
  const { deps, options, seen, trail, asked, silent } = looking;
  const askedAt = deps.now().getTime();
  await deps.writer.reserve(trail.look.id, options.signal);
  // What somebody has changed meanwhile must be in what is planned from.
  if (deps.now().getTime() - askedAt > OLD_MS) return null;
  // A setting is written whole: what is remembered of it is not enough to write from.
  if (target?.kind === 'diagnostic-setting' && !seen.isFresh) {
    const why = `Azure does not show the diagnostic settings of ${trail.look.id.id}.`;
    if (options.readSurroundings === true) return later(why, SHOWN_MS);
    looking.options = { ...options, readSurroundings: true };
    return null;
  }
  // Nobody gives a permission back, but by hand: what the index says of who uses it may be behind.
  if (target?.kind === 'access-policy' && trail.look.byHand === undefined && !asked.has(target.principal)) {
    asked.add(target.principal);
    const why = await askUsers(deps, trail.look, seen, target.principal, options.signal);
    if (why !== null) silent.set(target.principal, why);
    return null;
  }
  return (await waitForReaders(looking, intents)) ?? 'nothing';
}

/**
 * A vault is not shut for the first time while it is not known which vault a workflow reads because Azure does not show
 * its connection for now: the workflow is looked at, and then the vault. Null where there is nothing to wait for.
 */
async function waitForReaders(
  { deps, options, seen, trail }: Looking,
  intents: readonly Draft[],
): Promise<LookResult | null> {
  const { observed, memory } = seen;
  if (observed.kind !== 'vault' || memory.knownGood !== null || observed.unresolvedReaders.length === 0)
    return null;
  const shuts = intents.some(({ edits }) => edits.some(({ path }) => path === DEFAULT_ACTION_PATH));
  const unseen = shuts ? ((await options.unseenReaders?.(observed.unresolvedReaders)) ?? []) : [];
  if (unseen.length === 0) return null;
  for (const id of unseen) await queueAnother(deps, trail.look, id);
  const names = unseen.map(({ name }) => name).join(', ');
  const why = `Azure does not show connections of workflows that may read ${trail.look.id.id}: ${names}.`;
  return later(why, SHOWN_MS);
}

const DEFAULT_ACTION_PATH = '/properties/networkAcls/defaultAction';

/** Why this is not to be sent after all, as if Azure had refused it; null where nothing is against it. */
export function doubtAbout({ silent }: Looking, target: WriteTarget | null): WriteAttempt | null {
  const why = target?.kind === 'access-policy' ? silent.get(target.principal) : undefined;
  if (why === undefined) return null;
  return {
    kind: 'blocked',
    outcome: 'refused',
    obstacle: 'failed',
    why,
    armRequestId: null,
    isDivisible: false,
  };
}
