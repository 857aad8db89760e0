import { ArmError, type ArmErrorKind } from '../engine/arm-error.js';
import { isJsonObject, type JsonObject } from '../types/json.js';
import type { SendToArm } from './arm-pipeline.js';
import { sendArmRequest, type ArmRequest } from './arm-request.js';

/** One page of a list, and the link to the next; null on the last. */
export interface ArmPage {
  readonly items: readonly JsonObject[];
  readonly next: string | null;
}

/**
 * The pages of a list, as they arrive. Throws `ArmError`, also for an answer that is no list: taken for an empty one,
 * it would say that nobody reads a vault.
 */
export type ArmPages = (
  send: SendToArm,
  firstUrl: string,
  permission: ArmRequest['permission'],
  signal?: AbortSignal,
) => AsyncGenerator<ArmPage>;

export function createArmPages(armEndpoint: string): ArmPages {
  return async function* (send, firstUrl, permission, signal) {
    const { action, scope } = permission;
    const purpose = `Listing ${action.slice(0, action.lastIndexOf('/'))} in ${scope}`;
    const wasThere = createLoopDetector(firstUrl);
    for (let url: string | null = firstUrl; url !== null;) {
      const { document } = await sendArmRequest(send, { method: 'GET', url, purpose, permission, signal });
      if (!Array.isArray(document.value))
        throw failure('unavailable', `${purpose}: Azure's answer is no list.`);
      const { nextLink } = document;
      yield {
        items: (document.value as readonly unknown[]).filter(isJsonObject),
        next: typeof nextLink === 'string' && nextLink !== '' ? nextLink : null,
      };
      url = nextPage(document, armEndpoint, purpose);
      if (url !== null && wasThere(url)) {
        throw failure('unavailable', `${purpose}: a next page leads back to one that was read already.`);
      }
    }
  };
}

/** The items of pages whose links nobody wants. */
export async function* itemsOf(pages: AsyncIterable<ArmPage>): AsyncGenerator<readonly JsonObject[]> {
  for await (const { items } of pages) yield items;
}

/**
 * Whether a link goes round in a circle, found within three rounds and with one link remembered: lists are long
 * (R. P. Brent, "An improved Monte Carlo factorization algorithm", 1980).
 */
function createLoopDetector(first: string): (link: string) => boolean {
  let mark = first;
  let [steps, span] = [0, 1];
  return (link) => {
    if (link === mark) return true;
    steps += 1;
    if (steps === span) [mark, steps, span] = [link, 0, span * 2];
    return false;
  };
}

/** The link to the next page. */
function nextPage({ nextLink }: JsonObject, armEndpoint: string, purpose: string): string | null {
  if (nextLink === undefined || nextLink === null || nextLink === '') return null;
  if (typeof nextLink !== 'string') throw failure('unavailable', `${purpose}: the next page is no link.`);
  return ownLink(nextLink, armEndpoint, purpose);
}

/** A link to a page of a list. It must lead back to ARM: our token goes with it. */
export function ownLink(link: string, armEndpoint: string, purpose: string): string {
  if (!URL.canParse(link) || new URL(link).origin !== armEndpoint) {
    throw failure('rejected', `${purpose}: the next page lies outside ${armEndpoint}; it was not followed.`);
  }
  return link;
}

function failure(kind: ArmErrorKind, message: string): ArmError {
  return new ArmError(message, { kind, status: null, code: null, retryAfterMs: null, armRequestId: null });
}
