import { AzureCliCredential, type AccessToken, type TokenCredential } from '@azure/identity';
import { claimsIn } from '../../azure/own-identity.js';
import type { Actor } from '../../types/record.js';
import { CommandError, EXIT } from '../exit-code.js';
import { NO_AZ } from './az-account.js';

/** Whoever is signed in to Azure CLI. */
export interface SignedIn {
  readonly credential: TokenCredential;
  readonly actor: Actor;
}

/** For people. */
export function nameOf({ actor }: SignedIn): string {
  return actor.name ?? actor.id ?? 'whoever is signed in';
}

const PROCESS_TIMEOUT_MS = 30_000;
/** A token is used no longer than until this much before its end. */
const RENEW_BEFORE_MS = 5 * 60_000;

/**
 * Signs in as whoever Azure CLI is signed in as, and as nobody else: of a chain of credentials nobody could tell whose
 * rights a command has. Throws {@link CommandError} where it gives no token.
 */
export async function signIn(armEndpoint: string, tenant: string | undefined): Promise<SignedIn> {
  const credential = keepingTokens(
    new AzureCliCredential({
      processTimeoutInMs: PROCESS_TIMEOUT_MS,
      ...(tenant === undefined ? {} : { tenantId: tenant }),
    }),
  );
  try {
    const token = await credential.getToken(`${armEndpoint}/.default`);
    return { credential, actor: actorOf(token?.token ?? '') };
  } catch (error) {
    throw new CommandError(whyNoToken(error, tenant), EXIT.denied);
  }
}

/** Azure CLI takes half a second for each token, and gives the same one for an hour. */
function keepingTokens(credential: TokenCredential): TokenCredential {
  const kept = new Map<string, Promise<AccessToken | null>>();
  return {
    async getToken(scopes, options) {
      const key = JSON.stringify([scopes, options?.tenantId, options?.claims]);
      const known = await kept.get(key)?.catch(() => null);
      if (known && known.expiresOnTimestamp - RENEW_BEFORE_MS > Date.now()) return known;
      const fresh = credential.getToken(scopes, options);
      kept.set(key, fresh);
      return fresh;
    },
  };
}

/** https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
function actorOf(token: string): Actor {
  const { oid, upn, unique_name, preferred_username, app_displayname } = claimsIn(token);
  const name = [upn, preferred_username, unique_name, app_displayname].find((one) => typeof one === 'string');
  return {
    id: typeof oid === 'string' ? oid : null,
    name: typeof name === 'string' ? name : null,
    ip: null,
  };
}

/** In our words: what az writes to its standard error is not looked through for what must not be told. */
function whyNoToken(error: unknown, tenant: string | undefined): string {
  const text = error instanceof Error ? error.message : '';
  const login = `az login${tenant === undefined ? '' : ` --tenant ${tenant}`}`;
  if (text.includes('Azure CLI could not be found')) return NO_AZ;
  const code = /\bAADSTS\d{4,8}\b/.exec(text)?.[0];
  if (code !== undefined) {
    const what = WRONG_TENANT.includes(code)
      ? 'knows nobody of you in that tenant'
      : 'asks you to sign in anew';
    return `Microsoft Entra ID ${what} (${code}): run ${login}.`;
  }
  if (text.includes("'az login'")) return `You are not signed in to Azure CLI: run ${login}.`;
  return `Azure CLI gave no token: run ${login}; az account get-access-token shows why.`;
}

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const WRONG_TENANT = ['AADSTS50020', 'AADSTS90002', 'AADSTS50128', 'AADSTS900023'];
