import { getIgnoringCase } from '../types/json.js';
import type { Constants } from './constant.js';
import {
  isKeyVaultApi,
  isKeyVaultKey,
  isKeyVaultReference,
  toConnectionId,
  type ConnectionReference,
  type Connections,
} from './connections.js';
import type { Operation } from './definition.js';
import type { Expression } from './expression.js';

/** The connection that an operation goes through, as far as it concerns a vault. */
export type OperationConnection =
  | { readonly kind: 'key-vault'; readonly vaultName: string | null }
  | { readonly kind: 'other' }
  | { readonly kind: 'unknown' };

/** How an operation names its connection: by a key of `$connections`, by the id itself, or it cannot be told. */
export type ConnectionUse =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'id'; readonly connectionId: string }
  | { readonly kind: 'unknown' };

/** Whether an operation goes through a managed connector. */
export function usesConnection({ type }: Operation): boolean {
  return type.startsWith('apiconnection');
}

/** How an operation names its connection in `inputs.host.connection.name`. */
export function connectionUseOf(operation: Operation, constants: Constants): ConnectionUse {
  const host = getIgnoringCase(operation.inputs, 'host');
  const name = getIgnoringCase(getIgnoringCase(host, 'connection'), 'name');
  if (typeof name !== 'string') return { kind: 'unknown' };
  const key = connectionKeyOf(constants.parse(name), constants);
  if (key !== null) return { kind: 'key', key };
  const folded = constants.fold(name);
  const connectionId = folded.kind === 'constant' ? toConnectionId(folded.value) : null;
  return connectionId === null ? { kind: 'unknown' } : { kind: 'id', connectionId };
}

export function connectionOf(
  operation: Operation,
  constants: Constants,
  references: readonly ConnectionReference[],
  connections: Connections,
): OperationConnection {
  const use = connectionUseOf(operation, constants);
  if (use.kind === 'unknown') return { kind: 'unknown' };
  const reference = referenceOf(use, references);
  if (reference !== undefined) return referenced(reference, connections);
  if (use.kind === 'id') {
    const facts = connections.get(use.connectionId);
    if (facts === undefined || facts.apiId === null) return { kind: 'unknown' };
    return isKeyVaultApi(facts.apiId) ? { kind: 'key-vault', vaultName: facts.vaultName } : { kind: 'other' };
  }
  // The action would fail; published playbooks have it (their `$connections` say `keyvault_1`).
  return isKeyVaultKey(use.key) ? { kind: 'key-vault', vaultName: null } : { kind: 'other' };
}

function referenceOf(
  use: Exclude<ConnectionUse, { kind: 'unknown' }>,
  references: readonly ConnectionReference[],
): ConnectionReference | undefined {
  if (use.kind === 'id') return references.find(({ connectionId }) => connectionId === use.connectionId);
  return (
    references.find(({ key }) => key === use.key) ??
    references.find(({ key }) => key.toLowerCase() === use.key.toLowerCase())
  );
}

function referenced(reference: ConnectionReference, connections: Connections): OperationConnection {
  if (!isKeyVaultReference(reference, connections)) return { kind: 'other' };
  const facts = reference.connectionId === null ? undefined : connections.get(reference.connectionId);
  return { kind: 'key-vault', vaultName: facts?.vaultName ?? null };
}

/** What `keyIn` says of an expression whose names stand in it: it says that of it in every workflow. */
const writtenKeys = new WeakMap<Expression, string | null>();

function connectionKeyOf(expression: Expression, constants: Constants): string | null {
  const written = writtenKeys.get(expression);
  if (written !== undefined) return written;
  const key = keyIn(expression, constants);
  if (isWritten(expression)) writtenKeys.set(expression, key);
  return key;
}

function isWritten(expression: Expression): boolean {
  if (expression.kind === 'interpolation') return expression.parts.every(isWritten);
  if (expression.kind !== 'call') return true;
  const { args, path } = expression;
  return args.every(({ kind }) => kind === 'literal') && path.every(({ key }) => key.kind === 'literal');
}

/** The key in `@parameters('$connections')['key']['connectionId']`. */
function keyIn(expression: Expression, constants: Constants): string | null {
  if (expression.kind === 'interpolation') {
    const [part, ...more] = expression.parts;
    return part !== undefined && more.length === 0 ? keyIn(part, constants) : null;
  }
  if (expression.kind !== 'call' || expression.name !== 'parameters') return null;
  const [name] = expression.args;
  const [step] = expression.path;
  if (name === undefined || step === undefined) return null;
  const parameter = constants.foldExpression(name);
  const key = constants.foldExpression(step.key);
  const isConnections =
    parameter.kind === 'constant' &&
    typeof parameter.value === 'string' &&
    parameter.value.toLowerCase() === '$connections';
  return isConnections && key.kind === 'constant' && typeof key.value === 'string' ? key.value : null;
}
