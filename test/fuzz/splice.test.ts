import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LossyWriteError, workflowPut } from '../../src/engine/write/workflow-put.js';
import { toPointer } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import { run } from './run.js';

/*
 * The text of a workflow, as nobody's serialiser would write it: what is not edited is kept to the byte, or nothing is
 * written at all.
 */

const space = fc.constantFrom('', ' ', '\n', '\t', '\r\n', '  \n\t ');
const escaped = (text: string): fc.Arbitrary<string> => {
  const units = Array.from({ length: text.length }, (_, i) =>
    text.charCodeAt(i).toString(16).padStart(4, '0'),
  );
  return fc.constantFrom(JSON.stringify(text), `"${units.map((unit) => `\\u${unit}`).join('')}"`);
};
const key = fc.constantFrom(
  'a',
  'b',
  'A',
  '__proto__',
  'constructor',
  'id',
  'a/b',
  'a~b',
  '',
  ' ',
  'é',
  '\u{1f600}',
  'properties',
  '0',
);
const scalar = fc.oneof(
  fc.constantFrom(
    'null',
    'true',
    '1.0',
    '-0',
    '1e999',
    '12345678901234567890',
    '0.10',
    '1E-7',
    '""',
    '"\\/"',
    '"\\ud800"',
    '"//"',
    '"/* x */"',
  ),
  fc.string({ maxLength: 6 }).chain(escaped),
);
/** JSON text, with its odd numbers, its escapes, its white space and, now and then, a key twice. */
const { text } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc
      .array(fc.tuple(space, tie('text'), space), { maxLength: 3 })
      .map((all) => `[${all.map((one) => one.join('')).join(',')}]`),
    members(tie('text')).map((inner) => `{${inner}}`),
  ),
}));

function members(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const member = fc
    .tuple(space, key.chain(escaped), space, value, space)
    .map(([a, name, b, inner, c]) => `${a}${name}${b}:${inner}${c}`);
  return fc.array(member, { maxLength: 4 }).map((all) => all.join(','));
}

/** The document around one action, and the places in its text where the edit belongs. */
const workflow = fc
  .record({
    before: members(text),
    after: members(text),
    own: members(text),
    others: members(text),
    gap: space,
  })
  .map(({ before, after, own, others, gap }) => {
    const joined = (...parts: readonly string[]): string =>
      parts.filter((part) => part.trim() !== '').join(',');
    const action = `{${joined(own, '"type":"Http"')}${gap}}`;
    const actions = `{${joined(others, `"Get":${action}`)}}`;
    return `{${joined(before, `"properties":${gap}{"definition":{"actions":${actions}}}`, after)}}`;
  });

const edit = (name: string): Edit => ({
  op: 'add',
  path: `/properties/definition/actions${toPointer([name])}/runtimeConfiguration/secureData/properties`,
  before: null,
  after: 'outputs',
  reason: '',
});
const SECURED =
  /,?\s*"runtimeConfiguration"\s*:\s*\{\s*"secureData"\s*:\s*\{\s*"properties"\s*:\s*\[\s*"outputs"\s*\]\s*\}\s*\}/;

function putOrRefused(document: string, edits: readonly Edit[]): string | null {
  try {
    return workflowPut(document, edits);
  } catch (error) {
    if (
      error instanceof LossyWriteError ||
      (error instanceof Error && error.name === 'InapplicableEditError')
    )
      return null;
    throw error;
  }
}

/** Without what ARM sets by itself, which goes out of every write. */
const withoutIds = (document: string): boolean => !/"(?:id|\\u0069\\u0064)"/.test(document);

describe('a text that nobody would write', () => {
  test('keeps every byte outside of the edit, or is refused', () => {
    let kept = 0;
    fc.assert(
      fc.property(workflow.filter(withoutIds), (document) => {
        const put = putOrRefused(document, [edit('Get')]);
        if (put === null) return;
        kept += 1;
        expect(put.replace(SECURED, '')).toBe(document);
      }),
      run(1500),
    );
    // Most can be written: refusing all of them would keep every byte, too.
    expect(kept).toBeGreaterThan(300);
  });

  test('is read as it was, with the edit in it', () => {
    fc.assert(
      fc.property(workflow, (document) => {
        const put = putOrRefused(document, [edit('Get')]);
        if (put === null) return;
        const sent = JSON.parse(put) as {
          properties: { definition: { actions: { Get: { runtimeConfiguration: unknown } } } };
        };
        expect(sent.properties.definition.actions.Get.runtimeConfiguration).toMatchObject({
          secureData: { properties: ['outputs'] },
        });
      }),
      run(800),
    );
  });

  test('of which nothing is edited, loses nothing but what ARM sets', () => {
    fc.assert(
      fc.property(workflow.filter(withoutIds), (document) => {
        const put = putOrRefused(document, []);
        if (put !== null) expect(put).toBe(document);
      }),
      run(800),
    );
  });
});

test.each([
  [
    'a document nested deeper than a stack',
    `{"properties":{"definition":{"actions":{"Get":{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}}}}`,
  ],
  [
    'objects nested deeper than a stack',
    `{"properties":{"definition":{"actions":{"Get":{"x":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}}}}}`,
  ],
])('%s is written or refused', (_name, document) => {
  const put = putOrRefused(document, [edit('Get')]);
  if (put !== null) expect(put.replace(SECURED, '')).toBe(document);
});
