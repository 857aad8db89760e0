import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workflowSecretFlow } from '../../../src/remediators/workflow-secret-flow.js';
import { workflowSecureOutputs } from '../../../src/remediators/workflow-secure-outputs.js';
import { COMPLIANT } from '../../../src/remediators/remediator.js';
import { applyEdits, valueAt } from '../../../src/types/apply-edits.js';
import type { Json } from '../../../src/types/json.js';
import type { WorkflowDocument } from '../../../src/types/observation.js';
import { operationsOf } from '../../../src/workflow/definition.js';
import { secretFlowOf } from '../../../src/workflow/flow/secret-flow.js';
import { observeWorkflow } from '../workflow-observation.js';
import { reference, workflowOf } from '../workflow-of.js';
import { actionsOf } from './generate-model.js';
import { actionsJson, type ModelAction } from './model.js';
import { allOf, run } from './run-model.js';

const RUNS = { numRuns: 600 };

/** Of one length, and in letters that no text of the definitions has. */
const SECRETS = ['QQQQQQQQQ', 'ZZZZZZZZZ'] as const;

interface Held {
  readonly inputs: ReadonlySet<string>;
  readonly outputs: ReadonlySet<string>;
  /** Reader and action, where the reader plainly uses the action's outputs. */
  readonly uses: ReadonlySet<string>;
}

/** What depends on the secret: whatever differs between two runs that differ in nothing else. */
function heldIn(actions: readonly ModelAction[]): Held {
  const [one, other] = SECRETS.map((secret) => run(actions, secret));
  const differing = (part: 'inputs' | 'outputs') =>
    allOf(actions)
      .map(({ name }) => name)
      .filter((name) => !isSame(one?.observed.get(name)?.[part], other?.observed.get(name)?.[part]));
  return {
    inputs: new Set(differing('inputs')),
    outputs: new Set(differing('outputs')),
    uses: one?.uses ?? new Set(),
  };
}

function isSame(a: readonly Json[] | undefined, b: readonly Json[] | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function workflowWith(actions: readonly ModelAction[]): WorkflowDocument {
  return workflowOf({ actions: actionsJson(actions), connections: { keyvault: reference('c') } });
}

const planOf = (workflow: WorkflowDocument) => workflowSecretFlow.plan(observeWorkflow(workflow));

/** As `workflow-secure-outputs` leaves it. */
function withSecureOutputs(workflow: WorkflowDocument): WorkflowDocument {
  return applyEdits(workflow, workflowSecureOutputs.plan(observeWorkflow(workflow)).edits);
}

const isLoop = ({ kind }: ModelAction): boolean => kind === 'foreach';
const HIDES_BOTH = new Set(['getSecret', 'http', 'select', 'query', 'code']);
const HIDES_INPUTS = new Set(['compose', 'parseJson', 'response']);

/** What a run's history shows, by the rules of Microsoft's page on securing a workflow. */
function shownIn(workflow: WorkflowDocument, actions: readonly ModelAction[], held: Held): readonly string[] {
  const set = new Map(
    operationsOf(workflow).map(({ name, pointer }) => {
      const members = valueAt(workflow, `${pointer}/runtimeConfiguration/secureData/properties`);
      return [name, new Set((members ?? []) as readonly string[])];
    }),
  );
  const all = allOf(actions);
  return all.flatMap(({ name, kind }) => {
    const uses = all.filter(
      (used) =>
        HIDES_BOTH.has(used.kind) &&
        set.get(used.name)?.has('outputs') === true &&
        held.uses.has(JSON.stringify([name, used.name.toLowerCase()])),
    );
    const hidesInputs = set.get(name)?.has('inputs') === true || uses.length > 0;
    const hidesOutputs = HIDES_INPUTS.has(kind) ? hidesInputs : set.get(name)?.has('outputs') === true;
    if (!HIDES_BOTH.has(kind) && !HIDES_INPUTS.has(kind)) return [];
    return [
      ...(held.inputs.has(name) && !hidesInputs ? [`${name}: inputs`] : []),
      ...(held.outputs.has(name) && !hidesOutputs ? [`${name}: outputs`] : []),
    ];
  });
}

describe('laws of the flow of secrets', () => {
  it('generates secrets that spread', () => {
    const spread = fc
      .sample(actionsOf, { numRuns: 500, seed: 1 })
      .map((actions) => heldIn(actions).inputs.size);
    expect(spread.filter((count) => count > 0).length).toBeGreaterThan(200);
    expect(spread.filter((count) => count > 2).length).toBeGreaterThan(50);
  });

  it('finds every action that holds a secret in a run', () => {
    fc.assert(
      fc.property(actionsOf, (actions) => {
        const held = heldIn(actions);
        const { holdings } = secretFlowOf(workflowWith(actions), new Map());
        const found = (part: 'inputs' | 'outputs') =>
          new Set(
            holdings.filter((holding) => holding[part] !== null).map(({ operation }) => operation.name),
          );
        expect([...held.inputs].filter((name) => !found('inputs').has(name))).toEqual([]);
        const loops = new Set(
          allOf(actions)
            .filter(isLoop)
            .map(({ name }) => name),
        );
        const missed = [...held.outputs].filter((name) => !found('outputs').has(name) && !loops.has(name));
        expect(missed).toEqual([]);
      }),
      RUNS,
    );
  });

  it('leaves nothing in the run history that can be hidden, and nothing more to plan', () => {
    fc.assert(
      fc.property(actionsOf, (actions) => {
        const before = withSecureOutputs(workflowWith(actions));
        const plan = planOf(before);
        const after = applyEdits(before, plan.edits);
        expect(shownIn(after, actions, heldIn(actions))).toEqual([]);
        expect(planOf(after)).toEqual({ ...plan, edits: [] });
      }),
      RUNS,
    );
  });

  it('says of what cannot be hidden that it is shown', () => {
    fc.assert(
      fc.property(actionsOf, (actions) => {
        const { inputs } = heldIn(actions);
        const kinds = new Set([
          'initialize',
          'set',
          'append',
          'foreach',
          'if',
          'switch',
          'terminate',
          'response',
        ]);
        const about = new Set(planOf(workflowWith(actions)).findings.map((finding) => finding.about));
        const silent = allOf(actions)
          .filter(({ name, kind }) => kinds.has(kind) && inputs.has(name))
          .filter(({ name }) => !about.has(`action:${name}`));
        expect(silent).toEqual([]);
      }),
      RUNS,
    );
  });

  it('plans nothing where there is no secret', () => {
    const harmless = actionsOf.map((actions) => actions.map(withoutSecret));
    fc.assert(
      fc.property(harmless, (actions) => {
        expect(planOf(workflowWith(actions))).toEqual(COMPLIANT);
      }),
    );
  });

  it('plans nothing on an action that reads nothing', () => {
    fc.assert(
      fc.property(actionsOf, (actions) => {
        const plain: ModelAction = { kind: 'compose', name: 'Plain', input: { kind: 'object', members: {} } };
        const { edits, findings } = planOf(workflowWith([...actions, plain]));
        expect(edits.filter(({ path }) => path.includes('/Plain/'))).toEqual([]);
        expect(findings.filter(({ about }) => about === 'action:Plain')).toEqual([]);
      }),
    );
  });
});

function withoutSecret(action: ModelAction): ModelAction {
  if (action.kind === 'getSecret') {
    return { kind: 'http', name: action.name, input: { kind: 'object', members: {} } };
  }
  return {
    ...action,
    ...('actions' in action ? { actions: action.actions.map(withoutSecret) } : {}),
    ...('others' in action ? { others: action.others.map(withoutSecret) } : {}),
  };
}
