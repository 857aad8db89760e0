import { getIgnoringCase } from '../../types/json.js';
import type { FlowBetween, WorkflowDocument } from '../../types/observation.js';
import type { Connections } from '../connections.js';
import type { Constants } from '../constant.js';
import type { Operation } from '../definition.js';
import { httpVaultCallOf } from '../http-vault-call.js';
import { secretActionsOf } from '../secret-actions.js';
import { secureParametersOf } from '../secure-parameters.js';
import type { Secret } from './secret.js';
import { secretNameIn } from './secret-name.js';
import { writesSecret } from './vault-write.js';

/** The secrets that a workflow has before anything in it makes more of them. */
export function sourcesIn(
  workflow: WorkflowDocument,
  operations: readonly Operation[],
  constants: Constants,
  connections: Connections,
  between: FlowBetween,
): readonly Secret[] {
  return [
    ...secretActionsOf(workflow, connections).map(({ kind, name, vaultName, operation }): Secret => {
      const secretName = secretNameIn(operation, constants);
      return { kind, source: name, operation, vaultName, secretName, derivedFrom: [] };
    }),
    ...operations
      .filter((operation) => writesSecret(operation, constants))
      .map((operation) => written(operation, constants)),
    ...secureParameters(workflow),
    ...operations
      .filter(({ type }) => type === 'workflow')
      .filter((operation) => between.returnsSecret.has(childWorkflowOf(operation, constants) ?? ''))
      .map((operation) => plain('child-workflow', operation.name, operation)),
    ...operations
      .filter(({ kind, type }) => between.receivesSecret && kind === 'trigger' && type === 'request')
      .map((trigger) => plain('caller', trigger.name, trigger)),
  ];
}

/** The id, in lower case, of the workflow that an action calls; null where it calls none, or it cannot be told. */
export function childWorkflowOf({ type, inputs }: Operation, constants: Constants): string | null {
  if (type !== 'workflow') return null;
  const host = getIgnoringCase(inputs, 'host');
  const id = constants.fold(getIgnoringCase(getIgnoringCase(host, 'workflow'), 'id'));
  return id.kind === 'constant' && typeof id.value === 'string' ? id.value.trim().toLowerCase() : null;
}

function written(operation: Operation, constants: Constants): Secret {
  const vaultName = httpVaultCallOf(operation, constants)?.vaultName ?? null;
  const secretName = secretNameIn(operation, constants);
  return { ...plain('vault-write', operation.name, operation), vaultName, secretName };
}

function plain(kind: Secret['kind'], source: string, operation: Operation | null): Secret {
  return { kind, source, operation, vaultName: null, secretName: null, derivedFrom: [] };
}

/**
 * A secure parameter "might be visible when you view your workflow's run history" where it is used in a request's
 * header or body (https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#secure-action-parameters).
 */
function secureParameters(workflow: WorkflowDocument): readonly Secret[] {
  const names = secureParametersOf(workflow);
  if (names.length === 0) return [];
  const spelled = new Map(names.map((name) => [name.toLowerCase(), name]));
  return [...spelled.values()].map((name) => plain('secure-parameter', name, null));
}
