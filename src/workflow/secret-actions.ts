import { getIgnoringCase } from '../types/json.js';
import type { WorkflowDocument } from '../types/observation.js';
import { connectionOf, usesConnection, type OperationConnection } from './action-connection.js';
import type { Connections } from './connections.js';
import type { Constants } from './constant.js';
import type { Operation } from './definition.js';
import { httpVaultCallOf } from './http-vault-call.js';
import {
  connectorOperationOf,
  isOtherPath,
  segmentsOf,
  type KeyVaultOperation,
} from './key-vault-operation.js';
import { readingOf } from './reading.js';

export type SecretActionKind =
  'connector-get-secret' | 'connector-decrypt' | 'http-get-secret' | 'http-decrypt';

/** An action or trigger whose outputs hold a secret. */
export interface SecretAction {
  readonly kind: SecretActionKind;
  readonly name: string;
  /** JSON pointer from the resource's root. */
  readonly pointer: string;
  /** In lower case; null where it cannot be told which vault. */
  readonly vaultName: string | null;
  readonly operation: Operation;
}

/**
 * The actions and triggers that give back a secret. Where that cannot be told of one which reaches a vault,
 * it counts: to hide too much in a run's history is safe.
 */
export function secretActionsOf(
  workflow: WorkflowDocument,
  connections: Connections,
): readonly SecretAction[] {
  const { operations, constants, connectionEntries } = readingOf(workflow);
  const actions: SecretAction[] = [];
  for (const operation of operations) {
    const found = usesConnection(operation)
      ? connectorSecret(
          operation,
          constants,
          connectionOf(operation, constants, connectionEntries, connections),
        )
      : (httpSecret(operation, constants) ?? builtInSecret(operation));
    if (found !== null)
      actions.push({ ...found, name: operation.name, pointer: operation.pointer, operation });
  }
  return actions;
}

type Found = Pick<SecretAction, 'kind' | 'vaultName'>;

/** Whether a call through a connection that cannot be told is one of the connector's that give back a secret. */
export function looksLikeConnectorSecret(operation: Operation, constants: Constants): boolean {
  const called = connectorOperation(operation, constants);
  return called === 'get-secret' || called === 'decrypt';
}

function connectorSecret(
  operation: Operation,
  constants: Constants,
  connection: OperationConnection,
): Found | null {
  if (connection.kind === 'other') return null;
  const called = connectorOperation(operation, constants);
  if (called === 'no-secret' || (called === 'unknown' && connection.kind === 'unknown')) return null;
  const vaultName = connection.kind === 'key-vault' ? connection.vaultName : null;
  return { kind: called === 'decrypt' ? 'connector-decrypt' : 'connector-get-secret', vaultName };
}

function connectorOperation({ inputs }: Operation, constants: Constants): KeyVaultOperation {
  const path = getIgnoringCase(inputs, 'path');
  if (typeof path === 'string' && isOtherPath(path)) return 'unknown';
  return connectorOperationOf(constants.fold(path));
}

function httpSecret(operation: Operation, constants: Constants): Found | null {
  const call = httpVaultCallOf(operation, constants);
  if (call?.method === 'POST' && decrypts(call.path))
    return { kind: 'http-decrypt', vaultName: call.vaultName };
  if (call?.isSecret !== true || (call.method !== null && call.method !== 'GET')) return null;
  return { kind: 'http-get-secret', vaultName: call.vaultName };
}

/**
 * The Key Vault operations that are built into Logic Apps Standard (https://learn.microsoft.com/azure/connectors/built-in),
 * under the ids that published workflows have: `getSecret`, `getSecretVersion`, `decryptDataWithKey` and others, of which
 * those that describe, list or encrypt give back no secret. What is not known counts.
 */
function builtInSecret({ type, inputs }: Operation): Found | null {
  if (type !== 'serviceprovider') return null;
  const configuration = getIgnoringCase(inputs, 'serviceProviderConfiguration');
  const provider = getIgnoringCase(configuration, 'serviceProviderId');
  const operation = getIgnoringCase(configuration, 'operationId');
  if (typeof provider !== 'string' || provider.toLowerCase() !== '/serviceproviders/keyvault') return null;
  const called = typeof operation === 'string' ? operation.toLowerCase() : '';
  if (/metadata|^list|^encrypt/.test(called)) return null;
  return {
    kind: called.startsWith('decrypt') ? 'connector-decrypt' : 'connector-get-secret',
    vaultName: null,
  };
}

/** https://learn.microsoft.com/rest/api/keyvault/keys/decrypt/decrypt, and unwrap-key beside it */
function decrypts(path: string | null): boolean {
  const [collection, ...rest] = segmentsOf(path ?? '');
  const last = rest.at(-1);
  return collection === 'keys' && (last === 'decrypt' || last === 'unwrapkey');
}
