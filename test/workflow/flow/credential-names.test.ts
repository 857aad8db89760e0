import { describe, expect, test } from 'vitest';
import {
  announcesCredential,
  isCredentialName,
  isTokenName,
  standsBesideSecret,
  standsBesideToken,
} from '../../../src/workflow/flow/credential-names.js';

describe('names of credentials', () => {
  test.each([
    'access_token',
    'id_token',
    'refreshToken',
    'TOKEN',
    'x-auth-token',
    'jwt',
    'sessionId',
    'Set-Cookie',
    'apiKey',
    'DD-API-KEY',
  ])('%s is a token in an answer', (name) => {
    expect(isTokenName(name)).toBe(true);
  });
  test.each([
    'nextPageToken',
    'continuation_token',
    '$skiptoken',
    'deltaToken',
    'password',
    'value',
    'tokens used',
    'keyboard',
    '',
  ])('%s is none', (name) => {
    expect(isTokenName(name)).toBe(false);
  });
  test.each([
    'Authorization',
    'client_secret',
    'Password',
    'Ocp-Apim-Subscription-Key',
    'x-functions-key',
    'access_token',
  ])('a request signs in with %s', (name) => {
    expect(isCredentialName(name)).toBe(true);
  });
  test.each(['Content-Type', 'query', 'passwordProfileUrl'])('a request does not sign in with %s', (name) => {
    expect(isCredentialName(name)).toBe(false);
  });
  test.each(['token_type', 'expires_in', 'expiresOn', 'scope', 'statusCode'])(
    '%s stands beside a token',
    (name) => {
      expect([standsBesideToken(name), standsBesideToken('access_token')]).toEqual([true, false]);
    },
  );
  test.each(['name', 'contentType', 'attributes', 'headers'])('%s stands beside a secret', (name) => {
    expect([standsBesideSecret(name), standsBesideSecret('value')]).toEqual([true, false]);
  });
  test.each([
    'Bearer ',
    'x&api_key=',
    '{"token": "',
    'password:',
    '<password>',
    '<n:sessionId xsi:type="xsd:string">',
  ])('"%s" announces a credential', (text) => {
    expect(announcesCredential(text)).toBe(true);
  });
  test.each([
    '',
    'Hello ',
    'https://example.org/',
    'page=',
    'nextToken=',
    '<status>',
    '</password>',
    '<password/>',
  ])('"%s" announces none', (text) => {
    expect(announcesCredential(text)).toBe(false);
  });
});
