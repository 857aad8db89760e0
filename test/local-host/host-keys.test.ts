import { describe, expect, it } from 'vitest';
import { type HostKeys, isAuthorized, type Protected } from '../../local-host/host-keys.js';

const keys: HostKeys = {
  master: 'the-master',
  functionKeys: { default: 'for-all' },
  functions: { remediate: { default: 'for-remediate' }, audit: { default: 'for-audit' } },
  systemKeys: { eventgrid_extension: 'for-events' },
};
const remediate: Protected = { level: 'function', functionName: 'remediate' };
const events: Protected = { level: 'system', keyName: 'eventgrid_extension' };

function ask(wanted: Protected, key?: { header?: string; code?: string }, from: HostKeys | undefined = keys) {
  const url = new URL('http://localhost/');
  if (key?.code !== undefined) url.searchParams.set('code', key.code);
  const headers = new Map(key?.header === undefined ? [] : [['x-functions-key', key.header]]);
  return isAuthorized(from, { method: 'GET', url, headers, body: Buffer.alloc(0) }, wanted);
}

describe('a key', () => {
  it.each<[string, Protected, { header?: string; code?: string } | undefined, boolean]>([
    ['is not needed for what is anonymous', { level: 'anonymous' }, undefined, true],
    ['is needed for a function', remediate, undefined, false],
    ['of the function opens it', remediate, { header: 'for-remediate' }, true],
    ['opens as a query parameter, too', remediate, { code: 'for-remediate' }, true],
    ['of all functions opens one', remediate, { header: 'for-all' }, true],
    ['of the host opens a function', remediate, { header: 'the-master' }, true],
    ['of another function does not open it', remediate, { header: 'for-audit' }, false],
    ['of an extension does not open a function', remediate, { header: 'for-events' }, false],
    ['must be whole', remediate, { header: 'for-remediat' }, false],
    ['must not be empty', remediate, { header: '' }, false],
    ['in the header goes before one in the query', remediate, { header: 'no', code: 'for-remediate' }, false],
    ['of all functions does not open the admin API', { level: 'admin' }, { header: 'for-all' }, false],
    ['of the host opens the admin API', { level: 'admin' }, { header: 'the-master' }, true],
    ['of an extension opens its webhook', events, { code: 'for-events' }, true],
    ['of a function does not open a webhook', events, { code: 'for-all' }, false],
  ])('%s', (_, wanted, key, expected) => {
    expect(ask(wanted, key)).toBe(expected);
  });

  it('that nobody has opens nothing', () => {
    expect(ask({ level: 'admin' }, { header: 'undefined' }, {})).toBe(false);
    expect(ask(remediate, { header: 'x' }, {})).toBe(false);
  });

  it('is not needed where there are none', () => {
    expect(isAuthorized(undefined, emptyRequest(), { level: 'admin' })).toBe(true);
  });
});

function emptyRequest() {
  return {
    method: 'GET',
    url: new URL('http://localhost/'),
    headers: new Map<string, string>(),
    body: Buffer.alloc(0),
  };
}
