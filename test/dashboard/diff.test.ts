import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffLines, diffOf, editSummary } from '../../src/dashboard/diff.js';
import type { Edit } from '../../src/types/edit.js';

const set = (before: Edit['before'], after: Edit['after']): Edit => ({
  op: 'set',
  path: '/properties/networkAcls/defaultAction',
  before,
  after,
  reason: '',
});
const shown = (edit: Edit): readonly string[] => diffOf(edit).map(({ kind, text }) => `${kind} ${text}`);

describe('diffOf', () => {
  it.each<[string, Edit, readonly string[]]>([
    ['a value that is another', set('Allow', 'Deny'), ['removed "Allow"', 'added "Deny"']],
    ['a value where there was none', set(null, true), ['absent not set', 'added true']],
    ['a value that goes', { ...set('a', null) }, ['removed "a"', 'added null']],
    [
      'one member of an object',
      set({ a: 1, b: 2 }, { a: 1, b: 3 }),
      ['same {', 'same   "a": 1,', 'removed   "b": 2', 'added   "b": 3', 'same }'],
    ],
    ['a member that comes', { ...set(null, 'x'), op: 'add', before: null }, ['added "x"']],
    ['a member that goes', { ...set('x', null), op: 'remove', after: null }, ['removed "x"']],
  ])('shows %s', (_name, edit, lines) => {
    expect(shown(edit)).toEqual(lines);
  });
});

describe('diffLines', () => {
  const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });

  it('loses no line and makes up none', () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const lines = diffLines(before, after);
        const side = (left: 'removed' | 'added'): readonly string[] =>
          lines.flatMap(({ kind, text }) => (kind === 'same' || kind === left ? [text] : []));
        expect(side('removed')).toEqual(before);
        expect(side('added')).toEqual(after);
      }),
    );
  });

  it('says the same of what is the same', () => {
    fc.assert(
      fc.property(texts, (both) => {
        expect(diffLines(both, both).every(({ kind }) => kind === 'same')).toBe(true);
      }),
    );
  });

  it('shows both sides whole where comparing them would take long', () => {
    const many = Array.from({ length: 2000 }, (_, i) => String(i));
    expect(diffLines(many, many)).toHaveLength(4000);
  });
});

describe('editSummary', () => {
  it.each<[string, Edit, string]>([
    ['a setting', set('Allow', 'Deny'), 'defaultAction: Allow → Deny'],
    ['a setting that was not there', set(null, 'Deny'), 'defaultAction: not set → Deny'],
    [
      'a rule',
      {
        op: 'add',
        path: '/properties/networkAcls/ipRules',
        before: null,
        after: { value: '13.69.64.208/28' },
        reason: '',
      },
      'ipRules: + 13.69.64.208/28',
    ],
    [
      'an action in a scope',
      {
        op: 'add',
        path: '/properties/definition/actions/Loop/actions/Get~1it/runtimeConfiguration/secureData/properties',
        before: null,
        after: 'outputs',
        reason: '',
      },
      'Loop › Get/it: + outputs',
    ],
    [
      'an id by its name',
      { ...set('/subscriptions/x/resourceGroups/rg/providers/Microsoft.Web/connections/old', 'new') },
      'defaultAction: …/old → new',
    ],
    [
      'an object of one text',
      set(null, { type: 'SystemAssigned' }),
      'defaultAction: not set → SystemAssigned',
    ],
    [
      'an access policy',
      {
        op: 'remove',
        path: '/properties/accessPolicies',
        before: { tenantId: 't', objectId: 'o-1', permissions: { secrets: ['get', 'list'], keys: [] } },
        after: null,
        reason: '',
      },
      'accessPolicies: − o-1 secrets get, list',
    ],
    ['a path of nothing that tells', { ...set(1, 2), path: '/properties/0' }, '/properties/0: 1 → 2'],
  ])('names %s', (_name, edit, text) => {
    expect(editSummary(edit)).toBe(text);
  });
});
