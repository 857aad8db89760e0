import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inverseEdits } from '../../src/engine/undo/inverse-edits.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { JsonObject } from '../../src/types/json.js';

const RULES = '/properties/networkAcls/ipRules';
const set = (path: string, before: Edit['before'], after: Edit['after']): Edit => ({
  op: 'set',
  path,
  before,
  after,
  reason: '',
});
const add = (path: string, after: Edit['after']): Edit => ({
  op: 'add',
  path,
  before: null,
  after,
  reason: '',
});
const remove = (path: string, before: Edit['before']): Edit => ({
  op: 'remove',
  path,
  before,
  after: null,
  reason: '',
});
const shut = (...values: string[]): JsonObject => ({
  properties: { networkAcls: { defaultAction: 'Deny', ipRules: values.map((value) => ({ value })) } },
});
const undone = (document: JsonObject, edits: readonly Edit[]): JsonObject =>
  applyEdits(document, inverseEdits(document, edits, 'why', () => false).edits);
const ACTION = '/properties/networkAcls/defaultAction';

describe('taking edits back', () => {
  test.each<[string, JsonObject, readonly Edit[], JsonObject]>([
    [
      'a value',
      shut(),
      [set(ACTION, 'Allow', 'Deny')],
      { properties: { networkAcls: { defaultAction: 'Allow', ipRules: [] } } },
    ],
    [
      'a value that was not set, to what Azure takes it for',
      shut(),
      [set(ACTION, null, 'Deny')],
      { properties: { networkAcls: { defaultAction: 'Allow', ipRules: [] } } },
    ],
    [
      'a member, as ARM spells it',
      shut('1.2.3.4', '9.9.9.9/32'),
      [add(RULES, { value: '1.2.3.4/32' })],
      shut('9.9.9.9/32'),
    ],
    [
      'a member that somebody has taken out since',
      shut('9.9.9.9/32'),
      [add(RULES, { value: '1.2.3.4/32' })],
      shut('9.9.9.9/32'),
    ],
    ['a member that was taken out', shut(), [remove(RULES, { value: '1.2.3.4/32' })], shut('1.2.3.4/32')],
    [
      'one that is back already',
      shut('1.2.3.4/32'),
      [remove(RULES, { value: '1.2.3.4/32' })],
      shut('1.2.3.4/32'),
    ],
    [
      'an identity that was made',
      { identity: { type: 'SystemAssigned', principalId: 'x' } },
      [set('/identity', null, { type: 'SystemAssigned' })],
      { identity: { type: 'None' } },
    ],
  ])('%s', (_name, document, edits, expected) => {
    expect(undone(document, edits)).toEqual(expected);
  });

  test('what holds nothing any more goes with it, within an action’s settings', () => {
    const path = '/properties/definition/actions/Get/runtimeConfiguration/secureData/properties';
    const action = (runtimeConfiguration: JsonObject): JsonObject => ({
      properties: { definition: { actions: { Get: { type: 'Http', runtimeConfiguration } } } },
    });
    const edits = [add(path, 'inputs'), add(path, 'outputs')];
    expect(undone(action({ secureData: { properties: ['inputs', 'outputs'] }, x: 1 }), edits)).toEqual(
      action({ x: 1 }),
    );
    expect(undone(action({ secureData: { properties: ['inputs', 'outputs'] } }), edits)).toEqual(action({}));
    expect(undone(action({ secureData: { properties: ['inputs', 'outputs'] } }), [edits[1] as Edit])).toEqual(
      action({ secureData: { properties: ['inputs'] } }),
    );
  });

  test('a place that is neither as it was nor as it was left is said, and not written', () => {
    const document = { properties: { state: 'Third' } };
    expect(
      inverseEdits(document, [set('/properties/state', 'First', 'Second')], '', () => false),
    ).toMatchObject({
      edits: [],
      changed: ['/properties/state'],
    });
  });

  test('what would have to go altogether, or is out of reach, is said', () => {
    const edits = [set('/properties/new', null, 1), set('/properties/enablePurgeProtection', false, true)];
    const document = { properties: { new: 1, enablePurgeProtection: true } };
    const { edits: own, cannotUndo } = inverseEdits(document, edits, '', (path) => path.includes('Purge'));
    expect(own).toEqual([]);
    expect(cannotUndo.map(({ path }) => path).sort()).toEqual([
      '/properties/enablePurgeProtection',
      '/properties/new',
    ]);
  });

  test('taken back, edits leave what others have put in meanwhile, and nothing to take back', () => {
    const value = fc.integer({ min: 1, max: 9 }).map((i) => `9.9.9.${i}/32`);
    fc.assert(
      fc.property(
        fc.uniqueArray(value),
        fc.uniqueArray(value),
        fc.uniqueArray(value),
        (before, added, later) => {
          const news = added.filter((one) => !before.includes(one));
          const others = later.filter((one) => !before.includes(one) && !news.includes(one));
          const edits = [set(ACTION, 'Allow', 'Deny'), ...news.map((one) => add(RULES, { value: one }))];
          const now = shut(...before, ...news, ...others);
          const after = undone(now, edits);
          expect(after).toEqual({
            properties: {
              networkAcls: {
                defaultAction: 'Allow',
                ipRules: [...before, ...others].map((one) => ({ value: one })),
              },
            },
          });
          expect(undone(after, edits)).toEqual(after);
        },
      ),
    );
  });
});
