import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { auditKeys, dayKey, filterable, sortableTime } from '../../src/state/audit-keys.js';

const times = fc.date({
  min: new Date('1970-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

function order(time: string): string {
  const { partitionKey, rowKey } = auditKeys({ id: 'x', time });
  return `${partitionKey} ${rowKey}`;
}

describe('audit keys', () => {
  test('a later time has the smaller key, within a day and over days', () => {
    fc.assert(
      fc.property(times, times, (a, b) => {
        const [one, other] = [order(a.toISOString()), order(b.toISOString())];
        expect(Math.sign(a.getTime() - b.getTime())).toBe(one < other ? 1 : one > other ? -1 : 0);
      }),
    );
  });

  test('any id makes a key that a table takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (id) => {
        expect(auditKeys({ id, time: '2026-03-04T05:06:07Z' }).rowKey).toMatch(/^\d{16}-[0-9a-f]{32}$/);
      }),
    );
  });

  test.each([
    ['the same moment elsewhere is the same UTC day', '2026-03-04T23:30:00-02:00', '79739694'],
    ['a moment without milliseconds', '2026-03-04T05:06:07Z', '79739695'],
  ])('%s', (_name, time, key) => {
    expect(dayKey(time)).toBe(key);
  });

  test('a time that is none is refused, not stored under a key of its own', () => {
    expect(() => auditKeys({ id: 'x', time: 'yesterday' })).toThrow(RangeError);
    expect(() => sortableTime('+012026-01-01T00:00:00Z')).toThrow('outside the years');
  });
});

describe('filterable', () => {
  test.each([
    ['plain text stays readable', 'abc-123', 'abc-123'],
    ['a quote is left to the query, which escapes it', "o'brien", "o'brien"],
  ])('%s', (_name, text, expected) => {
    expect(filterable(text)).toBe(expected);
  });

  test.each([
    ['long text', 'x'.repeat(501)],
    ['a control character', 'a\u0000b'],
    ['half a character', '\ud800'],
    ['another script', 'ключ'],
  ])('%s is hashed', (_name, text) => {
    expect(filterable(text)).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});
