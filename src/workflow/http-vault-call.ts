import { getIgnoringCase } from '../types/json.js';
import type { Constants } from './constant.js';
import type { Operation } from './definition.js';
import { isSecretPath } from './key-vault-operation.js';
import { isVaultAudience, uriTargetOf } from './vault-uri.js';

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
  /** Whether a GET would give back a secret; true where it cannot be told. */
  readonly isSecret: boolean;
}

/** The vault that an HTTP operation calls; null where it calls none, or is no HTTP operation. */
export function httpVaultCallOf(operation: Operation, constants: Constants): HttpVaultCall | null {
  if (operation.type !== 'http') return null;
  const inputs = getIgnoringCase(operation.json, 'inputs');
  const target = uriTargetOf(constants.fold(getIgnoringCase(inputs, 'uri')));
  const method = methodOf(operation, constants);
  if (target.kind === 'vault') {
    return { method, by: 'host', vaultName: target.vaultName, isSecret: isSecretPath(target.path) };
  }
  if (!hasVaultAudience(operation, constants)) return null;
  // Whatever the URI says, whoever gets a token for a vault may give back what is in it.
  return { method, by: target.kind === 'unresolved' ? 'audience' : 'proxy', vaultName: null, isSecret: true };
}

function methodOf({ json }: Operation, constants: Constants): string | null {
  const method = constants.fold(getIgnoringCase(getIgnoringCase(json, 'inputs'), 'method'));
  return method.kind === 'constant' && typeof method.value === 'string'
    ? method.value.trim().toUpperCase()
    : null;
}

/** Whatever the kind of authentication: an app's own credentials have an audience as a managed identity does. */
function hasVaultAudience({ json }: Operation, constants: Constants): boolean {
  const written = getIgnoringCase(getIgnoringCase(json, 'inputs'), 'authentication');
  const folded = typeof written === 'string' ? constants.fold(written) : null;
  const authentication = folded?.kind === 'constant' ? folded.value : written;
  return isVaultAudience(constants.fold(getIgnoringCase(authentication, 'audience')));
}
