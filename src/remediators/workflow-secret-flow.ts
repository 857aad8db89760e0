import type { AddEdit } from '../types/edit.js';
import { getIgnoringCase, isJsonObject } from '../types/json.js';
import type { WorkflowObservation } from '../types/observation.js';
import type { Operation } from '../workflow/definition.js';
import { setsVariable, traitsOf } from '../workflow/flow/action-types.js';
import { describeSecrets } from '../workflow/flow/describe-secret.js';
import type { CarriedSecret, Holding } from '../workflow/flow/exposure.js';
import { secretFlowOf, type SecretFlow } from '../workflow/flow/secret-flow.js';
import { isSetToHide, secureDataOf } from '../workflow/secure-data.js';
import { writeHazardsOf } from '../workflow/write-hazards.js';
import {
  COMPLIANT,
  WORKFLOW_WRITE,
  type Finding,
  type Plan,
  type Refusal,
  type WorkflowRemediator,
} from './remediator.js';

/** Keeps secrets out of the run history on their way through a workflow, behind the actions that get them. */
export const workflowSecretFlow: WorkflowRemediator = {
  id: 'workflow-secret-flow',
  appliesTo: ['workflow'],
  permissions: {
    read: [
      'Microsoft.Logic/workflows/read',
      // After a write: whether it has gone over somebody's save.
      'Microsoft.Logic/workflows/versions/read',
      'Microsoft.Web/connections/read',
    ],
    write: WORKFLOW_WRITE,
  },
  plan,
};

/** What one operation lacks, and why it cannot be given that by itself; null where nothing stands in the way. */
interface Gap {
  readonly edit: AddEdit;
  readonly obstacle: string | null;
}

function plan(observation: WorkflowObservation): Plan {
  const flow = secretFlowOf(observation.workflow, observation.connections, observation.flowBetween);
  return { ...planEdits(flow, observation), findings: findingsIn(flow) };
}

function planEdits(flow: SecretFlow, { workflow, askedForByName, isSource }: WorkflowObservation): Plan {
  const gaps = gapsIn(flow);
  if (gaps.length === 0) return COMPLIANT;
  const edits = gaps.flatMap(({ edit, obstacle }) => (obstacle === null ? [edit] : []));
  const refusals = edits.length === gaps.length ? [] : refusalsIn(gaps);
  if (edits.length === 0) return { ...COMPLIANT, refusals };
  const { reasons, warnings } = writeHazardsOf(workflow, askedForByName, isSource);
  if (reasons.length === 0) return { ...COMPLIANT, edits, warnings, refusals };
  return { ...COMPLIANT, refusals: [...refusals, { reason: reasons.join(' '), edits }] };
}

function refusalsIn(gaps: readonly Gap[]): readonly Refusal[] {
  const obstructed = Map.groupBy(gaps, ({ obstacle }) => obstacle);
  return [...obstructed].flatMap(([reason, refused]): readonly Refusal[] =>
    reason === null ? [] : [{ reason, edits: refused.map(({ edit }) => edit) }],
  );
}

/**
 * Outputs come first: where they are hidden, Azure hides by itself what uses them. `workflow-secure-outputs` sees to
 * those of the actions that get a secret from a vault, so they are taken as hidden wherever they can be.
 */
function gapsIn(flow: SecretFlow): readonly Gap[] {
  const opened = new Set(
    flow.holdings.filter(({ outputs }) => outputs?.hiding === 'open').map(({ operation }) => operation),
  );
  const willHide = (operation: Operation): boolean =>
    isSetToHide(operation, 'outputs') || (opened.has(operation) && obstacleOn(operation) === null);
  const vaultReads = new Set(
    flow.secrets.flatMap((secret) => (isVaultRead(secret.kind) ? secret.operation : [])),
  );
  const holdings = opened.size === 0 ? flow.holdings : flow.holdingsIf(willHide);
  const gaps: Gap[] = [];
  for (const { operation, inputs, outputs } of holdings) {
    if (inputs?.hiding === 'open') gaps.push(gapOf(operation, 'inputs', inputs.secrets));
    const isOpen = outputs?.hiding === 'open' && traitsOf(operation.type).takes === 'both';
    if (isOpen && !vaultReads.has(operation)) gaps.push(gapOf(operation, 'outputs', outputs.secrets));
  }
  return gaps;
}

function isVaultRead(kind: SecretFlow['secrets'][number]['kind']): boolean {
  return (
    kind === 'connector-get-secret' ||
    kind === 'connector-decrypt' ||
    kind === 'http-get-secret' ||
    kind === 'http-decrypt'
  );
}

function gapOf(operation: Operation, what: 'inputs' | 'outputs', secrets: readonly CarriedSecret[]): Gap {
  const reason = `${named(operation)} has ${describeSecrets(secrets)} in its ${what}, and the run history shows it in plain text`;
  const edit: AddEdit = {
    op: 'add',
    path: secureDataOf(operation).pointer,
    before: null,
    after: what,
    reason,
  };
  return { edit, obstacle: obstacleOn(operation) };
}

function obstacleOn(operation: Operation): string | null {
  const secureData = secureDataOf(operation);
  if (secureData.kind === 'malformed') {
    return `The ${secureData.what} in ${named(operation)}. Put it right in the workflow's code view; it is not guessed what it was meant to hide.`;
  }
  if (!hasTrackedProperties(operation)) return null;
  return `${named(operation)} has trackedProperties, which Azure does not save together with secure inputs or outputs. Take them off it, then it is secured.`;
}

/**
 * "Tracked properties can only reference its own action's inputs and outputs when secureData setting is not
 * enabled": Azure does not save such a workflow (https://github.com/Azure/logicapps/issues/746).
 */
function hasTrackedProperties({ json }: Operation): boolean {
  const tracked = getIgnoringCase(json, 'trackedProperties');
  if (isJsonObject(tracked)) return Object.keys(tracked).length > 0;
  return tracked !== null && tracked !== undefined;
}

function findingsIn({ holdings, workflowOutputs }: SecretFlow): readonly Finding[] {
  return [
    ...holdings.flatMap(findingsOn),
    ...workflowOutputs.map(({ name, secrets }): Finding => ({
      severity: 'medium',
      about: `output:${name}`,
      reason: `The workflow's output "${name}" holds ${describeSecrets(secrets)}, and every run shows it in plain text.`,
      step: "Take it out of the workflow's outputs.",
    })),
  ];
}

function findingsOn({ operation, inputs, tracked }: Holding): readonly Finding[] {
  const found: Finding[] = [];
  const about = `${operation.kind}:${operation.name}`;
  if (inputs?.hiding === 'impossible') {
    const reason = `${named(operation)} takes ${describeSecrets(inputs.secrets)}, and there is no setting that keeps it out of the run history.`;
    // A workflow ends with a message where something has failed: there is an answer in it, but seldom a secret.
    const severity = operation.type === 'terminate' ? 'low' : 'medium';
    found.push({ severity, about, reason, step: stepFor(operation.type) });
  }
  if (inputs !== null && operation.type === 'response') {
    const reason = `${named(operation)} gives ${describeSecrets(inputs.secrets)} to whoever calls the workflow.`;
    const step =
      'Let the caller read the secret from the vault itself; until then, let nobody else call the workflow, and hide the outputs of whatever calls it.';
    found.push({ severity: 'medium', about, reason, step });
  }
  if (tracked.length > 0) {
    const reason = `The tracked properties or the correlation of ${named(operation)} hold ${describeSecrets(tracked)}, which goes to the logs in plain text.`;
    found.push({
      severity: 'medium',
      about: `${about}/tracked`,
      reason,
      step: 'Take the secret out of them.',
    });
  }
  return found;
}

function stepFor(type: string): string {
  if (setsVariable(type)) {
    return "Use the action's output where the secret is needed, instead of a variable: the history of that action can be hidden.";
  }
  switch (type) {
    case 'foreach':
      return 'Loop over something that holds no secret, and get the secret within the loop.';
    case 'if':
    case 'switch':
    case 'until':
      return 'Compare in a Compose with secure inputs whose result is true or false, and use that result in the condition.';
    case 'terminate':
      return 'Take the secret out of the message.';
    default:
      return 'Give the secret to an action that can hide its inputs instead, or turn on Secure Inputs and Secure Outputs in the designer if it offers them.';
  }
}

function named({ kind, name }: Operation): string {
  return `${kind} "${name}"`;
}
