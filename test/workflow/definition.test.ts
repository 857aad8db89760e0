import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { valueAt } from '../../src/types/apply-edits.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import { operationsOf } from '../../src/workflow/definition.js';
import { workflowOf } from './workflow-of.js';

const leaf = { type: 'Http' };
const AT = '/properties/definition';

describe('operationsOf', () => {
  const rows: readonly (readonly [string, Json, readonly string[]])[] = [
    ['an action at the top', { A: leaf }, ['/A']],
    [
      'actions in a Scope, a Foreach and an Until',
      {
        S: { type: 'Scope', actions: { A: leaf } },
        F: { type: 'Foreach', actions: { B: leaf } },
        U: { type: 'Until', actions: { C: leaf } },
      },
      ['/S', '/S/actions/A', '/F', '/F/actions/B', '/U', '/U/actions/C'],
    ],
    [
      'both ways of an If',
      { I: { type: 'If', actions: { A: leaf }, else: { actions: { B: leaf } } } },
      ['/I', '/I/actions/A', '/I/else/actions/B'],
    ],
    [
      'the cases and the default of a Switch',
      {
        W: {
          type: 'Switch',
          cases: { 'Case 1': { case: 1, actions: { A: leaf } }, 'Case 2': { case: 2, actions: { B: leaf } } },
          default: { actions: { C: leaf } },
        },
      },
      ['/W', '/W/cases/Case 1/actions/A', '/W/cases/Case 2/actions/B', '/W/default/actions/C'],
    ],
    [
      'the tools of an Agent',
      { G: { type: 'Agent', tools: { T: { actions: { A: leaf } } } } },
      ['/G', '/G/tools/T/actions/A'],
    ],
    [
      'one within the other',
      {
        F: {
          type: 'foreach',
          actions: { I: { type: 'if', else: { actions: { S: { type: 'scope', actions: { A: leaf } } } } } },
        },
      },
      ['/F', '/F/actions/I', '/F/actions/I/else/actions/S', '/F/actions/I/else/actions/S/actions/A'],
    ],
    ['keys in another case', { S: { Type: 'Scope', Actions: { A: leaf } } }, ['/S', '/S/Actions/A']],
    [
      'names with slashes and tildes are escaped',
      { 'a/b~c': { actions: { "it's": leaf } } },
      ['/a~1b~0c', "/a~1b~0c/actions/it's"],
    ],
    [
      'what is no object is passed over',
      {
        A: null,
        B: 'x',
        C: ['y'],
        D: { actions: [leaf] },
        E: { actions: 'z', else: 1, cases: [leaf], default: null },
      },
      ['/D', '/E'],
    ],
    ['no actions at all', null, []],
  ];
  test.each(rows)('%s', (_, actions, expected) => {
    const pointers = operationsOf(workflowOf({ actions })).map(({ pointer }) => pointer);
    expect(pointers).toEqual(expected.map((pointer) => `${AT}/actions${pointer}`));
  });

  it('triggers come first, and are told from actions', () => {
    const found = operationsOf(
      workflowOf({ triggers: { Daily: { type: 'Recurrence' } }, actions: { A: leaf } }),
    );
    expect(found.map(({ kind, name, type, pointer }) => [kind, name, type, pointer])).toEqual([
      ['trigger', 'Daily', 'recurrence', `${AT}/triggers/Daily`],
      ['action', 'A', 'http', `${AT}/actions/A`],
    ]);
  });

  it('an action knows the one it is in', () => {
    const found = operationsOf(workflowOf({ actions: { S: { actions: { A: leaf } } } }));
    expect(found.map(({ parent }) => parent?.name ?? null)).toEqual([null, 'S']);
  });

  it('an action named like an inherited property is data', () => {
    const actions = JSON.parse('{"__proto__":{"type":"Http"},"constructor":{"type":"Http"}}') as Json;
    expect(operationsOf(workflowOf({ actions })).map(({ name }) => name)).toEqual([
      '__proto__',
      'constructor',
    ]);
    expect(
      operationsOf(workflowOf({ actions: { A: JSON.parse('{"__proto__":{"actions":{"B":{}}}}') as Json } })),
    ).toHaveLength(1);
  });

  const malformed: readonly (readonly [string, JsonObject])[] = [
    ['an empty document', {}],
    ['a document without a definition', { properties: {} }],
    ['a definition that is a list', { properties: { definition: [] } }],
    ['a definition of null', { properties: { definition: null } }],
  ];
  test.each(malformed)('%s has none', (_, workflow) => {
    expect(operationsOf(workflow)).toEqual([]);
  });

  it('stops at a depth that no workflow has', () => {
    let actions: Json = { A: leaf };
    for (let i = 0; i < 20_000; i += 1) actions = { S: { actions } };
    const found = operationsOf(workflowOf({ actions }));
    expect(found.length).toBeGreaterThan(8);
    expect(found.length).toBeLessThan(100);
  });

  it('every pointer leads to the operation it stands for', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '/', '~', '%', ' ', "'", 'é', '1'), minLength: 1 });
    const containers = fc.constantFrom<(actions: JsonObject) => JsonObject>(
      (actions) => ({ type: 'Scope', actions }),
      (actions) => ({ type: 'If', actions: {}, else: { actions } }),
      (actions) => ({ type: 'Switch', cases: { 'a/b': { actions } }, default: { actions } }),
    );
    const actionsTo = (depth: number): fc.Arbitrary<JsonObject> =>
      depth === 0
        ? fc.dictionary(name, fc.constant(leaf), { maxKeys: 2 })
        : fc.dictionary(
            name,
            fc.tuple(containers, actionsTo(depth - 1)).map(([within, actions]) => within(actions)),
            { maxKeys: 2 },
          );
    fc.assert(
      fc.property(actionsTo(3), (generated) => {
        const workflow = workflowOf({ actions: generated });
        for (const { pointer, json } of operationsOf(workflow)) expect(valueAt(workflow, pointer)).toBe(json);
      }),
    );
  });
});
