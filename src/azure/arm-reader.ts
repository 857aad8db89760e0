import { ArmError } from '../engine/arm-error.js';
import type { ArmReader, ListedPage, ListedResource } from '../engine/ports/arm.js';
import { isJsonObject, type JsonObject } from '../types/json.js';
import { armTypeOf, tryParseResourceId, type ResourceId, type ResourceKind } from '../types/resource-id.js';
import type { Scope } from '../types/scope.js';
import { createArmPages, itemsOf, ownLink, type ArmPages } from './arm-pages.js';
import type { ArmPipelines, SendToArm } from './arm-pipeline.js';
import { sendArmRequest } from './arm-request.js';
import { API_VERSIONS, listUrl, resourceUrl, scopePath } from './arm-urls.js';
import { countRuns } from './count-runs.js';

/** Reads vaults, workflows, connections and what belongs to them from ARM. It cannot write. */
export function createArmReader(pipelines: ArmPipelines, armEndpoint: string): ArmReader {
  const senderOf = (kind: ResourceKind): SendToArm =>
    kind === 'vault' ? pipelines.keyVault : pipelines.logic;
  const pages = createArmPages(armEndpoint);

  async function read(id: ResourceId, signal?: AbortSignal) {
    const response = await sendArmRequest(senderOf(id.kind), {
      method: 'GET',
      url: resourceUrl(armEndpoint, id),
      purpose: `Reading ${id.id}`,
      permission: { action: `${armTypeOf(id.kind)}/read`, scope: id.id },
      signal,
    });
    if (!isAnswerFor(id, response.document)) {
      throw new ArmError(`Reading ${id.id}: Azure's answer is not that resource.`, {
        kind: 'unavailable',
        status: null,
        code: null,
        retryAfterMs: null,
        armRequestId: response.armRequestId,
      });
    }
    return { id, text: response.text, document: response.document };
  }

  async function* list(
    kind: ResourceKind,
    scope: Scope,
    signal?: AbortSignal,
    from: string | null = null,
    neededAt: Scope = scope,
  ): AsyncGenerator<ListedPage> {
    const url =
      from === null
        ? listUrl(armEndpoint, scope, kind)
        : ownLink(from, armEndpoint, `Listing in ${scopePath(scope)}`);
    const permission = { action: `${armTypeOf(kind)}/read`, scope: scopePath(neededAt) };
    for await (const { items, next } of pages(senderOf(kind), url, permission, signal)) {
      const found: ListedResource[] = [];
      for (const item of items.flatMap((document) => listed(kind, document))) {
        if (isWhole(item)) found.push(item);
        else found.push(...(await readListed(item, signal)));
      }
      yield { items: found, next };
    }
  }

  /** None, where it is gone by now. */
  async function readListed(
    { id }: ListedResource,
    signal?: AbortSignal,
  ): Promise<readonly ListedResource[]> {
    try {
      return [{ id, document: (await read(id, signal)).document }];
    } catch (error) {
      if (error instanceof ArmError && error.details.kind === 'not-found') return [];
      throw error;
    }
  }

  /** Whether connections can be listed for a whole subscription is not documented; by group always works. */
  async function* listConnections(
    scope: Scope,
    signal?: AbortSignal,
    from: string | null = null,
    byGroup = false,
  ): AsyncGenerator<ListedPage> {
    if (scope.resourceGroup !== null || from !== null) {
      yield* list('connection', scope, signal, from);
      return;
    }
    if (!byGroup) {
      try {
        yield* list('connection', scope, signal);
        return;
      } catch (error) {
        if (!isNotListedThere(error)) throw error;
      }
    }
    for await (const resourceGroup of resourceGroups(scope, signal)) {
      // A link leads on in its group alone, so nobody can go on from there. The right is missing for all groups.
      const pages = list('connection', { ...scope, resourceGroup }, signal, null, scope);
      for await (const { items } of pages) yield { items, next: null, isByGroup: true };
    }
  }

  async function* resourceGroups(scope: Scope, signal?: AbortSignal): AsyncGenerator<string> {
    const url = `${armEndpoint}${scopePath(scope)}/resourcegroups?api-version=${API_VERSIONS.resourceGroups}`;
    const permission = {
      action: 'Microsoft.Resources/subscriptions/resourceGroups/read',
      scope: scopePath(scope),
    };
    for await (const { items } of pages(pipelines.logic, url, permission, signal)) {
      for (const group of items) if (typeof group.name === 'string') yield group.name;
    }
  }

  return {
    read,
    listVaults: (scope, signal, from) => list('vault', scope, signal, from),
    listWorkflows: (scope, signal, from) => list('workflow', scope, signal, from),
    listConnections,
    // `atScope()` is what holds here: assignments made at the vault and above it.
    listRoleAssignments: (vault, signal) =>
      all(
        pages(
          pipelines.keyVault,
          `${resourceUrl(armEndpoint, vault, '/providers/Microsoft.Authorization/roleAssignments', API_VERSIONS.roleAssignments)}&$filter=${encodeURIComponent('atScope()')}`,
          { action: 'Microsoft.Authorization/roleAssignments/read', scope: vault.id },
          signal,
        ),
      ),
    listDiagnosticSettings: (vault, signal) =>
      all(
        pages(
          pipelines.keyVault,
          resourceUrl(
            armEndpoint,
            vault,
            '/providers/Microsoft.Insights/diagnosticSettings',
            API_VERSIONS.diagnosticSettings,
          ),
          { action: 'Microsoft.Insights/diagnosticSettings/read', scope: vault.id },
          signal,
        ),
      ),
    listDeletedVaults: (subscriptionId, signal) =>
      all(
        pages(
          pipelines.keyVault,
          `${armEndpoint}/subscriptions/${subscriptionId}/providers/Microsoft.KeyVault/deletedVaults?api-version=${API_VERSIONS.vault}`,
          { action: 'Microsoft.KeyVault/deletedVaults/read', scope: `/subscriptions/${subscriptionId}` },
          signal,
        ),
      ),
    countRuns: (workflow, from, to, signal) =>
      countRuns(
        (filter) =>
          itemsOf(
            pages(
              pipelines.logic,
              `${resourceUrl(armEndpoint, workflow, '/runs')}&$filter=${encodeURIComponent(filter)}`,
              { action: 'Microsoft.Logic/workflows/runs/read', scope: workflow.id },
              signal,
            ),
          ),
        from,
        to,
      ),
    async listWorkflowVersions(id, signal) {
      const first = pages(
        pipelines.logic,
        resourceUrl(armEndpoint, id, '/versions'),
        { action: 'Microsoft.Logic/workflows/versions/read', scope: id.id },
        signal,
      );
      for await (const { items } of first) return items;
      return [];
    },
    async readWorkflowVersion(id, version, signal) {
      const { text, document } = await sendArmRequest(pipelines.logic, {
        method: 'GET',
        url: resourceUrl(armEndpoint, id, `/versions/${encodeURIComponent(version)}`),
        purpose: `Reading a version of ${id.id}`,
        permission: { action: 'Microsoft.Logic/workflows/versions/read', scope: id.id },
        signal,
      });
      return { id, text, document };
    },
  };
}

/** What is written is planned from it: a vault without properties would be one that is open and has no rules. */
function isAnswerFor(id: ResourceId, document: JsonObject): boolean {
  const isSame = typeof document.id !== 'string' || tryParseResourceId(document.id)?.key === id.key;
  return isSame && isJsonObject(document.properties);
}

/**
 * Whether a list says of a workflow what there is to know: taken for all of it, less would be one that reads no vault.
 * That lists have all is documented by examples alone (Workflows_ListBySubscription of Azure/azure-rest-api-specs).
 */
function isWhole({ id, document: { properties } }: ListedResource): boolean {
  if (id.kind !== 'workflow') return true;
  return (
    isJsonObject(properties) && ['definition', 'definitionLink'].some((key) => isJsonObject(properties[key]))
  );
}

function isNotListedThere(error: unknown): boolean {
  return error instanceof ArmError && ['not-found', 'rejected'].includes(error.details.kind);
}

async function all(pages: ReturnType<ArmPages>): Promise<readonly JsonObject[]> {
  const found: JsonObject[] = [];
  for await (const { items } of pages) found.push(...items);
  return found;
}

function listed(kind: ResourceKind, document: JsonObject): readonly ListedResource[] {
  const id = typeof document.id === 'string' ? tryParseResourceId(document.id) : null;
  return id?.kind === kind ? [{ id, document }] : [];
}
