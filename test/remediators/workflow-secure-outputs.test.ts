import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { workflowSecureOutputs } from '../../src/remediators/workflow-secure-outputs.js';
import { applyEdits, valueAt } from '../../src/types/apply-edits.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { WorkflowDocument, WorkflowObservation } from '../../src/types/observation.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { operationsOf } from '../../src/workflow/definition.js';
import {
  connectionsRead,
  connectorAction,
  GET_SECRET,
  httpAction,
  KEY_VAULT_API,
  reference,
  workflowOf,
  type WorkflowParts,
} from '../workflow/workflow-of.js';

function observe(workflow: WorkflowDocument, askedForByName = false): WorkflowObservation {
  return {
    kind: 'workflow',
    id: parseResourceId(workflow.id as string),
    workflow,
    connections: connectionsRead({ c: { apiId: KEY_VAULT_API, vaultName: 'payments' } }),
    askedForByName,
    flowBetween: { returnsSecret: new Set(), receivesSecret: false },
    exposures: [],
    successors: new Map(),
  };
}

const planOf = (workflow: WorkflowDocument, askedForByName = false) =>
  workflowSecureOutputs.plan(observe(workflow, askedForByName));
const playbook = (parts: WorkflowParts) =>
  workflowOf({ connections: { keyvault: reference('c') }, ...parts });
const secured = (...properties: readonly Json[]) => ({
  runtimeConfiguration: { secureData: { properties } },
});
const getSecret = (more: JsonObject = {}) => connectorAction(GET_SECRET, 'keyvault', more);
const ACTIONS = '/properties/definition/actions';
const PLACE = 'runtimeConfiguration/secureData/properties';

describe('workflow-secure-outputs', () => {
  /** The paths it would write, and the paths it refuses with part of each reason. */
  const rows: readonly (readonly [
    string,
    WorkflowParts,
    readonly string[],
    readonly (readonly [string, readonly string[]])[],
  ])[] = [
    ['compliant: every secret is hidden', { actions: { A: getSecret(secured('outputs')) } }, [], []],
    [
      'compliant: hidden with its inputs, in another case',
      { actions: { A: getSecret(secured('inputs', 'Outputs')) } },
      [],
      [],
    ],
    ['compliant: no secret', { actions: { A: connectorAction('/secrets') } }, [], []],
    ['compliant: an empty workflow', {}, [], []],
    [
      'compliant, though a write would be refused',
      {
        actions: { A: getSecret(secured('outputs')) },
        triggers: { R: { type: 'Recurrence' } },
        declared: { p: { type: 'SecureString' } },
      },
      [],
      [],
    ],
    ['drifted: no setting', { actions: { A: getSecret() } }, [`A/${PLACE}`], []],
    ['half-set: inputs alone', { actions: { A: getSecret(secured('inputs')) } }, [`A/${PLACE}`], []],
    ['half-set: an empty list', { actions: { A: getSecret(secured()) } }, [`A/${PLACE}`], []],
    [
      'half-set: other settings beside it',
      {
        actions: { A: getSecret({ runtimeConfiguration: { contentTransfer: { transferMode: 'Chunked' } } }) },
      },
      [`A/${PLACE}`],
      [],
    ],
    [
      'drifted: a key in another case is kept',
      { actions: { A: getSecret({ RuntimeConfiguration: { secureData: {} } }) } },
      ['A/RuntimeConfiguration/secureData/properties'],
      [],
    ],
    [
      'drifted: decrypt, HTTP, and an escaped name',
      {
        actions: {
          'a/b': connectorAction('/keys/k/decrypt'),
          H: httpAction({ method: 'GET', uri: 'https://kv1.vault.azure.net/secrets/x' }),
        },
      },
      [`a~1b/${PLACE}`, `H/${PLACE}`],
      [],
    ],
    [
      'only what lacks it',
      { actions: { A: getSecret(secured('outputs')), B: getSecret() } },
      [`B/${PLACE}`],
      [],
    ],
    [
      'a Recurrence with a startTime',
      {
        actions: { A: getSecret() },
        triggers: { R: { type: 'Recurrence', recurrence: { startTime: '2020-01-01' } } },
      },
      [`A/${PLACE}`],
      [],
    ],
    [
      'tracked properties: that action alone is refused',
      { actions: { A: getSecret({ trackedProperties: { id: '@item()' } }), B: getSecret() } },
      [`B/${PLACE}`],
      [['has trackedProperties', [`A/${PLACE}`]]],
    ],
    [
      'tracked properties that are empty',
      { actions: { A: getSecret({ trackedProperties: {} }) } },
      [`A/${PLACE}`],
      [],
    ],
    [
      'tracked properties that are no object',
      { actions: { A: getSecret({ trackedProperties: "@parameters('t')" }) } },
      [],
      [['has trackedProperties', [`A/${PLACE}`]]],
    ],
    [
      'unexpected: properties that are no list',
      { actions: { A: getSecret({ runtimeConfiguration: { secureData: { properties: 'outputs' } } }) } },
      [],
      [['secureData.properties is not a list', [`A/${PLACE}`]]],
    ],
    [
      'unexpected: a configuration that is no object',
      { actions: { A: getSecret({ runtimeConfiguration: [] }), B: getSecret() } },
      [`B/${PLACE}`],
      [['runtimeConfiguration is not an object', [`A/${PLACE}`]]],
    ],
    [
      'secure parameters: all of it is refused',
      { actions: { A: getSecret(), B: getSecret() }, declared: { p: { type: 'securestring' } } },
      [],
      [['secure parameters ("p")', [`A/${PLACE}`, `B/${PLACE}`]]],
    ],
    [
      'a Recurrence without startTime: all of it is refused',
      {
        actions: { A: getSecret() },
        triggers: { R: { type: 'Recurrence', recurrence: { frequency: 'Day', interval: 1 } } },
      },
      [],
      [['"R" has no startTime', [`A/${PLACE}`]]],
    ],
    [
      'refused action by action, then as a whole',
      {
        actions: { A: getSecret({ trackedProperties: { id: 1 } }), B: getSecret() },
        declared: { p: { type: 'SecureObject' } },
      },
      [],
      [
        ['has trackedProperties', [`A/${PLACE}`]],
        ['secure parameters', [`B/${PLACE}`]],
      ],
    ],
    [
      'hostile: an action named __proto__',
      { actions: JSON.parse(`{"__proto__":${JSON.stringify(getSecret())}}`) as Json },
      [`__proto__/${PLACE}`],
      [],
    ],
  ];
  test.each(rows)('%s', (_, parts, paths, refused) => {
    const plan = planOf(playbook(parts));
    expect(plan.edits.map(({ path }) => path)).toEqual(paths.map((path) => `${ACTIONS}/${path}`));
    expect(plan.refusals).toEqual(
      refused.map(([reason, refusedPaths]) => ({
        reason: expect.stringContaining(reason) as string,
        edits: refusedPaths.map((path) => expect.objectContaining({ path: `${ACTIONS}/${path}` }) as Json),
      })),
    );
    expect([plan.findings, plan.warnings]).toEqual([[], []]);
  });

  it('says what an action returns, of which vault', () => {
    const actions = {
      A: getSecret(),
      B: connectorAction('/keys/k/decrypt'),
      C: httpAction({ uri: '@item()', authentication: { audience: 'https://vault.azure.net' } }),
    };
    expect(planOf(playbook({ actions })).edits).toEqual(
      [
        [
          'A',
          'action "A" returns a secret of the vault payments, and the run history shows it in plain text',
        ],
        [
          'B',
          'action "B" returns what a key of the vault payments decrypts, and the run history shows it in plain text',
        ],
        ['C', 'action "C" returns a secret of a vault, and the run history shows it in plain text'],
      ].map(([name, reason]) => ({
        op: 'add',
        path: `${ACTIONS}/${name}/${PLACE}`,
        before: null,
        after: 'outputs',
        reason,
      })),
    );
  });

  it('writes a workflow that a person asked for by name, and warns that it will run', () => {
    const workflow = playbook({ actions: { A: getSecret() }, triggers: { R: { type: 'Recurrence' } } });
    const plan = planOf(workflow, true);
    expect([plan.edits.length, plan.refusals.length]).toEqual([1, 0]);
    expect(plan.warnings).toEqual([expect.stringContaining('"R"')]);
  });

  it('does not write secure parameters away, whoever asks', () => {
    const workflow = playbook({ actions: { A: getSecret() }, declared: { p: { type: 'SecureString' } } });
    expect(planOf(workflow, true).edits).toEqual([]);
  });

  it('a trigger that polls a secret is an operation like another', () => {
    const triggers = { Poll: httpAction({ method: 'GET', uri: 'https://kv1.vault.azure.net/secrets/x' }) };
    expect(planOf(playbook({ triggers })).edits.map(({ path }) => path)).toEqual([
      `/properties/definition/triggers/Poll/${PLACE}`,
    ]);
  });

  it('secures the fixture, and what was there stays', () => {
    const text = readFileSync('test/fixtures/workflows/rotate-credentials.json', 'utf8');
    const before = JSON.parse(text) as WorkflowDocument;
    const { edits } = planOf(before);
    const after = applyEdits(before, edits);
    const loop = `${ACTIONS}/For_each_secret/actions`;
    expect(edits.map(({ path }) => valueAt(after, path))).toEqual([
      ['inputs', 'outputs'],
      ['outputs'],
      ['outputs'],
    ]);
    expect(valueAt(after, `${loop}/Is_it_old`)).not.toEqual(valueAt(before, `${loop}/Is_it_old`));
    expect(valueAt(after, `${loop}/Mail_it`)).toEqual(valueAt(before, `${loop}/Mail_it`));
  });
});

describe('laws', () => {
  const setting = fc.constantFrom<JsonObject>(
    {},
    secured('outputs'),
    secured('inputs'),
    { runtimeConfiguration: { secureData: {} } },
    { runtimeConfiguration: { paginationPolicy: { minimumItemCount: 1 }, secureData: null } },
    { runtimeConfiguration: 7 },
    { trackedProperties: { id: 1 } },
  );
  const action = fc
    .tuple(
      fc.constantFrom<(more: JsonObject) => JsonObject>(
        getSecret,
        (more) => connectorAction('/secrets', 'keyvault', more),
        (more) => connectorAction('@item()', 'keyvault_9', more),
        (more) => httpAction({ uri: 'https://kv1.vault.azure.net/secrets/x' }, more),
        (more) => ({ type: 'Compose', inputs: 'x', ...more }),
      ),
      setting,
    )
    .map(([make, more]) => make(more));
  const within = fc.constantFrom<(actions: JsonObject) => JsonObject>(
    (actions) => ({ type: 'Scope', actions }),
    (actions) => ({ type: 'If', else: { actions } }),
    (actions) => ({ type: 'Switch', cases: { 'a/~b': { actions } } }),
  );
  const actions = fc.dictionary(
    fc.string(),
    fc.oneof(
      action,
      fc.tuple(within, fc.dictionary(fc.string(), action)).map(([wrap, inner]) => wrap(inner)),
    ),
  );

  it('a plan that is applied leaves nothing but refusals to plan', () => {
    fc.assert(
      fc.property(actions, (generated) => {
        const workflow = playbook({ actions: generated });
        const first = planOf(workflow);
        const second = planOf(applyEdits(workflow, first.edits));
        expect(second).toEqual({ ...first, edits: [] });
      }),
    );
  });

  it('a plan only adds "outputs", and only to lists of secureData', () => {
    fc.assert(
      fc.property(actions, (generated) => {
        const workflow = playbook({ actions: generated });
        const { edits } = planOf(workflow);
        const after = applyEdits(workflow, edits);
        for (const { op, path, after: added } of edits) {
          expect([op, added, path.endsWith(`/${PLACE}`)]).toEqual(['add', 'outputs', true]);
          const list = valueAt(workflow, path) ?? [];
          expect(valueAt(after, path)).toEqual([...(list as readonly Json[]), 'outputs']);
        }
        const inputs = (document: WorkflowDocument) =>
          operationsOf(document).map(({ pointer, json }) => [pointer, json.type, json.inputs]);
        expect(inputs(after)).toEqual(inputs(workflow));
      }),
    );
  });
});
