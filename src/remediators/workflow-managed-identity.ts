import type { SetEdit } from '../types/edit.js';
import { getIgnoringCase, isJsonObject, keyIgnoringCase, type Json } from '../types/json.js';
import type { WorkflowDocument, WorkflowObservation } from '../types/observation.js';
import { toPointer } from '../types/apply-edits.js';
import { userIdentitiesOf } from '../workflow/sign-in.js';
import { hasConnectorAccess } from '../workflow/vault-accesses.js';
import { writeHazardsOf } from '../workflow/write-hazards.js';
import { COMPLIANT, WORKFLOW_WRITE, type Plan, type WorkflowRemediator } from './remediator.js';

/** A workflow with a Key Vault connection has a managed identity to read the vault as. */
export const workflowManagedIdentity: WorkflowRemediator = {
  id: 'workflow-managed-identity',
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

const WARNING =
  'An identity that was only just made may read nothing. Grant it what the workflow needs on its vault (for a secret: Get, or the role Key Vault Secrets User); until then its connections go on as they are.';

function plan({ workflow, connections, askedForByName, isSource }: WorkflowObservation): Plan {
  const gap = gapOf(workflow);
  // A connection that no action uses counts too: the next save may use it, and it can be moved only with an identity.
  if (gap === null || !hasConnectorAccess(workflow, connections)) return COMPLIANT;
  const hazards = writeHazardsOf(workflow, askedForByName, isSource);
  const reasons = gap.obstacle === null ? hazards.reasons : [gap.obstacle];
  if (reasons.length > 0)
    return { ...COMPLIANT, refusals: [{ reason: reasons.join(' '), edits: [gap.edit] }] };
  return { ...COMPLIANT, edits: [gap.edit], warnings: [WARNING, ...hazards.warnings] };
}

interface Gap {
  readonly edit: SetEdit;
  /** Why the edit must not be made; null where nothing stands in its way. */
  readonly obstacle: string | null;
}

/** What the workflow's `identity` lacks; null where it has an identity, its own or one that it was given. */
function gapOf(workflow: WorkflowDocument): Gap | null {
  const key = keyIgnoringCase(workflow, 'identity') ?? 'identity';
  const identity = workflow[key] ?? null;
  // The object whole, so that the change can be taken back as it was.
  if (identity === null) return { edit: editOf([key], null, { type: 'SystemAssigned' }), obstacle: null };
  if (!isJsonObject(identity)) {
    // Whatever it is, it belongs in no record.
    const edit = editOf([key], null, { type: 'SystemAssigned' });
    return { edit, obstacle: 'The identity of the workflow is not an object; it is not guessed what it is.' };
  }
  const type = getIgnoringCase(identity, 'type') ?? null;
  const kind = typeof type === 'string' ? type.trim().toLowerCase() : type;
  const hasAssigned = userIdentitiesOf(workflow).size > 0;
  if (hasIdentity(kind, hasAssigned)) return null;
  const edit = editOf([key, keyIgnoringCase(identity, 'type') ?? 'type'], type, 'SystemAssigned');
  const isNone = kind === null || kind === 'none';
  return { edit, obstacle: isNone && !hasAssigned ? null : OBSTACLE };
}

const OBSTACLE =
  "The type of the workflow's identity and the identities that it lists do not fit together; it is not guessed which it is to have. Choose on the workflow's page Identity.";

/** A workflow has its own identity or one that it was given. */
function hasIdentity(kind: Json, hasAssigned: boolean): boolean {
  if (typeof kind !== 'string') return false;
  const kinds = kind.split(',').map((part) => part.trim());
  return kinds.includes('systemassigned') || (kinds.includes('userassigned') && hasAssigned);
}

function editOf(keys: readonly string[], before: Json, after: Json): SetEdit {
  const reason = 'the workflow has a Key Vault connection and no managed identity to read the vault as';
  return { op: 'set', path: toPointer(keys), before, after, reason };
}
