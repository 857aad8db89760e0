import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { checkDocument } from '../../src/template/check-document.js';
import { mend } from '../../src/template/mend.js';
import { replaced, spliceOf } from '../../src/template/splice.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import {
  check,
  documentOf,
  getSecret,
  hidden,
  NOW,
  SAFE_VAULT,
  templateOf,
  vaultOf,
  workflowOf,
} from './template-of.js';

function mended(text: string): string {
  const document = documentOf(text);
  const checked = checkDocument(document, NOW);
  return checked === null ? text : mend(document, checked, NOW).text;
}

const set = (path: string, after: Json): Edit => ({ op: 'set', path, before: null, after, reason: '' });
const add = (path: string, after: Json): Edit => ({ op: 'add', path, before: null, after, reason: '' });
const spliced = (text: string, edits: readonly Edit[]): string =>
  replaced(text, spliceOf(documentOf(text), edits));

describe('what is put into a text is laid out as the text is', () => {
  test.each([
    ['a member', '{\n  "a": 1\n}', [set('/b', true)], '{\n  "a": 1,\n  "b": true\n}'],
    [
      'with tabs and other line ends',
      '{\r\n\t"a": 1\r\n}',
      [set('/b/c', true)],
      '{\r\n\t"a": 1,\r\n\t"b": {\r\n\t\t"c": true\r\n\t}\r\n}',
    ],
    ['on one line', '{ "a": 1 }', [set('/b', true)], '{ "a": 1, "b": true }'],
    ['without spaces', '{"a":1}', [set('/b/c', [1, 2])], '{"a":1,"b":{"c":[1,2]}}'],
    ['before a comment', '{\n  "a": 1 // one\n}', [set('/b', 2)], '{\n  "a": 1,\n  "b": 2 // one\n}'],
    ['into an empty object', '{\n  "a": {}\n}', [set('/a/b', 1)], '{\n  "a": {\n    "b": 1\n  }\n}'],
    ['into a list', '{\n  "a": [\n    1\n  ]\n}', [add('/a', 2)], '{\n  "a": [\n    1,\n    2\n  ]\n}'],
    [
      'into a list on one line',
      '{ "a": ["x"] }',
      [add('/a', 'y'), add('/a', 'z')],
      '{ "a": ["x", "y", "z"] }',
    ],
    ['into an empty list', '{ "a": [] }', [add('/a', 'y')], '{ "a": ["y"] }'],
    ['in place of null', '{\n  "a": null\n}', [set('/a/b', 1)], '{\n  "a": {\n    "b": 1\n  }\n}'],
    ['in place of a value', '{ "a": false, "b": 1.0 }', [set('/a', true)], '{ "a": true, "b": 1.0 }'],
    ['behind a comma too many', '{ "a": 1, }', [set('/b', 2)], '{ "a": 1, "b": 2, }'],
    [
      'two lists of one object',
      '{\n  "a": 1\n}',
      [add('/s/p', 'x'), add('/s/p', 'y')],
      '{\n  "a": 1,\n  "s": {\n    "p": [\n      "x",\n      "y"\n    ]\n  }\n}',
    ],
  ])('%s', (_, text, edits, expected) => {
    expect(spliced(text, edits)).toBe(expected);
  });

  const REMOVE: Edit = { op: 'remove', path: '/a', before: 1, after: null, reason: '' };
  test.each([
    ['through a text', '{"a": "x"}', [set('/a/b', 1)]],
    ['into a list that is none', '{"a": {}}', [add('/a', 1)]],
    ['out of a list', '{"a": [1]}', [REMOVE]],
  ])('nothing goes %s', (_, text, edits) => {
    expect(() => spliced(text, edits)).toThrow(/room/);
  });

  it('does to the text what the edits do to the document', () => {
    const key = fc.constantFrom('a', 'b', 'c/d', 'e~');
    const object = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<Json>(null, true, 1),
        fc.dictionary(key, tie('value')) as fc.Arbitrary<Json>,
      ),
    })).value;
    fc.assert(
      fc.property(
        fc.dictionary(key, object),
        fc.array(key, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(undefined, 2, '\t'),
        (document, keys, space) => {
          const path = keys.map((each) => `/${each.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
          const text = JSON.stringify(document, null, space);
          let expected: JsonObject;
          let result: string;
          try {
            expected = applyEdits(document, [set(path, 'new')]);
            result = spliced(text, [set(path, 'new')]);
          } catch {
            return;
          }
          expect(JSON.parse(result)).toEqual(expected);
        },
      ),
    );
  });
});

/** Resources with some things wrong, in every layout. */
const workflow = fc
  .dictionary(
    fc.stringMatching(/^[A-Za-z_]{1,6}$/),
    fc.record({
      name: fc.stringMatching(/^[a-z]{1,5}$/),
      hide: fc.subarray(['inputs', 'outputs']),
      isHidden: fc.boolean(),
    }),
    { maxKeys: 4 },
  )
  .map((actions) =>
    workflowOf(
      Object.fromEntries(
        Object.entries(actions).map(([name, { name: secret, hide, isHidden }]) => [
          name,
          getSecret(secret, isHidden ? hidden(...hide) : {}),
        ]),
      ),
    ),
  );
const vault = fc
  .record(
    {
      enableSoftDelete: fc.boolean(),
      enablePurgeProtection: fc.constantFrom<Json>(true, false, "[parameters('p')]", "[parameters('q')]"),
      networkAcls: fc.constantFrom<Json>(
        null,
        {},
        { defaultAction: 'Allow' },
        { defaultAction: 'Deny', bypass: 'None' },
        "[variables('acls')]",
      ),
      tags: fc.constant({}),
    },
    { requiredKeys: [] },
  )
  .map((properties) => vaultOf(properties));
const template = fc.array(fc.oneof(workflow, vault), { minLength: 1, maxLength: 3 }).map((resources) =>
  templateOf(resources, {
    parameters: {
      location: { type: 'string', defaultValue: 'westeurope' },
      p: { type: 'bool', defaultValue: false },
      q: { type: 'bool' },
    },
    variables: { acls: { defaultAction: 'Allow', bypass: 'AzureServices' } },
  }),
);
const text = fc
  .tuple(
    template,
    fc.constantFrom(undefined, 2, '\t'),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([value, space, eol, hasMark, hasComment]) => {
    const json = JSON.stringify(value, null, space).replaceAll('\n', eol);
    return `${hasMark ? '\uFEFF' : ''}${hasComment ? `// made by hand${eol}` : ''}${json}${eol}`;
  });

describe('mending', () => {
  it('leaves a file in which nothing is wrong as it is', () => {
    const safe = JSON.stringify(templateOf([vaultOf(SAFE_VAULT)]));
    expect(mended(safe)).toBe(safe);
  });

  it('mends what it says it mends, and says what is left', () => {
    fc.assert(
      fc.property(text, (before) => {
        const { findings } = check(before);
        const after = check(mended(before));
        const key = ({ rule, pointer }: (typeof findings)[number]): string => `${rule} ${pointer}`;
        expect(after.findings.map(key).sort()).toEqual(
          findings
            .filter(({ edits }) => edits.length === 0)
            .map(key)
            .sort(),
        );
      }),
    );
  });

  it('is done after once', () => {
    fc.assert(
      fc.property(text, (before) => {
        const once = mended(before);
        expect(mended(once)).toBe(once);
      }),
    );
  });

  it('only puts something in, but for the values that it sets', () => {
    fc.assert(
      fc.property(text, (before) => {
        const document = documentOf(before);
        const edits = check(before).findings.flatMap((finding) => finding.edits);
        const replacements = spliceOf(document, edits);
        // What is between the places that change is there, in order, and at the length that it had.
        let [at, grown] = [0, 0];
        const after = mended(before);
        for (const { offset, length, text: own } of replacements) {
          expect(after.slice(at + grown, offset + grown)).toBe(before.slice(at, offset));
          if (length > 0)
            expect(before.slice(offset, offset + length)).toMatch(/^(?:true|false|null|"Allow")$/);
          at = offset + length;
          grown += own.length - length;
        }
        expect(after.slice(at + grown)).toBe(before.slice(at));
      }),
    );
  });

  it('changes the one that counts, where a key stands there twice', () => {
    // ARM takes the last.
    const good = JSON.stringify(vaultOf({ ...SAFE_VAULT, enablePurgeProtection: false }));
    const twice = good
      .replace(
        '"enablePurgeProtection":false',
        '"networkAcls":{},"networkAcls":{"defaultAction":"Allow","bypass":"None"},"enablePurgeProtection":false',
      )
      .replace(/,"networkAcls":\{"defaultAction":"Deny"[^}]*\}/, '');
    const before = JSON.stringify(templateOf([])).replace('"resources":[]', `"resources":[${twice}]`);
    const after = mended(before);
    expect(after).toContain('"enablePurgeProtection":true');
    expect(after).toContain('"networkAcls":{},"networkAcls":{"defaultAction":"Deny","bypass":"None"}');
  });
});
