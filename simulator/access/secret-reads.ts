import { at, textAt } from '../json.js';
import {
  connectionReferences,
  usedIdentity,
  type ConnectionReference,
  type UsedIdentity,
} from '../logic/connection-references.js';
import { actionsOf } from '../logic/workflow-actions.js';
import type { StoredResource } from '../resource.js';

/** An action that gets a secret: by a connection, or by HTTP from a vault that its address names. */
export type SecretRead = { readonly action: string } & (
  | { readonly kind: 'connection'; readonly key: string; readonly reference: ConnectionReference | undefined }
  | { readonly kind: 'http'; readonly vaultName: string; readonly identity: UsedIdentity | null }
);

/** Every action of a workflow that gets a secret's value, in the order of the definition. */
export function secretReads(
  workflow: StoredResource,
  isKeyVault: (id: string) => boolean,
): readonly SecretRead[] {
  const { properties } = workflow.state;
  const references = connectionReferences(properties.get('parameters'));
  return actionsOf(JSON.parse(properties.get('definition') ?? '{}')).flatMap(
    ({ name, action }): SecretRead[] => {
      const type = textAt(action, 'type')?.toLowerCase() ?? '';
      if (type === 'http') return httpRead(name, action);
      if (!type.startsWith('apiconnection')) return [];
      // The Key Vault connector's operation: GET /secrets/{name}/value, with the name as an expression or not.
      if (!/^\/secrets\/.+\/value$/i.test(textAt(action, 'inputs', 'path') ?? '')) return [];
      const key = connectionKey(textAt(action, 'inputs', 'host', 'connection', 'name') ?? '');
      const reference = references.find((candidate) => candidate.key.toLowerCase() === key.toLowerCase());
      const id = reference?.connectionId;
      return id === undefined || isKeyVault(id) ? [{ action: name, kind: 'connection', key, reference }] : [];
    },
  );
}

function httpRead(name: string, action: unknown): SecretRead[] {
  const uri = textAt(action, 'inputs', 'uri') ?? '';
  const vaultName = /^https:\/\/([a-z0-9-]+)\.vault\.[a-z.]+(?::443)?\/secrets\/[^/?]+/i.exec(uri)?.[1];
  const isGet = textAt(action, 'inputs', 'method')?.toUpperCase() === 'GET';
  if (vaultName === undefined || !isGet) return [];
  return [
    { action: name, kind: 'http', vaultName, identity: usedIdentity(at(action, 'inputs', 'authentication')) },
  ];
}

/** `@parameters('$connections')['keyvault']['connectionId']`, with a question mark before a bracket or not. */
function connectionKey(expression: string): string {
  return /\$connections'\)\??\['([^']+)'\]/i.exec(expression)?.[1] ?? '';
}
