import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exemptionOf } from '../../src/engine/exemption.js';
import type { JsonObject } from '../../src/types/json.js';
import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';
import { oddJson } from './odd-json.js';
import { oddText } from './odd-text.js';
import { run } from './run.js';

/*
 * What whoever may write tags may write: nothing switches the guard off but a good tag, and not for longer than it may.
 */

const NOW = new Date('2026-11-23T15:00:00Z');
const DAY_MS = 86_400_000;

/** The grammar as it is documented, written down once more, in another way. */
function allowedBy(tag: string, now: Date): ReadonlySet<string> {
  const parts = tag.split(';');
  const date = (parts[1] ?? '').trim().replace(/^until\s*=\s*/, '');
  const time = /^\d{4}-\d\d-\d\d$/.test(date) ? Date.parse(date) : NaN;
  const today = Date.parse(now.toISOString().slice(0, 10));
  const isGood = parts.length === 2 && time >= today && time <= today + 90 * DAY_MS;
  if (!isGood) return new Set();
  const names = (parts[0] ?? '').split(',').map((name) => name.trim());
  return new Set(names.includes('*') ? REMEDIATOR_IDS : names);
}

const separator = fc.constantFrom(';', ',', '; ', ' ;', '=', ' = ', '\n', '\t', '\u00a0', '；', '');
const word = fc.oneof(
  fc.constantFrom(
    '*',
    'until',
    'until=',
    'Until=',
    ...REMEDIATOR_IDS,
    ...REMEDIATOR_IDS.map((id) => id.toUpperCase()),
  ),
  fc.constantFrom(
    '2026-11-22',
    '2026-11-23',
    '2026-12-01',
    '2027-02-21',
    '2027-02-22',
    '9999-12-31',
    '2026-02-30',
  ),
  fc.constantFrom(
    '2026-12-01T00:00:00Z',
    '+012026-12-01',
    '２０２６-12-01',
    '-1',
    '2026-13-01',
    '0000-00-00',
  ),
  oddText.filter((text) => text.length < 1000),
);
/** Text that is near to being a good tag. */
const nearTag = fc
  .array(fc.tuple(word, separator), { maxLength: 8 })
  .map((pieces) => pieces.map(([text, end]) => text + end).join(''));
const goodTag = fc
  .tuple(fc.subarray(['*', ...REMEDIATOR_IDS], { minLength: 1 }), fc.integer({ min: -200, max: 400 }))
  .map(
    ([ids, days]) =>
      `${ids.join(',')}; until=${new Date(NOW.getTime() + days * DAY_MS).toISOString().slice(0, 10)}`,
  );

describe('no text exempts from more than its grammar says', () => {
  test.each([
    ['near to a tag', nearTag, 5000],
    ['a tag of any day', goodTag, 2000],
    ['anything', oddText, 500],
  ])('%s', (_name, text, numRuns) => {
    fc.assert(
      fc.property(text, (tag) => {
        const { remediators, finding } = exemptionOf({ tags: { 'holdfast-exempt': tag } }, new Set(), NOW);
        const allowed = allowedBy(tag, NOW);
        for (const id of remediators) expect(allowed.has(id)).toBe(true);
        if (finding !== null) expect(remediators.size).toBe(0);
        // What the tag holds is somebody's text, and a finding goes into records and logs.
        expect(JSON.stringify(finding).length).toBeLessThan(600);
      }),
      run(numRuns),
    );
  });

  test('on any day, one that was good ninety days later is not', () => {
    fc.assert(
      fc.property(goodTag, fc.integer({ min: 91, max: 4000 }), (tag, days) => {
        const document = { tags: { 'holdfast-exempt': tag } };
        const now = exemptionOf(document, new Set(), NOW).remediators.size;
        const later = exemptionOf(document, new Set(), new Date(NOW.getTime() + days * DAY_MS)).remediators
          .size;
        expect(Math.min(now, later)).toBe(0);
      }),
      run(500),
    );
  });
});

test('tags of any form are read without a fault, and exempt from nothing', () => {
  fc.assert(
    fc.property(oddJson, (tags) => {
      const document = { tags } as JsonObject;
      expect(exemptionOf(document, new Set(), NOW).remediators.size).toBe(0);
    }),
    run(1000),
  );
});

test('two tags whose names differ by case only: neither text exempts from more than the other says', () => {
  const document = {
    tags: { 'HOLDFAST-EXEMPT': '*; until=2026-12-01', 'holdfast-exempt': 'vault-firewall; until=2026-12-01' },
  };
  expect([...exemptionOf(document, new Set(), NOW).remediators]).toEqual(['vault-firewall']);
});
