import { describe, expect, test } from 'vitest';
import { exemptionOf } from '../../src/engine/exemption.js';
import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';

const now = new Date('2026-11-23T15:00:00Z');
const tagged = (value: unknown, name = 'holdfast-exempt') => ({ tags: { [name]: value } }) as never;
const read = (document: never) => exemptionOf(document, new Set(), now);

describe('tags that exempt', () => {
  test.each([
    ['one remediator until a day ahead', 'vault-firewall; until=2026-12-01', ['vault-firewall']],
    [
      'several',
      'vault-firewall , vault-logic-app-ips;until=2026-12-01',
      ['vault-firewall', 'vault-logic-app-ips'],
    ],
    ['all', '*; until=2026-12-01', [...REMEDIATOR_IDS]],
    ['today, which is included', '*; until=2026-11-23', [...REMEDIATOR_IDS]],
    ['the last of ninety days', '*; until=2027-02-21', [...REMEDIATOR_IDS]],
  ])('%s', (_name, tag, expected) => {
    const exemption = read(tagged(tag));
    expect([...exemption.remediators]).toEqual(expected);
    expect(exemption.finding).toBeNull();
  });

  test('the name of a tag does not differ by case', () => {
    expect(read(tagged('*; until=2026-12-01', 'Holdfast-Exempt')).remediators.size).toBe(
      REMEDIATOR_IDS.length,
    );
  });

  test('a tag that ran out yesterday exempts nothing and is no finding', () => {
    expect(read(tagged('*; until=2026-11-22'))).toEqual({ remediators: new Set(), finding: null });
  });

  test('a lasting exemption stays beside a tag', () => {
    const exemption = exemptionOf(
      tagged('vault-firewall; until=2026-12-01'),
      new Set(['vault-purge-protection']),
      now,
    );
    expect([...exemption.remediators]).toEqual(['vault-purge-protection', 'vault-firewall']);
  });
});

describe('tags that exempt nothing and are findings', () => {
  test.each([
    ['no date', '*'],
    ['an empty tag', ''],
    ['a date that does not exist', '*; until=2026-02-30'],
    ['a date in words', '*; until=tomorrow'],
    ['a date more than ninety days ahead', '*; until=2027-02-22'],
    ['an unknown remediator', 'vault-fire; until=2026-12-01'],
    ['no remediator', '; until=2026-12-01'],
    ['something after the date', '*; until=2026-12-01; really'],
  ])('%s', (_name, tag) => {
    const exemption = read(tagged(tag));
    expect(exemption.remediators.size).toBe(0);
    expect(exemption.finding?.step).toContain('until=YYYY-MM-DD');
  });
});

test.each([
  ['no tags', {}],
  ['null tags', { tags: null }],
  ['another tag', { tags: { env: 'prod' } }],
])('%s: nothing is exempt, and nothing is found', (_name, document) => {
  expect(exemptionOf(document, new Set(), now)).toEqual({ remediators: new Set(), finding: null });
});
