import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { lineStartsOf, positionAt, readDocument, reach } from '../../src/template/json-document.js';
import { pointerTo } from '../../src/types/apply-edits.js';

const valueIn = (text: string): unknown => {
  const document = readDocument(text);
  return 'what' in document ? document : document.value;
};

describe('a text that ARM takes', () => {
  test.each([
    ['is JSON', '{"a":[1,null]}', { a: [1, null] }],
    ['has comments', '// head "\n{ /* " */ "a": 1 // tail\n}', { a: 1 }],
    ['has a byte order mark and other line ends', '\uFEFF{\r\n"a": 1\r}', { a: 1 }],
    ['has a comma too many', '{"a": [1,],}', { a: [1] }],
    ['has a text over several lines', '{"a": "x\n\ty"}', { a: 'x  y' }],
    ['has quotes and comments in texts', String.raw`{"a": "\" // \\", "b": "/*"}`, { a: '" // \\', b: '/*' }],
    ['has a key twice', '{"a": 1, "a": 2}', { a: 2 }],
    ['has a key that is data', '{"__proto__": {"x": 1}}', Object.fromEntries([['__proto__', { x: 1 }]])],
  ])('%s', (_, text, value) => {
    expect(valueIn(text)).toEqual(value);
  });

  test.each([
    ['a colon is missing', '{\n  "a" 1\n}', { line: 2, column: 7, what: 'colon expected' }],
    ['it ends too early', '{"a": [1', { line: 1, column: 9, what: 'close bracket expected' }],
    ['it is empty', '', { line: 1, column: 1, what: 'value expected' }],
    ['something follows', '{} {}', { line: 1, column: 4, what: 'end of file expected' }],
    [
      'it is nested without end',
      '['.repeat(200_000),
      { line: 1, column: 1, what: 'it is nested too deeply' },
    ],
  ])('is told where it is broken: %s', (_, text, expected) => {
    expect(readDocument(text)).toEqual(expected);
  });

  it('never repeats what stands there', () => {
    expect(JSON.stringify(readDocument('{"key": "hunter2'))).not.toContain('hunter2');
  });

  it('is what JSON.parse says of any JSON, however it is laid out', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (json, space) => {
        const value: unknown = JSON.parse(json);
        expect(valueIn(JSON.stringify(value, null, space))).toEqual(value);
      }),
    );
  });
});

describe('a place in a text', () => {
  it('is reached by its keys, as far as they lead', () => {
    const document = readDocument('{"a": {"b/c": [10, 20]}}');
    if ('what' in document) throw new Error(document.what);
    expect(reach(document.root, '/a/b~1c/1')).toMatchObject({ node: { value: 20 }, rest: [] });
    expect(reach(document.root, pointerTo('/a', 'x/y'))).toMatchObject({ rest: ['x/y'] });
    expect(reach(document.root, '/a/b~1c/7/z').rest).toEqual(['7', 'z']);
  });

  it('has no column for a byte order mark, which no editor shows', () => {
    const starts = lineStartsOf('\uFEFF{}\n{}');
    expect([0, 1, 2, 4].map((offset) => positionAt(starts, offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 1 },
      { line: 1, column: 2 },
      { line: 2, column: 1 },
    ]);
  });

  it('has the line and the column that counting gives', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'ß', '\n', '\r\n', '\r', '😀')), fc.nat(), (parts, n) => {
        const text = parts.join('');
        const offset = n % (text.length + 1);
        const before = text.slice(0, offset);
        // The half of a line end is still on the line that it ends.
        if (text.slice(offset - 1, offset + 1) === '\r\n') return;
        const lines = before.split(/\r\n|\n|\r/);
        expect(positionAt(lineStartsOf(text), offset)).toEqual({
          line: lines.length,
          column: (lines.at(-1) ?? '').length + 1,
        });
      }),
    );
  });
});
