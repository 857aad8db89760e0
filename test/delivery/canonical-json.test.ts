import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, sha256Of } from '../../src/delivery/canonical-json.js';

describe('canonical JSON', () => {
  test.each<[string, unknown, string]>([
    [
      'puts members in order, at every depth',
      { b: [{ d: 1, c: 2 }], a: null },
      '{"a":null,"b":[{"c":2,"d":1}]}',
    ],
    ['orders numbers as texts', { 9: 'x', 10: 'y' }, '{"10":"y","9":"x"}'],
    ['orders by UTF-16 code units', { '\u{1f600}': 1, '\ufb33': 2 }, '{"\u{1f600}":1,"\ufb33":2}'],
    ['leaves out what is undefined', { a: undefined, b: [undefined] }, '{"b":[null]}'],
    ['keeps a member of an odd name', JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    ['writes numbers as ECMAScript does', [1e21, 1.0, -0, 1e-7], '[1e+21,1,0,1e-7]'],
    ['escapes what JSON.stringify escapes', 'a"\n\u2028\ud800', '"a\\"\\n\u2028\\ud800"'],
  ])('%s', (_name, value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test('is the same JSON as before, and the same text the second time', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  test('does not go by the order in which members were set', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(sha256Of(reversed)).toBe(sha256Of(value));
      }),
    );
  });
});

test('the hash is SHA-256 of the text', () => {
  // echo -n '{"a":1}' | sha256sum
  expect(sha256Of({ a: 1 })).toBe('015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862');
});
