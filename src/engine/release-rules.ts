import type { OwnedRule } from '../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import { readsOf } from '../workflow/vault-reads.js';
import { dueForRelease, stillNeeds } from '../vault/rule-ledger.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import { namedConnections } from './observe-workflow.js';

/**
 * The owned rules that may go: unneeded for long enough, and each workflow they were for, asked by name, is gone
 * or needs them no more. A list is no proof, because it leaves out what the identity may not see; neither is an
 * answer other than the workflow or 404.
 */
export async function releasedRules(
  deps: EngineDeps,
  vault: ResourceId,
  owned: readonly OwnedRule[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const due = dueForRelease(owned, deps.now(), deps.policy.ipRetireAfterMs);
  const released: string[] = [];
  for (const rule of due) {
    const answers = await Promise.all(
      rule.workflowIds.map((id) => isDoneWith(deps, id, vault, rule, signal)),
    );
    if (answers.every(Boolean)) released.push(rule.value);
  }
  return released;
}

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
    const { reads } = readsOf(document, await namedConnections(deps, document, signal));
    return reads.every(
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
