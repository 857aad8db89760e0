import type { OwnedRule, VaultReader } from '../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import { dueForRelease, stillNeeds } from '../vault/rule-ledger.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import { currentReads } from './note-reads.js';
import { namedConnections } from './observe-workflow.js';

export interface Releases {
  /** The values of the owned rules that may go. */
  readonly releasedRules: readonly string[];
  /** Who reads the vault, by what the workflows that were asked have answered. */
  readonly readers: readonly VaultReader[];
}

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
  const released: string[] = [];
  for (const rule of due) {
    const answers = await Promise.all(
      rule.workflowIds.map((id) => isDoneWith(deps, id, vault, rule, signal)),
    );
    if (answers.every(Boolean)) released.push(rule.value);
  }
  return { releasedRules: released, readers: await deps.readers.readersOf(vault.name.toLowerCase()) };
}

/** Asks one workflow, and keeps its answer in the index. */
async function isDoneWith(
  deps: EngineDeps,
  workflowId: string,
  vault: ResourceId,
  rule: OwnedRule,
  signal: AbortSignal,
): Promise<boolean> {
  const id = tryParseResourceId(workflowId);
  if (id === null || !isInScope(id, deps.policy.scopes)) return false;
  try {
    const { document } = await deps.reader.read(id, signal);
    const before = await deps.readers.workflow(id);
    const now = currentReads(id, document, await namedConnections(deps, document, signal), before);
    await deps.readers.saveWorkflow(id, { ...now, listed: before?.listed ?? false });
    return now.reads.every(
      ({ vaultName, addresses }) =>
        (vaultName !== null && vaultName !== vault.name.toLowerCase()) ||
        // A workflow that reads the vault from addresses ARM did not list may need any rule.
        (addresses.length > 0 && !stillNeeds(rule, addresses)),
    );
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    if (error.details.kind !== 'not-found') return false;
    await deps.readers.forgetWorkflow(id);
    return true;
  }
}
