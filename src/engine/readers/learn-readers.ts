import { abortable } from '../abortable.js';
import type { EngineDeps } from '../engine-deps.js';
import { inBatches } from '../in-batches.js';
import { learnWorkflow } from './learn-workflow.js';
import { pagesAhead } from '../sweep/pages-ahead.js';
import type { Scope } from '../../types/scope.js';
import { saveFacts } from './save-facts.js';
import { marking, type Concern } from './save-reads.js';

/** Under the function's timeout of ten minutes. */
const LEARNING_BUDGET_MS = 9 * 60_000;

/** Nobody has considered anything yet, so nobody can have passed anything over. */
const NOBODY: Concern = { mark: () => Promise.resolve(), announce: () => Promise.resolve() };

/**
 * Makes sure, once per process, that somebody has read the whole of the scopes; does it where nobody has. Learning
 * goes on when a caller has no more time to wait for it. Throws `ArmError` where a scope cannot be listed.
 */
export function createReaderKnowledge(deps: EngineDeps): (signal: AbortSignal) => Promise<void> {
  let isComplete = false;
  let learning: Promise<void> | null = null;

  async function missing(): Promise<readonly Scope[]> {
    const learned = await deps.readers.learned(deps.policy.scopes);
    return deps.policy.scopes.filter((_, i) => (learned[i]?.at ?? null) === null);
  }

  async function learn(scopes: readonly Scope[]): Promise<void> {
    const concern = scopes.length === deps.policy.scopes.length ? NOBODY : marking(deps);
    const signal = AbortSignal.timeout(LEARNING_BUDGET_MS);
    // All connections first: a workflow that names one of another scope is then understood.
    for (const scope of scopes) await learnConnections(deps, scope, concern, signal);
    for (const scope of scopes) {
      const at = deps.now();
      await learnWorkflows(deps, scope, concern, signal);
      await deps.readers.noteLearned(scope, { at, failedAt: null });
    }
    isComplete = true;
  }

  return async (signal) => {
    if (isComplete) return;
    const scopes = await missing();
    isComplete = scopes.length === 0;
    if (isComplete) return;
    learning ??= learn(scopes).finally(() => {
      learning = null;
    });
    // Whoever waits hears of a failure; where nobody does any more, the next look asks again.
    learning.catch(() => undefined);
    await abortable(learning, signal);
  };
}

async function learnConnections(
  deps: EngineDeps,
  scope: Scope,
  concern: Concern,
  signal: AbortSignal,
): Promise<void> {
  for await (const { items } of pagesAhead(deps.reader.listConnections(scope, signal), deps.now)) {
    await inBatches(items, ({ id, document }) => saveFacts(deps, id, document, concern));
  }
}

async function learnWorkflows(
  deps: EngineDeps,
  scope: Scope,
  concern: Concern,
  signal: AbortSignal,
): Promise<void> {
  for await (const { items } of pagesAhead(deps.reader.listWorkflows(scope, signal), deps.now)) {
    await inBatches(items, (listed) => learnWorkflow(deps, listed, concern, signal));
  }
}
