import type { ArmWriter } from '../engine/ports.js';
import { armTypeOf, type ResourceId } from '../types/resource-id.js';
import type { ArmPipelines, SendToArm } from './arm-pipeline.js';
import { sendArmRequest } from './arm-request.js';
import { resourceUrl } from './arm-urls.js';

/** Writes vaults and workflows to ARM, each write sent once. */
export function createArmWriter(pipelines: ArmPipelines, armEndpoint: string): ArmWriter {
  async function write(
    send: SendToArm,
    method: 'PATCH' | 'PUT',
    id: ResourceId,
    body: string,
    writeId: string,
    signal?: AbortSignal,
  ) {
    const { document, armRequestId } = await sendArmRequest(send, {
      method,
      url: resourceUrl(armEndpoint, id),
      purpose: `Writing ${id.id}`,
      permission: { action: `${armTypeOf(id.kind)}/write`, scope: id.id },
      body,
      clientRequestId: writeId,
      signal,
    });
    return { document, armRequestId };
  }

  return {
    patchVault: (id, body, writeId, signal) => write(pipelines.keyVault, 'PATCH', id, body, writeId, signal),
    putWorkflow: (id, document, writeId, signal) =>
      write(pipelines.logic, 'PUT', id, document, writeId, signal),
  };
}
