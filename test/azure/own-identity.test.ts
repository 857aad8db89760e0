import { describe, expect, test } from 'vitest';
import { createOwnIdentity } from '../../src/azure/own-identity.js';

const tokenOf = (claims: object): string =>
  ['x', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'y'].join('.');

describe('under which names ARM has whoever a token is of', () => {
  test.each<[string, string, readonly string[]]>([
    ['an app', tokenOf({ oid: 'O', appid: 'A', idtyp: 'app' }), ['o', 'a']],
    ['an app, version 2', tokenOf({ oid: 'O', azp: 'A' }), ['o', 'a']],
    [
      'a person, and not the app that they signed in with',
      tokenOf({ oid: 'O', upn: 'Alice@contoso.com', appid: 'cli', scp: 'user_impersonation' }),
      ['o', 'alice@contoso.com'],
    ],
    [
      'a guest',
      tokenOf({ oid: 'O', unique_name: 'live.com#bob@x', scp: 's', appid: 'cli' }),
      ['o', 'live.com#bob@x'],
    ],
    ['what cannot be read', 'nonsense', []],
  ])('%s', async (_name, token, names) => {
    const credential = { getToken: () => Promise.resolve({ token, expiresOnTimestamp: 0 }) };
    expect([...(await createOwnIdentity(credential, 'https://arm')())]).toEqual(names);
  });
});
