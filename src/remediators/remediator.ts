import type { Edit } from '../types/edit.js';
import type {
  ConnectionObservation,
  DeletedVaultObservation,
  Observation,
  VaultObservation,
  WorkflowObservation,
} from '../types/observation.js';
import type { RemediatorId } from '../types/remediator-id.js';

/** Part of what a remediator would do, and why it must not be done. */
export interface Refusal {
  readonly reason: string;
  readonly edits: readonly Edit[];
}

/** Something a remediator sees but must not change, and the step a person takes. */
export interface Finding {
  readonly severity: 'low' | 'medium' | 'high';
  /**
   * What tells it from the remediator's other findings on the same resource, for as long as it stands open: a rule's
   * value, an action's name. Where it is absent, the reason does; so it belongs wherever the reason counts something.
   */
  readonly about?: string;
  readonly reason: string;
  readonly step: string;
}

/** What a remediator decides. Empty lists throughout mean that the resource is compliant. */
export interface Plan {
  readonly edits: readonly Edit[];
  /** What whoever reads the record should know about this change. */
  readonly warnings: readonly string[];
  readonly refusals: readonly Refusal[];
  readonly findings: readonly Finding[];
  /** What it would decide by has not been read yet, so the resource is not said to be compliant either. */
  readonly isUnknown?: true;
}

interface RemediatorOf<O extends Observation> {
  readonly id: RemediatorId;
  readonly appliesTo: readonly O['kind'][];
  /** The ARM actions it needs, e.g. `Microsoft.KeyVault/vaults/write`; the custom role is generated from these. */
  readonly permissions: { readonly read: readonly string[]; readonly write: readonly string[] };
  /** Pure: the same observation gives the same plan, and a plan applied leaves nothing more to plan. */
  readonly plan: (observation: O) => Plan;
}

export type VaultRemediator = RemediatorOf<VaultObservation>;
export type DeletedVaultRemediator = RemediatorOf<DeletedVaultObservation>;
export type WorkflowRemediator = RemediatorOf<WorkflowObservation>;
export type VaultAndWorkflowRemediator = RemediatorOf<VaultObservation | WorkflowObservation>;
export type ConnectionAndWorkflowRemediator = RemediatorOf<ConnectionObservation | WorkflowObservation>;
export type Remediator =
  | VaultRemediator
  | DeletedVaultRemediator
  | WorkflowRemediator
  | VaultAndWorkflowRemediator
  | ConnectionAndWorkflowRemediator;

export const COMPLIANT: Plan = { edits: [], warnings: [], refusals: [], findings: [] };

/**
 * What a PUT of a workflow takes: the write itself, and what Azure checks of whoever sends it on the connections and the
 * user-assigned identities that the workflow names, also where those do not change.
 */
export const WORKFLOW_WRITE: readonly string[] = [
  'Microsoft.Logic/workflows/write',
  'Microsoft.Web/connections/join/action',
  'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action',
];
