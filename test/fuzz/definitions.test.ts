import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { currentReads } from '../../src/engine/readers/note-reads.js';
import { planResource } from '../../src/engine/plan-resource.js';
import { prepareWrite } from '../../src/engine/write/prepare-write.js';
import { NO_MEMORY } from '../../src/engine/ports/memory.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { WorkflowObservation } from '../../src/types/observation.js';
import { fakeWorld, workflowId } from '../engine/fake-world.js';
import { connectionId, workflowDocument } from './estate.js';
import { countReads } from './count-reads.js';
import { mutatedJson } from './mutated-json.js';
import { nested, oddJson } from './odd-json.js';
import { oddText } from './odd-text.js';
import { run } from './run.js';

/*
 * What an author may write into a definition. He may be the attacker: whatever stands there, every remediator comes to
 * an end, and takes no more steps for it than its size.
 */

const { deps } = fakeWorld();
const policy = { ...deps.policy, modeOf: () => 'enforce' as const };
const NOW = new Date('2026-11-23T12:00:00Z');
const between = { returnsSecret: new Set<string>(), receivesSecret: true };
const connections = new Map([
  [
    connectionId.key,
    { apiId: '/x/managedApis/keyvault', vaultName: 'kv-one', signIn: 'managed-identity' as const },
  ],
]);

function observed(workflow: JsonObject): WorkflowObservation {
  return {
    kind: 'workflow',
    id: workflowId(),
    workflow,
    connections,
    askedForByName: true,
    flowBetween: between,
    exposures: [],
    successors: new Map([
      [
        connectionId.key,
        { connectionId: `${connectionId.id}-mi`, connectionName: 'keyvault-mi', mayRead: 'yes' as const },
      ],
    ]),
  };
}

const planOf = (workflow: JsonObject) => planResource(observed(workflow), policy, null, NOW);

/** Planned, written and planned again: nothing is left to write. */
function survives(workflow: JsonObject, text = JSON.stringify(workflow)): void {
  const plan = planOf(workflow);
  currentReads(workflowId(), workflow, connections, null, between);
  const seen = {
    observed: observed(workflow),
    text,
    document: workflow,
    memory: NO_MEMORY,
    surroundings: null,
    isFresh: true,
  };
  const { write, remediations } = prepareWrite(plan, seen);
  for (const {
    plan: { warnings, refusals },
  } of remediations)
    for (const told of [...warnings, ...refusals.map(({ reason }) => reason)])
      expect(told.length).toBeLessThan(20_000);
  if (write === null) return;
  const edits = remediations.flatMap((one) => (one.disposition === 'enforce' ? one.plan.edits : []));
  const after = planOf(applyEdits(workflow, edits));
  expect(after.remediations.flatMap((one) => one.plan.edits)).toEqual([]);
}

const properties = workflowDocument.properties as JsonObject;
const definition = properties.definition as JsonObject;
const withActions = (actions: Json, more: JsonObject = {}): JsonObject => ({
  ...workflowDocument,
  properties: { ...properties, definition: { ...definition, actions, ...more } },
});
const { Get_secret: get } = definition.actions as JsonObject;

describe('no definition stops the plan', () => {
  test('any JSON as the definition, its parameters and its connections', () => {
    fc.assert(
      fc.property(oddJson, oddJson, (inner, parameters) => {
        survives({ ...workflowDocument, properties: { ...properties, definition: inner, parameters } });
      }),
      run(100),
    );
  });

  test('any JSON as actions, triggers, inputs and branches', () => {
    const action = fc.record(
      {
        type: fc.oneof(
          oddText,
          fc.constantFrom('Http', 'Scope', 'If', 'Switch', 'Foreach', 'Until', 'Compose', 'Response'),
        ),
        inputs: oddJson,
        actions: oddJson,
        else: oddJson,
        cases: oddJson,
        runAfter: oddJson,
        expression: oddJson,
        foreach: oddJson,
        runtimeConfiguration: oddJson,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.dictionary(oddText, action, { maxKeys: 4 }), oddJson, (actions, triggers) => {
        survives(withActions({ Get_secret: get ?? null, ...actions }, { triggers }));
      }),
      run(60),
    );
  });

  test('a real definition with some of it changed', () => {
    fc.assert(
      fc.property(mutatedJson(workflowDocument, 6), (document) => {
        if (typeof document === 'object' && document !== null) survives(document as JsonObject);
      }),
      run(60),
    );
  });
});

const LONGEST = 8192;
const repeated = (text: string, length = LONGEST): string =>
  text.repeat(Math.ceil(length / text.length)).slice(0, length);

describe('no expression stops the plan', () => {
  test.each([
    ['opened without end', `@${repeated('(')}`],
    ['calls without end', `@${repeated('concat(')}`],
    ['calls in one another', `@${'concat('.repeat(1000)}body('Get_secret')${')'.repeat(1000)}`],
    ['steps without end', `@body('Get_secret')${repeated("?['a']")}`],
    ['brackets without end', `@body('Get_secret')${repeated('[')}`],
    ['a quote without end', `@concat('${repeated("''")}`],
    ['interpolations without end', repeated('@{')],
    ['interpolations in one another', `${'@{concat('.repeat(900)}'x'${')}'.repeat(900)}`],
    ['many interpolations', repeated("@{body('Get_secret')}")],
    ['marks', repeated('@@')],
    ['arguments', `@concat(${repeated("'a',")}body('Get_secret'))`],
    ['numbers', `@add(${repeated('9')},1e${repeated('9')})`],
    ['halves of characters', `@concat('${repeated('\ud800')}')`],
    ['letters that change their length', `@${repeated('İ')}('x')`],
    ['assignments', repeated('password=')],
    ['quotes of JSON in JSON', repeated('{\\"a\\":')],
    ['base64', repeated('QUFB')],
    ['digits and letters', repeated('a1')],
    ['escapes', repeated('\\\\')],
    ['elements', repeated('<a:')],
    ['addresses', repeated('https://a.')],
  ])('%s', (_name, text) => {
    for (const type of ['Compose', 'Http', 'JavaScriptCode', 'Response'])
      survives(
        withActions({
          Get_secret: get ?? null,
          Odd: {
            type,
            inputs: { uri: text, code: text, body: text, [text]: text, headers: { Authorization: text } },
            runAfter: {},
          },
        }),
      );
  });
});

const deepActions = (depth: number): Json => {
  let inner: Json = { Get_secret: get ?? null, Last: { type: 'Compose', inputs: "@body('Get_secret')" } };
  for (let i = 0; i < depth; i++) inner = { [`S${i}`]: { type: 'Scope', actions: inner } };
  return inner;
};

describe('no depth stops the plan', () => {
  test.each([
    ['scopes, as deep as Azure allows and deeper', withActions(deepActions(100))],
    [
      'inputs',
      withActions({
        A: { type: 'Compose', inputs: nested(1000, "@body('Get_secret')") },
        Get_secret: get ?? null,
      }),
    ],
    [
      'parameters',
      { ...workflowDocument, properties: { ...properties, parameters: { a: { value: nested(1000) } } } },
    ],
  ])('%s', (_name, workflow) => {
    survives(workflow);
  });
});

const numbered = (count: number, make: (i: number) => Json): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`A${i}`, make(i)]));
const compose = (inputs: Json): Json => ({ type: 'Compose', inputs, runAfter: {} });

/** Definitions that grow with a number, each in another direction. */
const growing: readonly (readonly [string, (count: number) => JsonObject])[] = [
  [
    'actions that use one secret',
    (n) => withActions({ Get_secret: get ?? null, ...numbered(n, () => compose("@body('Get_secret')")) }),
  ],
  [
    'actions that hand a secret on, one to the next',
    (n) =>
      withActions({
        Get_secret: get ?? null,
        ...numbered(n, (i) => compose(i === 0 ? "@body('Get_secret')" : `@outputs('A${i - 1}')`)),
      }),
  ],
  [
    'the same, in the other order',
    (n) =>
      withActions({
        ...numbered(n, (i) => compose(i === n - 1 ? "@body('Get_secret')" : `@outputs('A${i + 1}')`)),
        Get_secret: get ?? null,
      }),
  ],
  [
    'actions in a circle',
    (n) =>
      withActions({
        Get_secret: get ?? null,
        ...numbered(n, (i) => compose([`@outputs('A${(i + 1) % n}')`, i === 0 ? "@body('Get_secret')" : 1])),
      }),
  ],
  ['actions that read a secret each', (n) => withActions(numbered(n, () => get ?? null))],
  [
    'actions that know nothing of each other',
    (n) => withActions({ Get_secret: get ?? null, ...numbered(n, (i) => compose(`text ${i}`)) }),
  ],
  [
    'scopes side by side',
    (n) =>
      withActions({
        Get_secret: get ?? null,
        ...numbered(n, (i) => ({ type: 'Scope', actions: { [`I${i}`]: compose("@body('Get_secret')") } })),
      }),
  ],
  [
    'variables that take it on',
    (n) =>
      withActions({
        Get_secret: get ?? null,
        ...numbered(n, (i) => ({
          type: 'InitializeVariable',
          inputs: {
            variables: [
              {
                name: `v${i}`,
                type: 'string',
                value: i === 0 ? "@{body('Get_secret')}" : `@{variables('v${i - 1}')}`,
              },
            ],
          },
        })),
      }),
  ],
  [
    'one variable that many append to',
    (n) =>
      withActions({
        Get_secret: get ?? null,
        ...numbered(n, () => ({
          type: 'AppendToStringVariable',
          inputs: { name: 'v', value: "@{variables('v')}@{body('Get_secret')}" },
        })),
      }),
  ],
  [
    'members of one input',
    (n) => withActions({ Get_secret: get ?? null, A: compose(numbered(n, () => "@body('Get_secret')")) }),
  ],
  [
    'cases',
    (n) =>
      withActions({
        Get_secret: get ?? null,
        S: {
          type: 'Switch',
          expression: "@body('Get_secret')",
          cases: numbered(n, (i) => ({ case: i, actions: { [`C${i}`]: compose("@body('Get_secret')") } })),
        },
      }),
  ],
  [
    'parameters',
    (n) => ({
      ...workflowDocument,
      properties: {
        ...properties,
        definition: { ...definition, parameters: numbered(n, () => ({ type: 'String', defaultValue: 'a' })) },
        parameters: numbered(n, () => ({ value: 'b' })),
      },
    }),
  ],
  [
    'connections',
    (n) => ({
      ...workflowDocument,
      properties: {
        ...properties,
        parameters: {
          $connections: {
            value: numbered(n, (i) => ({
              connectionId: `${connectionId.id}${i}`,
              id: '/x/managedApis/keyvault',
            })),
          },
        },
      },
    }),
  ],
];

describe('four times as large takes about four times the steps', () => {
  test.each(growing)('%s', (_name, make) => {
    const stepsFor = (count: number): number => {
      const { document, reads } = countReads(make(count));
      planOf(document);
      currentReads(workflowId(), document, connections, null, between);
      return reads();
    };
    // The first has what does not grow in it.
    const [small, large] = [stepsFor(100), stepsFor(400)];
    expect(small).toBeGreaterThan(100);
    // Square would be sixteen times.
    expect(large / small).toBeLessThan(8);
  });
});
