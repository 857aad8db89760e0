import { describe, expect, it, test } from 'vitest';
import type { RecentCaller, VaultObservation } from '../../../src/types/observation.js';
import { callersShutOut } from '../../../src/vault/access/callers-shut-out.js';
import { acls, observe, reader, SUBNET, vaultWith } from '../vault-observation.js';

const from = (address: string, lastSeen = '2026-03-01T12:00:00Z'): RecentCaller => ({
  address,
  caller: 'ada@example.org',
  calls: 2,
  lastSeen,
});
const open = (address: string, known: Partial<VaultObservation> = {}) =>
  observe(acls('Allow', '1.2.3.0/24'), { recentCallers: [from(address)], ...known });
const withNetwork = (more: object) => ({
  vault: vaultWith({ networkAcls: acls('Allow'), ...more }),
});

describe('callersShutOut', () => {
  const rows: readonly (readonly [string, VaultObservation, boolean])[] = [
    ['an address in a rule keeps access', open('1.2.3.4'), false],
    ['an address in no rule loses it', open('9.9.9.9'), true],
    [
      'an address of a reader keeps it',
      open('5.6.7.8', { readers: [reader('la-one', ['5.6.7.0-5.6.7.9'])] }),
      false,
    ],
    ['an IPv6 address loses it: rules take none', open('2603:1020::1'), true],
    ['an IPv4 address in IPv6 is that address', open('::ffff:1.2.3.4'), false],
    ['an IPv4 address in IPv6 that is in no rule', open('::ffff:9.9.9.9'), true],
    ['a private address loses it where the vault has no private way in', open('10.0.0.4'), true],
    [
      'a private address keeps it beside a private endpoint',
      open('10.0.0.4', withNetwork({ privateEndpointConnections: [{}] })),
      false,
    ],
    [
      'a private address keeps it beside a virtual network rule',
      open('172.16.0.9', {
        vault: vaultWith({ networkAcls: { ...acls('Allow'), virtualNetworkRules: [{ id: `${SUBNET}/a` }] } }),
      }),
      false,
    ],
    [
      'a private IPv6 address, too',
      open('fd00::1', withNetwork({ privateEndpointConnections: [{}] })),
      false,
    ],
    ['a public address does not', open('9.9.9.9', withNetwork({ privateEndpointConnections: [{}] })), true],
    ['an address that cannot be read may lose it', open('somewhere'), true],
    ['an address that the log leaves empty says nothing', open(' '), false],
    ['a shut vault shuts nobody out', observe(acls('Deny'), { recentCallers: [from('9.9.9.9')] }), false],
    [
      'a vault with public access off',
      open('9.9.9.9', withNetwork({ publicNetworkAccess: 'Disabled' })),
      false,
    ],
    [
      'a vault that was seen shut before',
      open('9.9.9.9', { knownGood: { seenAt: '2026-01-01T00:00:00Z', networkAcls: {} } }),
      false,
    ],
    ['a log that did not answer', open('9.9.9.9', { recentCallers: null }), false],
    ['a vault that cannot be read', open('9.9.9.9', { vault: {} }), false],
  ];
  test.each(rows)('%s', (_, observation, isShutOut) => {
    expect(callersShutOut(observation)).toEqual(isShutOut ? observation.recentCallers : []);
  });

  it('names the most recent first', () => {
    const recentCallers = [from('9.9.9.9', '2026-01-01T00:00:00Z'), from('8.8.8.8', '2026-02-01T00:00:00Z')];
    expect(callersShutOut(open('', { recentCallers })).map(({ address }) => address)).toEqual([
      '8.8.8.8',
      '9.9.9.9',
    ]);
  });
});
