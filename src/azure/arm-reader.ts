import { ArmError } from '../engine/arm-error.js';
import type { ArmReader, ListedResource } from '../engine/ports.js';
import { isJsonObject, type JsonObject } from '../types/json.js';
import { armTypeOf, tryParseResourceId, type ResourceId, type ResourceKind } from '../types/resource-id.js';
import type { Scope } from '../types/scope.js';
import type { ArmPipelines, SendToArm } from './arm-pipeline.js';
import { sendArmRequest } from './arm-request.js';
import { API_VERSIONS, listUrl, resourceUrl, scopePath } from './arm-urls.js';

/** Reads vaults, workflows and connections from ARM. It cannot write. */
export function createArmReader(pipelines: ArmPipelines, armEndpoint: string): ArmReader {
  const senderOf = (kind: ResourceKind): SendToArm =>
    kind === 'vault' ? pipelines.keyVault : pipelines.logic;

  async function read(id: ResourceId, signal?: AbortSignal) {
    const response = await sendArmRequest(senderOf(id.kind), {
      method: 'GET',
      url: resourceUrl(armEndpoint, id),
      purpose: `Reading ${id.id}`,
      permission: { action: `${armTypeOf(id.kind)}/read`, scope: id.id },
      signal,
    });
    return { id, text: response.text, document: response.document };
  }

  async function* pages(send: SendToArm, first: string, action: string, scope: string, signal?: AbortSignal) {
    for (let url: string | null = first; url !== null;) {
      const { document } = await sendArmRequest(send, {
        method: 'GET',
        url,
        purpose: `Listing ${action.slice(0, action.lastIndexOf('/'))} in ${scope}`,
        permission: { action, scope },
        signal,
      });
      yield Array.isArray(document.value) ? (document.value as readonly unknown[]).filter(isJsonObject) : [];
      url = nextPage(document, armEndpoint);
    }
  }

  async function* list(
    kind: ResourceKind,
    scope: Scope,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly ListedResource[]> {
    const url = listUrl(armEndpoint, scope, kind);
    for await (const page of pages(
      senderOf(kind),
      url,
      `${armTypeOf(kind)}/read`,
      scopePath(scope),
      signal,
    )) {
      yield page.flatMap((document) => listed(kind, document));
    }
  }

  /** Whether connections can be listed for a whole subscription is not documented; by group always works. */
  async function* listConnections(
    scope: Scope,
    signal?: AbortSignal,
  ): AsyncGenerator<readonly ListedResource[]> {
    if (scope.resourceGroup !== null) {
      yield* list('connection', scope, signal);
      return;
    }
    try {
      yield* list('connection', scope, signal);
    } catch (error) {
      if (!(error instanceof ArmError) || !['not-found', 'rejected'].includes(error.details.kind))
        throw error;
      for await (const resourceGroup of resourceGroups(scope, signal)) {
        yield* list('connection', { ...scope, resourceGroup }, signal);
      }
    }
  }

  async function* resourceGroups(scope: Scope, signal?: AbortSignal): AsyncGenerator<string> {
    const url = `${armEndpoint}${scopePath(scope)}/resourcegroups?api-version=${API_VERSIONS.resourceGroups}`;
    const action = 'Microsoft.Resources/subscriptions/resourceGroups/read';
    for await (const page of pages(pipelines.logic, url, action, scopePath(scope), signal)) {
      for (const group of page) if (typeof group.name === 'string') yield group.name;
    }
  }

  return {
    read,
    listVaults: (scope, signal) => list('vault', scope, signal),
    listWorkflows: (scope, signal) => list('workflow', scope, signal),
    listConnections,
    async listWorkflowVersions(id, signal) {
      const { document } = await sendArmRequest(pipelines.logic, {
        method: 'GET',
        url: resourceUrl(armEndpoint, id, '/versions'),
        purpose: `Listing the versions of ${id.id}`,
        permission: { action: 'Microsoft.Logic/workflows/versions/read', scope: id.id },
        signal,
      });
      return Array.isArray(document.value) ? (document.value as readonly unknown[]).filter(isJsonObject) : [];
    },
  };
}

function listed(kind: ResourceKind, document: JsonObject): readonly ListedResource[] {
  const id = typeof document.id === 'string' ? tryParseResourceId(document.id) : null;
  return id?.kind === kind ? [{ id, document }] : [];
}

/** The link to the next page. It must lead back to ARM: our token goes with it. */
function nextPage(document: JsonObject, armEndpoint: string): string | null {
  const link = document.nextLink;
  if (typeof link !== 'string' || link === '') return null;
  if (!URL.canParse(link) || new URL(link).origin !== armEndpoint) {
    throw new ArmError(`A list's next page lies outside ${armEndpoint}; it was not followed.`, {
      kind: 'rejected',
      status: null,
      code: null,
      retryAfterMs: null,
      armRequestId: null,
    });
  }
  return link;
}
