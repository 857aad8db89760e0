import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logLine, visibly } from '../src/log-line.js';

test('a name from Azure cannot begin a line of its own', () => {
  const name = 'kv\n{"holdfast":"record"}\r\u2028\u2029\u0085\u202e\u200b\u00ad\u3164\u{e0041}';
  const line = logLine({ resourceId: name });
  expect(line).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(line)).toEqual({ resourceId: name });
});

test('whatever is logged stays one line and reads back as it was', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const line = logLine(value);
      expect(line).not.toMatch(/[\u0000-\u001f\u0085\u2028\u2029]/);
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test.each([
  ['a soft hyphen', 'kv\u00adone', String.raw`kv\u00adone`],
  ['a letter that is drawn as nothing', 'kv\u3164', String.raw`kv\u3164`],
  ['a tag beyond the first plane', 'kv\u{e0041}', String.raw`kv\udb40\udc41`],
  ['a mark that turns a text', 'a\u202eb', String.raw`a\u202eb`],
  ['letters of any language', 'שלום é 東京 \u0600١', 'שלום é 東京 \u0600١'],
])('%s shows', (_name, text, shown) => {
  expect(visibly(text)).toBe(shown);
});
