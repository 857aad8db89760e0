import type { TokenCredential } from '@azure/identity';
import type { OwnIdentity } from '../engine/ports.js';
import { isJsonObject } from '../types/json.js';

/** The tenant's id. */
export type OwnTenant = () => Promise<string | null>;

/**
 * The names under which ARM knows this app, out of its own access token (claims `oid` and `appid`,
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference). A token that cannot be read
 * gives none: then nothing counts as evidence of an own write.
 */
export function createOwnIdentity(credential: TokenCredential, armEndpoint: string): OwnIdentity {
  return async () => {
    const token = await credential.getToken(`${armEndpoint}/.default`);
    const claims = claimsOf(token?.token ?? '');
    const ids = [claims.oid, claims.appid, claims.azp].filter((id) => typeof id === 'string');
    return new Set(ids.map((id) => id.toLowerCase()));
  };
}

/** The tenant that this app's access token is for; null where it does not say. */
export function createOwnTenant(credential: TokenCredential, armEndpoint: string): OwnTenant {
  return async () => {
    const token = await credential.getToken(`${armEndpoint}/.default`);
    const { tid } = claimsOf(token?.token ?? '');
    return typeof tid === 'string' ? tid : null;
  };
}

function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return isJsonObject(claims) ? claims : {};
  } catch {
    return {};
  }
}
