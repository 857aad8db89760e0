import type { ResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import { flowMapOf, type FlowMap } from '../workflow/flow/flow-map.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import { flowBetween } from './observe/flow-between.js';
import { namedConnections } from './observe/observe-workflow.js';

export type ShownFlow =
  | { readonly kind: 'flow'; readonly flow: FlowMap }
  | { readonly kind: 'out-of-scope' | 'gone' }
  /** `why` is a sentence that names the resource. */
  | { readonly kind: 'unavailable'; readonly why: string };

/**
 * The ways of the secrets through one workflow as it is now. Reads the workflow, and each connection that it names and
 * nobody has seen yet; writes nothing to Azure.
 */
export async function secretFlow(deps: EngineDeps, id: ResourceId, signal: AbortSignal): Promise<ShownFlow> {
  if (!isInScope(id, deps.policy.scopes)) return { kind: 'out-of-scope' };
  try {
    const { document } = await deps.reader.read(id, signal);
    const [connections, between] = await Promise.all([
      namedConnections(deps, document, signal),
      flowBetween(deps, id, document),
    ]);
    return { kind: 'flow', flow: flowMapOf(document, connections, between) };
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    if (error.details.kind === 'not-found') return { kind: 'gone' };
    return { kind: 'unavailable', why: error.message };
  }
}
