import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logLine } from '../src/log-line.js';

test('a name from Azure cannot begin a line of its own', () => {
  const name = 'kv\n{"holdfast":"record"}\r\u2028\u2029\u0085\u202e\u200b';
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
