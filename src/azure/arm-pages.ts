import { ArmError } from '../engine/arm-error.js';
import { isJsonObject, type JsonObject } from '../types/json.js';
import type { SendToArm } from './arm-pipeline.js';
import { sendArmRequest, type ArmRequest } from './arm-request.js';

/** The pages of a list, as they arrive. Throws `ArmError`. */
export type ArmPages = (
  send: SendToArm,
  firstUrl: string,
  permission: ArmRequest['permission'],
  signal?: AbortSignal,
) => AsyncGenerator<readonly JsonObject[]>;

export function createArmPages(armEndpoint: string): ArmPages {
  return async function* (send, firstUrl, permission, signal) {
    const { action, scope } = permission;
    for (let url: string | null = firstUrl; url !== null;) {
      const { document } = await sendArmRequest(send, {
        method: 'GET',
        url,
        purpose: `Listing ${action.slice(0, action.lastIndexOf('/'))} in ${scope}`,
        permission,
        signal,
      });
      yield Array.isArray(document.value) ? (document.value as readonly unknown[]).filter(isJsonObject) : [];
      url = nextPage(document, armEndpoint);
    }
  };
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
