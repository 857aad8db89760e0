import { describe, expect, it } from 'vitest';
import type { RpcHttpCookie } from '../../local-host/functions-core-types.js';
import { toHostResponse } from '../../local-host/http-trigger.js';

describe('the answer of a function', () => {
  it.each<[string, RpcHttpCookie, string]>([
    ['plain', { name: 'a', value: 'b' }, 'a=b; path=/'],
    ['to be encoded', { name: 'a b', value: 'c;d' }, 'a%20b=c%3Bd; path=/'],
    [
      'with everything',
      {
        name: 'a',
        value: 'b',
        expires: { value: { seconds: 0 } },
        maxAge: { value: 0 },
        domain: { value: 'example.org' },
        path: { value: '/x' },
        secure: { value: true },
        httpOnly: { value: true },
        sameSite: 'explicitNone',
      },
      'a=b; expires=Thu, 01 Jan 1970 00:00:00 GMT; max-age=0; domain=example.org; path=/x; secure; samesite=none; httponly',
    ],
    ['without a word on the site', { name: 'a', value: 'b', sameSite: 'none' }, 'a=b; path=/'],
  ])('sets a cookie: %s', (_, cookie, header) => {
    expect(toHostResponse({ returnValue: { http: { cookies: [cookie] } } }).headers).toEqual({
      'set-cookie': [header],
    });
  });

  it('is 204 if there is none', () => {
    expect(toHostResponse({})).toEqual({ status: 204 });
  });
});
