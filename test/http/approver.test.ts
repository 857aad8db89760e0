import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { APPROVE_ROLE, readApprover } from '../../src/http/approver.js';

const ROLE = 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role';
const OID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64');
const principal = (claims: readonly (readonly [string, string])[], more: object = {}): string =>
  encoded({
    auth_typ: 'aad',
    claims: claims.map(([typ, val]) => ({ typ, val })),
    name_typ: 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
    role_typ: ROLE,
    ...more,
  });
const ADA = [
  [OID, 'o-1'],
  ['preferred_username', 'ada@contoso.com'],
] as const;

describe('who may approve', () => {
  test.each([
    [
      'a role in the token’s own name for it',
      principal([...ADA, ['roles', 'Other'], ['roles', APPROVE_ROLE]]),
    ],
    ['a role as App Service maps it', principal([...ADA, [ROLE, APPROVE_ROLE]])],
    ['a role of the type that the header names', principal([...ADA, ['r', APPROVE_ROLE]], { role_typ: 'r' })],
  ])('is whoever holds %s', (_what, header) => {
    expect(readApprover(header)).toEqual({
      kind: 'approver',
      actor: { id: 'o-1', name: 'ada@contoso.com', ip: null },
    });
  });

  test.each<[string, string | null]>([
    ['with a function key alone', null],
    ['with an empty header', ''],
    ['without the role', principal([...ADA, ['roles', 'Reader']])],
    ['with a role that only begins like it', principal([...ADA, ['roles', `${APPROVE_ROLE}.Not`]])],
    ['with the role in another case', principal([...ADA, ['roles', APPROVE_ROLE.toLowerCase()]])],
    [
      'with the role as a name',
      principal([
        [OID, 'o'],
        ['name', APPROVE_ROLE],
      ]),
    ],
    ['without an object id', principal([['roles', APPROVE_ROLE]])],
    ['signed in elsewhere', principal([...ADA, ['roles', APPROVE_ROLE]], { auth_typ: 'github' })],
    ['of a static web app', encoded({ userId: 'x', userRoles: [APPROVE_ROLE] })],
    ['whose header is no base64', `{"auth_typ":"aad"}`],
    ['whose header is no JSON', Buffer.from('aad').toString('base64')],
    ['whose header is a list', encoded([])],
    ['whose claims are none', encoded({ auth_typ: 'aad', claims: 'all' })],
    ['whose header is too long', principal([...ADA, ['roles', APPROVE_ROLE], ['x', 'y'.repeat(70_000)]])],
  ])('is nobody %s', (_what, header) => {
    expect(readApprover(header)).toMatchObject({ kind: 'denied' });
  });

  test('is nobody by any header that is made up', () => {
    const anything = fc.oneof(fc.string(), fc.base64String(), fc.jsonValue().map(encoded));
    fc.assert(fc.property(anything, (header) => readApprover(header).kind === 'denied'));
  });
});
