import type { OwnedRule, VaultReader, WorkflowRead } from '../../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { isInScope } from '../../types/scope.js';
import { dueForRelease, stillNeeds } from '../../vault/rule-ledger.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import { flowBetween } from '../observe/flow-between.js';
import { inBatches } from '../in-batches.js';
import { currentReads } from '../readers/note-reads.js';
import { namedConnections } from '../observe/observe-workflow.js';
import { forgetReads, marking, saveReads } from '../readers/save-reads.js';

export interface Releases {
  /** The values of the owned rules that may go. */
  readonly releasedRules: readonly string[];
  /** Who reads the vault, by what the workflows that were asked have answered. */
  readonly readers: readonly VaultReader[];
}

/** What a workflow said when it was asked by name. */
type Answer =
  | { readonly kind: 'gone' }
  | { readonly kind: 'silent' }
  | { readonly kind: 'reads'; readonly reads: readonly WorkflowRead[] };

/**
 * Finds the owned rules that may go: unneeded for long enough, and each workflow they were for, asked by name, is
 * gone or needs them no more. A list is no proof, because it leaves out what the identity may not see; neither is
 * an answer other than the workflow or 404.
 */
export async function confirmReleases(
  deps: EngineDeps,
  vault: ResourceId,
  owned: readonly OwnedRule[],
  readers: readonly VaultReader[],
  signal: AbortSignal,
): Promise<Releases> {
  const due = dueForRelease(owned, deps.now(), deps.policy.ipRetireAfterMs);
  if (due.length === 0) return { releasedRules: [], readers };
  const ids = [...new Set(due.flatMap((rule) => rule.workflowIds))];
  const answers = new Map<string, Answer>();
  await inBatches(ids, async (id) => answers.set(id, await ask(deps, id, signal)));
  const released = due.filter((rule) =>
    rule.workflowIds.every((id) => isDoneWith(answers.get(id), vault, rule)),
  );
  return {
    releasedRules: released.map(({ value }) => value),
    readers: await deps.readers.readersOf(vault.name.toLowerCase()),
  };
}

function isDoneWith(answer: Answer | undefined, vault: ResourceId, rule: OwnedRule): boolean {
  if (answer?.kind !== 'reads') return answer?.kind === 'gone';
  return answer.reads.every(
    ({ vaultName, addresses }) =>
      (vaultName !== null && vaultName !== vault.name.toLowerCase()) ||
      // A workflow that reads the vault from addresses ARM did not list may need any rule.
      (addresses.length > 0 && !stillNeeds(rule, addresses)),
  );
}

/** Asks one workflow, and keeps its answer in the index. */
async function ask(deps: EngineDeps, workflowId: string, signal: AbortSignal): Promise<Answer> {
  const id = tryParseResourceId(workflowId);
  if (id === null || !isInScope(id, deps.policy.scopes)) return { kind: 'silent' };
  try {
    const { document } = await deps.reader.read(id, signal);
    const before = await deps.readers.workflow(id);
    const connections = await namedConnections(deps, document, signal);
    const between = await flowBetween(deps, id, document);
    const read = currentReads(id, document, connections, before, between);
    const now = { ...read, listed: before?.listed ?? false };
    // What else is new about it concerns other vaults, which nobody would be told of later.
    await saveReads(deps, id, { before, now, between }, marking(deps));
    return { kind: 'reads', reads: now.reads };
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    if (error.details.kind !== 'not-found') return { kind: 'silent' };
    await forgetReads(deps, id);
    return { kind: 'gone' };
  }
}
