import type { AddEdit } from '../types/edit.js';
import { getIgnoringCase, isJsonObject } from '../types/json.js';
import type { WorkflowObservation } from '../types/observation.js';
import { secretActionsOf, type SecretAction } from '../workflow/secret-actions.js';
import { hides, secureDataOf } from '../workflow/secure-data.js';
import { writeHazardsOf } from '../workflow/write-hazards.js';
import { COMPLIANT, WORKFLOW_WRITE, type Plan, type Refusal, type WorkflowRemediator } from './remediator.js';

/** Keeps what the actions that return a secret give back out of the run history. */
export const workflowSecureOutputs: WorkflowRemediator = {
  id: 'workflow-secure-outputs',
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

/** What one action lacks, and why it cannot be given that by itself; null where nothing stands in the way. */
interface Gap {
  readonly edit: AddEdit;
  readonly obstacle: string | null;
}

function plan({ workflow, connections, askedForByName, isSource }: WorkflowObservation): Plan {
  const gaps = secretActionsOf(workflow, connections).flatMap(gapOf);
  if (gaps.length === 0) return COMPLIANT;
  const edits = gaps.flatMap(({ edit, obstacle }) => (obstacle === null ? [edit] : []));
  const refusals = gaps.flatMap(({ edit, obstacle }): readonly Refusal[] =>
    obstacle === null ? [] : [{ reason: obstacle, edits: [edit] }],
  );
  if (edits.length === 0) return { ...COMPLIANT, refusals };
  const { reasons, warnings } = writeHazardsOf(workflow, askedForByName, isSource);
  if (reasons.length === 0) return { ...COMPLIANT, edits, warnings, refusals };
  return { ...COMPLIANT, refusals: [...refusals, { reason: reasons.join(' '), edits }] };
}

function gapOf(action: SecretAction): readonly Gap[] {
  const secureData = secureDataOf(action.operation);
  if (secureData.kind === 'list' && hides(secureData.members, 'outputs')) return [];
  const edit: AddEdit = {
    op: 'add',
    path: secureData.pointer,
    before: null,
    after: 'outputs',
    reason: reasonFor(action),
  };
  if (secureData.kind === 'malformed') {
    const obstacle = `The ${secureData.what} in ${named(action)}. Put it right in the workflow's code view; it is not guessed what it was meant to hide.`;
    return [{ edit, obstacle }];
  }
  return [{ edit, obstacle: hasTrackedProperties(action) ? trackedReason(action) : null }];
}

function reasonFor(action: SecretAction): string {
  const vault = action.vaultName === null ? 'a vault' : `the vault ${action.vaultName}`;
  const isDecrypted = action.kind === 'connector-decrypt' || action.kind === 'http-decrypt';
  const what = isDecrypted ? `what a key of ${vault} decrypts` : `a secret of ${vault}`;
  return `${named(action)} returns ${what}, and the run history shows it in plain text`;
}

/**
 * "Tracked properties can only reference its own action's inputs and outputs when secureData setting is not
 * enabled": Azure does not save such a workflow (https://github.com/Azure/logicapps/issues/746).
 */
function hasTrackedProperties({ operation }: SecretAction): boolean {
  const tracked = getIgnoringCase(operation.json, 'trackedProperties');
  if (isJsonObject(tracked)) return Object.keys(tracked).length > 0;
  return tracked !== null && tracked !== undefined;
}

function trackedReason(action: SecretAction): string {
  return `${named(action)} has trackedProperties, which Azure does not save together with secure outputs. Take them off it (they would put the secret into the tracking logs, too), then its outputs are secured.`;
}

function named({ operation }: SecretAction): string {
  return `${operation.kind} "${operation.name}"`;
}
