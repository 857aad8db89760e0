import { ArmError } from '../engine/arm-error.js';
import type { ScopeProbe } from '../engine/ports/health.js';
import { armTypeOf, type ResourceKind } from '../types/resource-id.js';
import type { Scope } from '../types/scope.js';
import type { ArmPipelines } from './arm-pipeline.js';
import { sendArmRequest } from './arm-request.js';
import { API_VERSIONS, listUrl, scopePath } from './arm-urls.js';

const KINDS: readonly ResourceKind[] = ['vault', 'workflow', 'connection'];

/**
 * Asks for one resource of each kind, as a sweep's lists do: a scope's resources are readable where these are. `$top` is
 * taken by all three lists (Vaults_List, Workflows_List, Connections_List of Azure/azure-rest-api-specs).
 */
export function createScopeProbe({ keyVault, logic }: ArmPipelines, armEndpoint: string): ScopeProbe {
  async function list(kind: ResourceKind, scope: Scope, signal: AbortSignal): Promise<void> {
    const action = armTypeOf(kind);
    await sendArmRequest(kind === 'vault' ? keyVault : logic, {
      method: 'GET',
      url: `${listUrl(armEndpoint, scope, kind)}&$top=1`,
      purpose: `Listing ${action} in ${scopePath(scope)}`,
      permission: { action: `${action}/read`, scope: scopePath(scope) },
      signal,
    });
  }

  async function listGroups(scope: Scope, signal: AbortSignal): Promise<void> {
    await sendArmRequest(logic, {
      method: 'GET',
      url: `${armEndpoint}${scopePath(scope)}/resourcegroups?api-version=${API_VERSIONS.resourceGroups}&$top=1`,
      purpose: `Listing resource groups in ${scopePath(scope)}`,
      permission: {
        action: 'Microsoft.Resources/subscriptions/resourceGroups/read',
        scope: scopePath(scope),
      },
      signal,
    });
  }

  /** Where Azure does not list connections of a whole subscription, a sweep asks each of its groups. */
  async function ask(kind: ResourceKind, scope: Scope, signal: AbortSignal): Promise<void> {
    try {
      await list(kind, scope, signal);
    } catch (error) {
      const isByGroup = kind === 'connection' && scope.resourceGroup === null && isNotListedThere(error);
      if (!isByGroup) throw error;
      await listGroups(scope, signal);
    }
  }

  return async (scope, signal) => {
    const asked = await Promise.allSettled(KINDS.map((kind) => ask(kind, scope, signal)));
    return asked.flatMap((one) => {
      if (one.status === 'fulfilled') return [];
      if (one.reason instanceof ArmError) return [one.reason];
      throw one.reason;
    });
  };
}

function isNotListedThere(error: unknown): boolean {
  return error instanceof ArmError && ['not-found', 'rejected'].includes(error.details.kind);
}
