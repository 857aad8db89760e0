import { at, entriesOf, isObject, textAt } from '../json.js';
import type { Members } from '../raw-json.js';
import type { ResourceState } from '../resource.js';

/** Whom a connection calls its service as. */
export type SignIn =
  /** Of whoever uses it: the workflow says which of its identities. */
  | { readonly kind: 'managed-identity' }
  | { readonly kind: 'person'; readonly objectId: string; readonly name: string }
  /** A client id and secret, a key: what was sent and is never shown. */
  | { readonly kind: 'credentials' }
  | { readonly kind: 'nobody' };

/**
 * The names of a managed identity's value set: the connectors with several ways to sign in have `managedIdentityAuth`
 * (learn's page on managed identities in Logic Apps), Key Vault has `oauthMI`.
 */
const IDENTITY_SETS = ['oauthmi', 'managedidentityauth'];

export function signInOf(state: ResourceState): SignIn {
  if (usesManagedIdentity(state.properties)) return { kind: 'managed-identity' };
  if (state.signedIn !== undefined) return { kind: 'person', ...state.signedIn };
  const isSecretSent = [...state.secrets.keys(), ...valueNames(state.properties)].some(isSecret);
  return { kind: isSecretSent ? 'credentials' : 'nobody' };
}

export function usesManagedIdentity(properties: Members): boolean {
  return isAlternative(properties) || IDENTITY_SETS.includes(valueSetName(properties)?.toLowerCase() ?? '');
}

/** `parameterValueType: Alternative` is the managed identity of a connector with one other way to sign in. */
export function isAlternative(properties: Members): boolean {
  return String(member(properties, 'parameterValueType')).toLowerCase() === 'alternative';
}

/** Undefined where there is no set, or an empty one, as the portal exports it. */
export function valueSetName(properties: Members): string | undefined {
  const name = textAt(member(properties, 'parameterValueSet'), 'name');
  return name === '' ? undefined : name;
}

/** The vault that a Key Vault connection is for, by whichever member its way of signing in names it. */
export function vaultNameOf(state: ResourceState): string | undefined {
  const { properties, secrets } = state;
  const sent = [...secrets].find(([name]) => name.toLowerCase() === 'vaultname')?.[1];
  const plain: unknown = sent === undefined ? undefined : JSON.parse(sent);
  return (
    textAt(member(properties, 'parameterValueSet'), 'values', 'vaultName', 'value') ??
    textAt(member(properties, 'alternativeParameterValues'), 'vaultName') ??
    (typeof plain === 'string' ? plain : undefined)
  );
}

/**
 * The connectors' own parameter lists say what is secret; the simulator has none, so the name decides. For Key
 * Vault: the client secret is, and vault name, tenant and client id are not.
 */
export function isSecret(name: string): boolean {
  return /secret|password|key|token$|connectionstring|sas|credential/i.test(name.replace(/^token:/i, ''));
}

function valueNames(properties: Members): readonly string[] {
  const values = at(member(properties, 'parameterValueSet'), 'values');
  return isObject(values) ? entriesOf(values).map(([name]) => name) : [];
}

function member(properties: Members, name: string): unknown {
  const key = [...properties.keys()].find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return JSON.parse(properties.get(key ?? name) ?? 'null');
}
