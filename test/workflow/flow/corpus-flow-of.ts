import { workflowSecretFlow } from '../../../src/remediators/workflow-secret-flow.js';
import { workflowSecureOutputs } from '../../../src/remediators/workflow-secure-outputs.js';
import { applyEdits } from '../../../src/types/apply-edits.js';
import type { JsonObject } from '../../../src/types/json.js';
import { secretFlowOf } from '../../../src/workflow/flow/secret-flow.js';
import { observeWorkflow } from '../workflow-observation.js';

/** What becomes of the secrets of one published workflow, in short. */
export interface CorpusFlow {
  /** What gets a secret, and what a call that carries one gives back. */
  readonly sources: readonly string[];
  /** What takes a secret, and why the run history does not show it: the platform, a setting, or an edit. */
  readonly readers: Readonly<Record<string, 'itself' | 'set' | 'edit' | 'refused' | 'never'>>;
  /** The outputs that are hidden by an edit. */
  readonly outputs: readonly string[];
  readonly findings: readonly string[];
}

const ID =
  '/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Logic/workflows/playbook';

/** After `workflow-secure-outputs`, and as if somebody had asked for the workflow by name; null without a secret. */
export function rowOf(document: JsonObject): CorpusFlow | null {
  const before = observeWorkflow({ ...document, id: ID }, { askedForByName: true });
  const workflow = applyEdits(before.workflow, workflowSecureOutputs.plan(before).edits);
  const { secrets, holdings } = secretFlowOf(workflow, before.connections);
  if (secrets.length === 0) return null;
  const { edits, refusals, findings } = workflowSecretFlow.plan({ ...before, workflow });
  const changed = (list: typeof edits, what: string): readonly string[] =>
    list.filter(({ after }) => after === what).map(({ path }) => path.split('/').at(-4) ?? '');
  const added = new Set(changed(edits, 'inputs'));
  const refused = new Set(
    changed(
      refusals.flatMap((refusal) => refusal.edits),
      'inputs',
    ),
  );
  const readers = holdings.flatMap(({ operation: { name }, inputs }) => {
    if (inputs === null) return [];
    const edit = added.has(name) ? 'edit' : refused.has(name) ? 'refused' : null;
    const hidden = (
      { 'by-itself': 'itself', 'by-setting': 'set', open: 'itself', impossible: 'never' } as const
    )[inputs.hiding];
    return [[name, edit ?? hidden] as const];
  });
  return {
    sources: secrets.map(({ kind, source }) => (kind === 'derived' ? `${source} (answer)` : source)),
    readers: Object.fromEntries(readers),
    outputs: changed(edits, 'outputs'),
    findings: findings.map(({ about = '' }) => about.replace('action:', '')),
  };
}
