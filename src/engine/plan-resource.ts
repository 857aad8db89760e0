import { REMEDIATORS } from '../remediators/index.js';
import type { Finding, Plan, Remediator } from '../remediators/remediator.js';
import { applyEdits, InapplicableEditError } from '../types/apply-edits.js';
import type { JsonObject } from '../types/json.js';
import type {
  AddressUpkeep,
  ConnectionObservation,
  DeletedVaultObservation,
  Observation,
  VaultObservation,
  WorkflowObservation,
} from '../types/observation.js';
import { OPTIONAL_REMEDIATOR_IDS, type RemediatorId } from '../types/remediator-id.js';
import { exemptionOf } from './exemption.js';
import { holdContested, type PausedEdits } from './contested/hold-contested.js';
import type { Policy } from './policy.js';
import type { EditHistory } from './ports/memory.js';

/**
 * What becomes of a remediator's edits: written, only written down, or left out because of an exemption. `off` was
 * asked for by name all the same; `watch` is off and not asked for, and only its findings count.
 */
export type Disposition = 'enforce' | 'audit' | 'exempt' | 'off' | 'watch';

export interface PlannedRemediation {
  readonly remediator: RemediatorId;
  readonly mode: 'audit' | 'enforce';
  readonly disposition: Disposition;
  /** Its edits are those to be made. */
  readonly plan: Plan;
  /** What is left alone for now, because somebody else keeps reverting it; absent where nothing is. */
  readonly paused?: readonly PausedEdits[];
}

export interface ResourcePlan {
  readonly remediations: readonly PlannedRemediation[];
  /** What is to be seen on the resource itself, whatever the remediators say. */
  readonly findings: readonly Finding[];
}

/** A vault's observation before it is known what becomes of `vault-logic-app-ips`. */
export type Observed =
  | Omit<VaultObservation, 'addressUpkeep'>
  | DeletedVaultObservation
  | WorkflowObservation
  | ConnectionObservation;

/** The document that the edits for a resource are about. */
export function documentOf(observed: Observed): JsonObject {
  switch (observed.kind) {
    case 'vault':
      return observed.vault;
    case 'deleted-vault':
      return observed.deletedVault;
    case 'workflow':
      return observed.workflow;
    case 'connection':
      return observed.connection;
  }
}

/** The remediators that a kind of resource is asked for. */
export function remediatorsOf(kind: Observation['kind']): readonly Remediator[] {
  return REMEDIATORS.filter(({ appliesTo }) => (appliesTo as readonly string[]).includes(kind));
}

/**
 * Asks every remediator of the resource, in order. Each sees the document with the earlier ones' edits already in
 * it, so that their edits fit together into one write. A remediator that is only audited also sees the edits of
 * the others that are; what is written never rests on what is not. What `history` shows to be contested is left out;
 * with an address that is left out, nothing shuts the vault that lacks it.
 */
export function planResource(
  observed: Observed,
  policy: Policy,
  asked: readonly RemediatorId[] | null,
  now: Date,
  history: readonly EditHistory[] = [],
): ResourcePlan {
  const plan = planOnce(observed, policy, asked, now, history, false);
  return lacksAddresses(plan) ? planOnce(observed, policy, asked, now, history, true) : plan;
}

function lacksAddresses({ remediations }: ResourcePlan): boolean {
  return remediations.some(
    ({ remediator, paused = [] }) =>
      remediator === 'vault-logic-app-ips' &&
      paused.some(({ edits }) => edits.some(({ op }) => op === 'add')),
  );
}

function planOnce(
  observed: Observed,
  policy: Policy,
  asked: readonly RemediatorId[] | null,
  now: Date,
  history: readonly EditHistory[],
  isAddressContested: boolean,
): ResourcePlan {
  const entries = new Map(history.map((entry) => [entry.edit, entry]));
  const document = documentOf(observed);
  const exemption = exemptionOf(document, policy.exemptions(observed.id), now);
  const dispositionOf = (id: RemediatorId): Disposition | null => {
    if (asked !== null && !asked.includes(id)) return null;
    const mode = policy.modeOf(id);
    if (mode === 'off') return asked !== null ? 'off' : OPTIONAL_REMEDIATOR_IDS.includes(id) ? 'watch' : null;
    if (exemption.remediators.has(id)) return 'exempt';
    return mode === 'approve' ? 'audit' : mode;
  };

  let written = document;
  let audited = document;
  const remediations: PlannedRemediation[] = [];
  for (const remediator of remediatorsOf(observed.kind)) {
    const disposition = dispositionOf(remediator.id);
    if (disposition === null) continue;
    const seen = disposition === 'enforce' ? written : audited;
    const upkeep = isAddressContested ? CONTESTED : upkeepFor(remediator.id, dispositionOf);
    const whole = applied(planOf(remediator, complete(observed, seen, upkeep)), seen);
    const { edits, paused } =
      disposition === 'enforce'
        ? holdContested(remediator.id, whole.plan.edits, entries, policy.contestedAfter, now)
        : { edits: whole.plan.edits, paused: [] };
    const { plan, edited } = paused.length === 0 ? whole : applied({ ...whole.plan, edits }, seen);
    if (disposition === 'enforce') {
      audited = audited === written ? edited : applyEdits(audited, plan.edits);
      written = edited;
    } else if (disposition === 'audit') audited = edited;
    const chosen = policy.modeOf(remediator.id);
    const mode = chosen === 'enforce' ? 'enforce' : 'audit';
    const own = chosen === 'approve' && disposition === 'audit' ? waiting(plan) : plan;
    const held = paused.length === 0 ? {} : { paused };
    remediations.push({ remediator: remediator.id, mode, disposition, plan: own, ...held });
  }
  return { remediations, findings: exemption.finding === null ? [] : [exemption.finding] };
}

/** A plan that somebody has to approve says how. */
function waiting(plan: Plan): Plan {
  return plan.edits.length === 0 ? plan : { ...plan, warnings: [...plan.warnings, HOW_TO_APPROVE] };
}

const HOW_TO_APPROVE =
  'This waits for approval: POST /api/approve with the id of this record, by somebody who holds the app role Holdfast.Approve.';

/** The document with a plan's edits in it. One in a shape that ARM never gives is not written to. */
function applied(plan: Plan, document: JsonObject): { readonly plan: Plan; readonly edited: JsonObject } {
  if (plan.edits.length === 0) return { plan, edited: document };
  try {
    return { plan, edited: applyEdits(document, plan.edits) };
  } catch (error) {
    if (!(error instanceof InapplicableEditError)) throw error;
    const refusal = { reason: error.message, edits: plan.edits };
    return { plan: { ...plan, edits: [], refusals: [...plan.refusals, refusal] }, edited: document };
  }
}

const CONTESTED: AddressUpkeep = {
  kind: 'absent',
  why: 'somebody else keeps taking them out, so it leaves them out for now (contested)',
};

/** Whether the addresses go into the same write as what `id` plans: `vault-logic-app-ips` must be at least as far. */
function upkeepFor(id: RemediatorId, dispositionOf: (id: RemediatorId) => Disposition | null): AddressUpkeep {
  const addresses = dispositionOf('vault-logic-app-ips');
  if (addresses === 'enforce') return { kind: 'enforced' };
  if (addresses === 'audit' && dispositionOf(id) !== 'enforce') return { kind: 'enforced' };
  const why = {
    audit: 'vault-logic-app-ips is only audited, or waits for approval',
    exempt: 'the vault is exempt from vault-logic-app-ips',
    off: 'vault-logic-app-ips is off',
    watch: 'vault-logic-app-ips is off',
  } as const;
  return {
    kind: 'absent',
    why: addresses === null ? 'vault-logic-app-ips is off or was not asked for' : why[addresses],
  };
}

function complete(observed: Observed, document: JsonObject, addressUpkeep: AddressUpkeep): Observation {
  switch (observed.kind) {
    case 'vault':
      return { ...observed, vault: document, addressUpkeep };
    case 'deleted-vault':
      return { ...observed, deletedVault: document };
    case 'workflow':
      return { ...observed, workflow: document };
    case 'connection':
      return { ...observed, connection: document };
  }
}

/** `remediatorsOf` gives only those that take this kind, which the compiler cannot see. */
function planOf(remediator: Remediator, observation: Observation): Plan {
  const plan = remediator.plan as (observation: Observation) => Plan;
  return plan(observation);
}
