import { writeHazardsOf } from '../../workflow/write-hazards.js';
import { COMPLIANT, type Plan } from '../../remediators/remediator.js';
import { takingBackReason } from '../../types/by-hand.js';
import type { JsonObject } from '../../types/json.js';
import type { Actor, AuditRecord } from '../../types/record.js';
import { parseResourceId, type ResourceKind } from '../../types/resource-id.js';
import type { HandChange } from '../by-hand.js';
import { doByHand, type DoneByHand } from '../do-by-hand.js';
import type { EngineDeps } from '../engine-deps.js';
import type { LookNow } from '../look/look-now.js';
import { DIAGNOSTIC_SETTINGS } from '../write/write-target.js';
import { inverseEdits } from './inverse-edits.js';
import type { Undo } from './undo.js';
import { undoRecord, type Undoing } from './undo-record.js';

export type TakingBack = Exclude<Undoing, { kind: 'undo' }> | (DoneByHand & { readonly undo: Undo });

/**
 * Takes back the change of an applied record, by whoever runs the engine and with their rights: from the live resource, in
 * one write of the edits' inverses alone, which is recorded as any other. Stops where the resource is no longer as the
 * change left it.
 */
export async function takeBack(
  deps: Pick<EngineDeps, 'audit' | 'armUrl' | 'now'>,
  lookNow: LookNow,
  operator: Actor,
  recordId: string,
  dryRun: boolean,
): Promise<TakingBack> {
  const undoing = await undoRecord(deps, recordId);
  if (undoing.kind !== 'undo') return undoing;
  const { undo, record } = undoing;
  const id = parseResourceId(record.resourceId);
  return { ...(await doByHand(lookNow, operator, id, takingBack(record), dryRun)), undo };
}

function takingBack(record: AuditRecord): HandChange {
  return {
    remediator: record.remediator,
    decide: (observed, document, memory) => ({
      plan:
        observed.kind === 'workflow'
          ? planWorkflow(record, document)
          : planInverse(record, document, observed.kind === 'vault' ? 'vault' : 'connection'),
      memory,
    }),
  };
}

/** A workflow is written as a whole, whoever writes it. */
function planWorkflow(record: AuditRecord, document: JsonObject): Plan {
  const plan = planInverse(record, document, 'workflow');
  if (plan.edits.length === 0) return plan;
  const { reasons, warnings } = writeHazardsOf(document, true);
  if (reasons.length === 0) return { ...plan, warnings: [...plan.warnings, ...warnings] };
  return { ...plan, edits: [], refusals: [{ reason: reasons.join(' '), edits: plan.edits }] };
}

/** Azure does not take these back, or only in a way that Holdfast does not write in. */
const OUT_OF_REACH: Readonly<Record<ResourceKind, (path: string) => boolean>> = {
  vault: (path) =>
    path.startsWith(DIAGNOSTIC_SETTINGS) ||
    ['/properties/enablePurgeProtection', '/properties/enableSoftDelete', '/properties/createMode'].includes(
      path,
    ),
  workflow: () => false,
  connection: () => true,
};

function planInverse(record: AuditRecord, document: JsonObject, kind: ResourceKind): Plan {
  const { id, edits: recorded } = record;
  // Put back, it would stay for good.
  if (record.remediator === 'vault-temporary-rules' && recorded.some(({ op }) => op === 'remove')) {
    const why =
      'An address whose time was up is not put back for good: let it in again, for a while, with holdfast allow-me.';
    return { ...COMPLIANT, refusals: [{ reason: why, edits: [] }] };
  }
  const reason = takingBackReason(id);
  const { edits, changed, cannotUndo } = inverseEdits(document, recorded, reason, OUT_OF_REACH[kind]);
  const warnings = cannotUndo.map(({ path, why }) => `${path} is not taken back: ${why}`);
  if (changed.length > 0) {
    const places = changed.join(', ');
    const why = `${places} is neither as Holdfast left it nor as it was before: somebody has changed it since. Nothing is taken back; do it by hand from the record’s before and after.`;
    return { ...COMPLIANT, warnings, refusals: [{ reason: why, edits }] };
  }
  return { ...COMPLIANT, edits, warnings };
}
