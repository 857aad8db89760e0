import type { CarriedSecret } from './exposure.js';
import type { Secret } from './secret.js';

/** More than this many are counted rather than named. */
const MAX_NAMED = 3;

/** A secret in words: where it comes from, never what it is. */
export function describeSecret(secret: Secret): string {
  const { kind, source, vaultName, secretName, derivedFrom } = secret;
  const vault = vaultName === null ? 'a vault' : `the vault ${vaultName}`;
  const name = secretName === null ? 'a secret' : `the secret "${secretName}"`;
  switch (kind) {
    case 'connector-get-secret':
    case 'http-get-secret':
      return `${name} of ${vault} (from "${source}")`;
    case 'connector-decrypt':
    case 'http-decrypt':
      return `what a key of ${vault} decrypts (from "${source}")`;
    case 'vault-write':
      return `${name} that "${source}" writes into ${vault}`;
    case 'secure-parameter':
      return `the secure parameter "${source}"`;
    case 'child-workflow':
      return `a secret that the workflow called by "${source}" gives back`;
    case 'caller':
      return `a secret that a caller hands to "${source}"`;
    case 'stored':
      return `what "${source}" gives to be written into a vault`;
    case 'derived': {
      const [first, ...more] = derivedFrom.filter((from) => from.kind !== 'derived');
      const got = first === undefined ? 'a secret' : describeSecret(first);
      return `the credential that "${source}" gets for ${got}${more.length > 0 ? ' and others' : ''}`;
    }
  }
}

export function describeSecrets(carried: readonly CarriedSecret[]): string {
  const named = carried.slice(0, MAX_NAMED).map(({ secret }) => describeSecret(secret));
  const rest = carried.length - named.length;
  const all = rest > 0 ? [...named, `${rest} more`] : named;
  return all.length === 1 ? (all[0] ?? '') : `${all.slice(0, -1).join(', ')} and ${all.at(-1) ?? ''}`;
}
