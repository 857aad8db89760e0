import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import { identityToUse, type IdentityToUse } from '../../src/workflow/sign-in.js';

const idOf = (name: string) =>
  `/subscriptions/s/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
const users = (...names: readonly string[]): JsonObject => ({
  userAssignedIdentities: Object.fromEntries(names.map((name) => [idOf(name), { principalId: `P-${name}` }])),
});

describe('identityToUse', () => {
  const own: IdentityToUse = {
    kind: 'one',
    id: null,
    signIn: { kind: 'managed-identity', principalId: 'own', userAssignedId: null },
  };
  const given: IdentityToUse = {
    kind: 'one',
    id: idOf('A'),
    signIn: { kind: 'managed-identity', principalId: 'p-a', userAssignedId: idOf('A').toLowerCase() },
  };
  const rows: readonly (readonly [string, Json, IdentityToUse])[] = [
    ['its own', { type: 'SystemAssigned', principalId: 'OWN' }, own],
    ['its own before those it was given', { principalId: 'own', ...users('A', 'B') }, own],
    ['the one it was given, as it is spelled', { type: 'UserAssigned', ...users('A') }, given],
    ['several', { type: 'UserAssigned', ...users('A', 'B') }, { kind: 'several' }],
    ['none yet: Azure has not said who it is', { type: 'SystemAssigned' }, { kind: 'none' }],
    ['none', null, { kind: 'none' }],
    ['hostile: lists of identities that are none', { userAssignedIdentities: 'x' }, { kind: 'none' }],
  ];
  test.each(rows)('%s', (_, identity, expected) => {
    expect(identityToUse({ identity })).toEqual(expected);
  });
});
