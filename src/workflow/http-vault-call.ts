import { getIgnoringCase, type Json } from '../types/json.js';
import type { Constants } from './constant.js';
import type { Operation } from './definition.js';
import { isSecretPath } from './key-vault-operation.js';
import { isVaultAudience, leadsElsewhere, uriTargetOf } from './vault-uri.js';

/** A call of a vault by an HTTP action or trigger. */
export interface HttpVaultCall {
  /** In upper case; null where it is not known before the workflow runs. */
  readonly method: string | null;
  /**
   * `host`: the URI leads to a vault. `audience`: the URI is not known, but the access token is for a vault.
   * `proxy`: the token is for a vault and the URI leads elsewhere, as through a gateway.
   */
  readonly by: 'host' | 'audience' | 'proxy';
  /** Null where it cannot be told which vault. */
  readonly vaultName: string | null;
  /** On the vault, as far as it is known; null where the URI does not say. */
  readonly path: string | null;
  /** Whether a GET would give back a secret; true where it cannot be told. */
  readonly isSecret: boolean;
}

/** By the operation's index. */
const calls = new WeakMap<Constants, (HttpVaultCall | null)[]>();

/** The vault that an HTTP operation calls; null where it calls none, or is no HTTP operation. Told once of each. */
export function httpVaultCallOf(operation: Operation, constants: Constants): HttpVaultCall | null {
  if (operation.type !== 'http') return null;
  let told = calls.get(constants);
  if (told === undefined) calls.set(constants, (told = []));
  const known = told[operation.index];
  if (known !== undefined) return known;
  const call = readCall(operation, constants);
  told[operation.index] = call;
  return call;
}

function readCall(operation: Operation, constants: Constants): HttpVaultCall | null {
  const uri = getIgnoringCase(operation.inputs, 'uri');
  const isForVault = hasVaultAudience(operation, constants);
  if (!isForVault && typeof uri === 'string' && leadsElsewhere(uri)) return null;
  const target = uriTargetOf(constants.fold(uri));
  if (target.kind === 'vault') {
    const { vaultName, path } = target;
    const method = methodOf(operation, constants);
    return { method, by: 'host', vaultName, path, isSecret: isSecretPath(path) };
  }
  if (!isForVault) return null;
  // Whatever the URI says, whoever gets a token for a vault may give back what is in it.
  const by = target.kind === 'unresolved' ? 'audience' : 'proxy';
  return { method: methodOf(operation, constants), by, vaultName: null, path: null, isSecret: true };
}

function methodOf({ inputs }: Operation, constants: Constants): string | null {
  const method = constants.fold(getIgnoringCase(inputs, 'method'));
  return method.kind === 'constant' && typeof method.value === 'string'
    ? method.value.trim().toUpperCase()
    : null;
}

/** Whatever the kind of authentication: an app's own credentials have an audience as a managed identity does. */
function hasVaultAudience(operation: Operation, constants: Constants): boolean {
  const authentication = httpAuthenticationOf(operation, constants);
  const audience = getIgnoringCase(authentication, 'audience');
  return audience !== undefined && isVaultAudience(constants.fold(audience));
}

/** An HTTP operation's `authentication`, also where an expression puts it there. Its members may be expressions. */
export function httpAuthenticationOf({ inputs }: Operation, constants: Constants): Json | undefined {
  const written = getIgnoringCase(inputs, 'authentication');
  const folded = typeof written === 'string' ? constants.fold(written) : null;
  return folded?.kind === 'constant' ? folded.value : written;
}
