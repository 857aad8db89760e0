import type { TokenCredential } from '@azure/identity';
import type { OwnIdentity } from '../engine/ports/arm.js';
import { isJsonObject } from '../types/json.js';

/** The tenant's id. */
export type OwnTenant = () => Promise<string | null>;

/**
 * The names under which ARM knows this app, or whoever runs the command line, out of their access token (claims `oid`,
 * `appid`, `upn`;
 * https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference). A token that cannot be read
 * gives none: then nothing counts as evidence of an own write.
 */
export function createOwnIdentity(credential: TokenCredential, armEndpoint: string): OwnIdentity {
  return async () => {
    const token = await credential.getToken(`${armEndpoint}/.default`);
    const claims = claimsIn(token?.token ?? '');
    const ids = namesIn(claims).filter((id) => typeof id === 'string');
    return new Set(ids.map((id) => id.toLowerCase()));
  };
}

/** A person is named by their sign-in name; the app that they signed in with has written nothing. */
function namesIn({ oid, appid, azp, upn, unique_name, scp }: Claims): readonly unknown[] {
  const isPerson = typeof upn === 'string' || typeof scp === 'string';
  return isPerson ? [oid, upn, unique_name] : [oid, appid, azp];
}

type Claims = Readonly<Record<string, unknown>>;

/** The tenant that this app's access token is for; null where it does not say. */
export function createOwnTenant(credential: TokenCredential, armEndpoint: string): OwnTenant {
  return async () => {
    const token = await credential.getToken(`${armEndpoint}/.default`);
    const { tid } = claimsIn(token?.token ?? '');
    return typeof tid === 'string' ? tid : null;
  };
}

/** The claims of a token, whoever issued it; none where it cannot be read. */
export function claimsIn(token: string): Readonly<Record<string, unknown>> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return isJsonObject(claims) ? claims : {};
  } catch {
    return {};
  }
}
