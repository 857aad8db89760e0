import { ArmError } from '../engine/arm-error.js';
import type { ArmWriter, ArmWriteResult } from '../engine/ports/arm.js';
import { armTypeOf, type ResourceId } from '../types/resource-id.js';
import type { ArmPipelines, SendToArm } from './arm-pipeline.js';
import { notSent, sendArmRequest, type ArmRequest } from './arm-request.js';
import { API_VERSIONS, resourceUrl } from './arm-urls.js';
import { bucketOf } from './bucket-of.js';
import { NotSentError } from './not-sent-error.js';
import type { OwnTenant } from './own-identity.js';
import type { Pacer } from './pacer.js';

/** Writes to ARM, each write sent once. */
export function createArmWriter(
  pipelines: ArmPipelines,
  armEndpoint: string,
  ownTenant: OwnTenant,
  pacer: Pick<Pacer, 'reserve' | 'release'>,
): ArmWriter {
  const placeOf = (id: ResourceId) => bucketOf('PUT', resourceUrl(armEndpoint, id));

  interface Write {
    readonly send: SendToArm;
    readonly method: 'PATCH' | 'PUT';
    readonly id: ResourceId;
    readonly body: string;
    readonly writeId: string;
    readonly signal?: AbortSignal | undefined;
    readonly mustExist?: boolean;
    /** A part of the resource with a URL and a permission of its own. */
    readonly part?: { readonly url: string; readonly permission: ArmRequest['permission'] };
  }

  async function write(given: Write): Promise<ArmWriteResult> {
    const { send, method, id, body, writeId, signal, mustExist = false, part } = given;
    const { document, armRequestId } = await sendArmRequest(send, {
      method,
      url: part?.url ?? resourceUrl(armEndpoint, id),
      purpose: `Writing ${id.id}`,
      permission: part?.permission ?? { action: `${armTypeOf(id.kind)}/write`, scope: id.id },
      body,
      clientRequestId: writeId,
      mustExist,
      signal,
    });
    return { document, armRequestId };
  }

  return {
    async reserve(id, signal) {
      try {
        await pacer.reserve(placeOf(id), signal);
      } catch (error) {
        if (error instanceof NotSentError) throw notSent(`Writing ${id.id}`, error);
        throw error;
      }
    },
    release: (id) => {
      pacer.release(placeOf(id));
    },
    patchVault: (id, body, writeId, signal) =>
      write({ send: pipelines.keyVault, method: 'PATCH', id, body, writeId, signal }),
    // As Microsoft's own designer saves one (saveWorkflowConsumption of Azure/LogicAppsUX): whether the service looks at
    // it is not documented.
    putWorkflow: (id, body, writeId, signal) =>
      write({ send: pipelines.logic, method: 'PUT', id, body, writeId, signal, mustExist: true }),
    replaceAccessPolicies: (id, body, writeId) =>
      write({
        send: pipelines.keyVault,
        method: 'PUT',
        id,
        body,
        writeId,
        part: {
          url: resourceUrl(armEndpoint, id, '/accessPolicies/replace'),
          permission: { action: 'Microsoft.KeyVault/vaults/accessPolicies/write', scope: id.id },
        },
      }),
    putDiagnosticSetting: (id, name, body, writeId) =>
      write({
        send: pipelines.keyVault,
        method: 'PUT',
        id,
        body,
        writeId,
        part: {
          url: resourceUrl(
            armEndpoint,
            id,
            `/providers/Microsoft.Insights/diagnosticSettings/${encodeURIComponent(name)}`,
            API_VERSIONS.diagnosticSettings,
          ),
          permission: { action: 'Microsoft.Insights/diagnosticSettings/write', scope: id.id },
        },
      }),
    async recoverVault(id, body, writeId) {
      const tenantId = await ownTenant();
      if (tenantId === null) throw noTenant(id);
      const recovery = JSON.parse(body) as { properties: object };
      const withTenant = JSON.stringify({ ...recovery, properties: { ...recovery.properties, tenantId } });
      return write({ send: pipelines.keyVault, method: 'PUT', id, body: withTenant, writeId });
    },
    putConnection: (id, body, writeId) => write({ send: pipelines.logic, method: 'PUT', id, body, writeId }),
  };
}

function noTenant(id: ResourceId): ArmError {
  return new ArmError(`Writing ${id.id}: Holdfast's access token does not say which tenant it is for.`, {
    kind: 'rejected',
    status: null,
    code: null,
    retryAfterMs: null,
    armRequestId: null,
  });
}
