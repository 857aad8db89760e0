import { NAMES, toldOnce } from './told-once.js';
import { hasHole, textOf, type Folded } from './folded.js';

/** What an operation gives back; `unknown` where it cannot be told. */
export type KeyVaultOperation = 'get-secret' | 'decrypt' | 'no-secret' | 'unknown';

/**
 * What a call of the Key Vault connector does, by its path. The connector has fourteen operations
 * (https://learn.microsoft.com/connectors/keyvault):
 * `/secrets` and `/keys` list; `/{secrets|keys}/{name}/{versions|metadata}` and
 * `/{…}/{name}/versions/{version}/metadata` describe; `/secrets/{name}/value`, `/keys/{name}/{encrypt|decrypt}`
 * and the same under `/versions/{version}` do the work.
 */
export function connectorOperationOf(path: Folded): KeyVaultOperation {
  return operationAt(textOf(path));
}

/** Whether a path is none of the connector's, whatever the expressions in it come to: its first segment is written. */
export function isOtherPath(path: string): boolean {
  const [, collection] = /^\s*\/*([\w.-]+)\//.exec(path) ?? [];
  return collection !== undefined && !/^(?:secrets|keys)$/i.test(collection);
}

const operationAt = toldOnce((path): KeyVaultOperation => {
  const [collection, ...rest] = segmentsOf(path);
  if (collection !== 'secrets' && collection !== 'keys') return 'unknown';
  if (rest.length === 0) return 'no-secret';
  if (rest.length < 2 || rest.length > 4) return 'unknown';
  const last = rest.at(-1);
  if (last === 'metadata' || (last === 'versions' && rest.length === 2)) return 'no-secret';
  if (collection === 'secrets') return last === 'value' ? 'get-secret' : 'unknown';
  if (last === 'encrypt') return 'no-secret';
  return last === 'decrypt' ? 'decrypt' : 'unknown';
}, NAMES);

/**
 * Whether a GET of this path on a vault itself gives back a secret: `/secrets/{name}[/{version}]`, not the
 * lists `/secrets` and `/secrets/{name}/versions`. Keys and certificates come without their private part.
 * https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret/get-secret
 */
export function isSecretPath(path: string): boolean {
  const [collection, name, version] = segmentsOf(path);
  if (collection === null) return true;
  return collection === 'secrets' && name !== undefined && version !== 'versions';
}

/** The name, in lower case, of the secret that a path is for; null where it is for none, or cannot be told. */
export function secretNameIn(path: string): string | null {
  const [collection, name = null] = segmentsOf(path);
  return collection === 'secrets' ? name : null;
}

/** A path's segments in lower case; null stands for one that is not wholly known. */
export function segmentsOf(path: string): readonly (string | null)[] {
  const [plain = ''] = path.trim().split(/[?#]/);
  return plain
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => (hasHole(segment) ? null : decoded(segment).toLowerCase()));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
