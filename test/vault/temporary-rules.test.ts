import { describe, expect, test } from 'vitest';
import type { TemporaryRule } from '../../src/types/observation.js';
import { decideAccess } from '../../src/vault/temporary-access.js';
import { settleTemporaryRules, withoutTakenOut } from '../../src/vault/temporary-rules.js';
import { IP_RULES_PATH } from '../../src/vault/network-rules.js';
import { acls, owned, reader, vaultWith, workflowId } from './vault-observation.js';

const NOW = new Date('2026-11-25T07:00:00.000Z');
const temporary = (
  value: string,
  until = '2026-11-25T08:00:00.000Z',
  addedAt = '2026-11-25T06:00:00.000Z',
): TemporaryRule => ({
  value,
  until,
  addedAt,
  by: 'alice@contoso.com',
});
const MINE = '203.0.113.7/32';
const vault = (action: string, ...rules: readonly string[]) =>
  vaultWith({ networkAcls: acls(action, ...rules) });

describe('letting an address in', () => {
  const ask = (document: ReturnType<typeof vaultWith>, known: readonly TemporaryRule[] = [], value = MINE) =>
    decideAccess(document, known, { value, until: '2026-11-25T09:00:00.000Z', by: 'alice@contoso.com' }, NOW);

  test.each([
    ['a shut vault', vault('Deny', '198.51.100.0/24'), [], 'added'],
    ['a vault that has it, from somebody else', vault('Deny', MINE), [], 'present'],
    ['… in another spelling', vault('Deny', '203.0.113.7'), [], 'present'],
    ['a vault with a wider rule', vault('Deny', '203.0.113.0/24'), [], 'present'],
    ['a vault that has it for a while', vault('Deny', MINE), [temporary(MINE)], 'extended'],
    ['a vault from which somebody took it out', vault('Deny'), [temporary(MINE)], 'added'],
    ['an open vault', vault('Allow'), [], 'refused'],
    ['a vault whose firewall was never set', vaultWith({}), [], 'refused'],
    [
      'a vault without public access',
      vaultWith({ publicNetworkAccess: 'Disabled', networkAcls: acls('Deny') }),
      [],
      'refused',
    ],
    ['a vault whose firewall cannot be read', vaultWith({ networkAcls: 'x' }), [], 'refused'],
  ] as const)('%s', (_name, document, known, expected) => {
    expect(ask(document, known).kind).toBe(expected);
  });

  test('a block that overlaps with a rule is refused, and named', () => {
    expect(ask(vault('Deny', MINE), [], '203.0.113.0/28')).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining(MINE) as string,
    });
  });

  test('a vault that is full is refused', () => {
    const rules = Array.from({ length: 1000 }, (_, i) => `9.${i >> 8}.${i & 255}.1/32`);
    expect(ask(vault('Deny', ...rules)).kind).toBe('refused');
  });

  test('it is remembered with its end, and the edit says so', () => {
    expect(ask(vault('Deny'), [temporary('9.9.9.9/32')])).toMatchObject({
      edit: {
        op: 'add',
        path: IP_RULES_PATH,
        after: { value: MINE },
        reason: 'let in until 2026-11-25T09:00:00.000Z by alice@contoso.com',
      },
      temporaryRules: [
        { value: '9.9.9.9/32' },
        { value: MINE, until: '2026-11-25T09:00:00.000Z', addedAt: NOW.toISOString() },
      ],
    });
  });

  test.each([
    ['later', '2026-11-25T08:00:00.000Z', '2026-11-25T09:00:00.000Z'],
    ['earlier', '2026-11-25T12:00:00.000Z', '2026-11-25T12:00:00.000Z'],
  ])(
    'asked for again until a time that is %s, it stays until the later of the two',
    (_name, before, after) => {
      expect(ask(vault('Deny', MINE), [temporary(MINE, before)])).toMatchObject({
        until: after,
        temporaryRules: [{ until: after }],
      });
    },
  );
});

describe('the ledger after a look', () => {
  const OVER = temporary(MINE, '2026-11-25T06:30:00.000Z');
  const settle = (
    rules: readonly TemporaryRule[],
    document: ReturnType<typeof vaultWith>,
    readers = [reader('la', ['9.9.9.9'])],
  ) =>
    settleTemporaryRules(
      { ownedRules: [owned('9.9.9.9/32')], temporaryRules: rules },
      document,
      readers,
      NOW,
    );

  test.each([
    ['it is there, and its time is not up', temporary(MINE), vault('Deny', MINE), [MINE]],
    ['its time is up, and it is still there', OVER, vault('Deny', MINE), [MINE]],
    ['somebody took it out', temporary(MINE), vault('Deny'), []],
    ['it may not show yet', temporary(MINE, undefined, '2026-11-25T06:59:00.000Z'), vault('Deny'), [MINE]],
    ['it was wiped with the rest, and the vault is open', temporary(MINE), vault('Allow'), [MINE]],
  ])('%s', (_name, rule, document, left) => {
    expect(settle([rule], document).temporaryRules.map(({ value }) => value)).toEqual(left);
  });

  test('what Logic Apps call from by then is theirs', () => {
    const ledger = settle([OVER], vault('Deny', MINE), [reader('la-new', ['203.0.113.7'])]);
    expect(ledger.temporaryRules).toEqual([]);
    expect(ledger.ownedRules).toContainEqual({
      value: MINE,
      workflowIds: [workflowId('la-new')],
      addedAt: OVER.addedAt,
      unneededSince: null,
    });
  });

  test('… but not before its time is up', () => {
    const readers = [reader('la-new', ['203.0.113.7'])];
    expect(settle([temporary(MINE)], vault('Deny', MINE), readers).ownedRules).toHaveLength(1);
  });

  test('the same object where nothing changed', () => {
    const ledger = { ownedRules: [], temporaryRules: [temporary(MINE)] };
    expect(settleTemporaryRules(ledger, vault('Deny', MINE), [], NOW)).toBe(ledger);
  });

  test('what a write took out is forgotten, and nothing else', () => {
    const rules = [temporary(MINE), temporary('9.9.9.9/32')];
    const edit = {
      op: 'remove',
      path: IP_RULES_PATH,
      before: { value: '203.0.113.7' },
      after: null,
      reason: '',
    } as const;
    expect(withoutTakenOut(rules, [edit])).toEqual([rules[1]]);
    expect(withoutTakenOut(rules, [])).toBe(rules);
  });
});
