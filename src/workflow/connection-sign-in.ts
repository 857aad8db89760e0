import { getIgnoringCase, isJsonObject, type Json } from '../types/json.js';
import type { ConnectionSignIn } from '../types/observation.js';

/**
 * The names of a connection's parameter value sets, in lower case: `oauthMI` is the Key Vault connector's managed
 * identity, `managedIdentityAuth` that of connectors in general
 * (https://learn.microsoft.com/azure/logic-apps/authenticate-with-managed-identity); the others are its
 * sign-ins with a user, a client secret and a certificate (https://learn.microsoft.com/connectors/keyvault).
 */
const VALUE_SETS: ReadonlyMap<string, ConnectionSignIn> = new Map([
  ['oauthmi', 'managed-identity'],
  ['managedidentityauth', 'managed-identity'],
  ['oauthdefault', 'user'],
  ['oauthserviceprincipal', 'application'],
  ['serviceprincipalauth', 'application'],
  ['certoauth', 'application'],
]);

/** What the parameters are called that an app signs in with; their case varies from template to template. */
const APPLICATION_PARAMETER = /^token:client(?:id|secret)$/i;

/**
 * As whom a connection signs in, by its `properties`; unknown where they do not say, and where they say two things.
 * `Alternative` values are the managed identity's; ARM gives back what else was asked for on creation in
 * `nonSecretParameterValues`, and for a user's sign-in `authenticatedUser`.
 */
export function connectionSignInOf(properties: Json | undefined): ConnectionSignIn {
  const valueSet = getIgnoringCase(properties, 'parameterValueSet');
  const isAlternative = lower(getIgnoringCase(properties, 'parameterValueType')) === 'alternative';
  const setName = lower(getIgnoringCase(valueSet, 'name'));
  const user = lower(getIgnoringCase(getIgnoringCase(properties, 'authenticatedUser'), 'name'));
  const found = new Set<ConnectionSignIn>([
    ...(isAlternative ? ['managed-identity' as const] : []),
    ...(setName === null ? [] : [VALUE_SETS.get(setName) ?? 'unknown']),
    ...['parameterValues', 'nonSecretParameterValues'].flatMap((values) =>
      byParameters(getIgnoringCase(properties, values)),
    ),
    // An app's connection may name the person who made it; a managed identity's cannot sign in as one.
    ...(user === null ? [] : ['user' as const]),
  ]);
  if (found.has('application')) found.delete('user');
  const [first = 'unknown', ...others] = found;
  return others.length === 0 ? first : 'unknown';
}

/** `client_credentials` is an app's grant, `code` a user's consent. */
function byParameters(values: Json | undefined): readonly ConnectionSignIn[] {
  const grant = lower(getIgnoringCase(values, 'token:grantType'));
  if (grant === 'client_credentials' || hasApplicationParameter(values)) return ['application'];
  return grant === 'code' ? ['user'] : [];
}

function hasApplicationParameter(values: Json | undefined): boolean {
  return (
    isJsonObject(values) &&
    Object.entries(values).some(([name, value]) => APPLICATION_PARAMETER.test(name) && lower(value) !== null)
  );
}

function lower(value: Json | undefined): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim().toLowerCase() : null;
}
