import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { manualClock } from '../../simulator/clock.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { call } from './arm-client.js';
import { SUBSCRIPTION, TENANT } from './samples.js';

let simulator: Simulator;
const clock = manualClock();
const GROUPS = `/subscriptions/${SUBSCRIPTION}/resourcegroups`;

beforeAll(async () => {
  simulator = await startSimulator({ clock, tokenLifetimeSeconds: 3600 });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.azure.faults.clear();
});

interface TokenAnswer {
  readonly access_token: string;
  readonly expires_on: string;
  readonly token_type: string;
  readonly resource: string;
}

function ask(
  query: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = { 'X-IDENTITY-HEADER': simulator.identity.header },
): Promise<Response> {
  const search = new URLSearchParams({ resource: simulator.url, 'api-version': '2019-08-01', ...query });
  return fetch(`${simulator.identity.endpoint}?${search.toString()}`, { headers });
}

describe('the identity endpoint', () => {
  it('gives a token that ARM takes, until it expires', async () => {
    const answer = (await (await ask()).json()) as TokenAnswer;
    expect(answer).toMatchObject({ token_type: 'Bearer', resource: simulator.url });
    expect(Number(answer.expires_on) * 1000).toBe(clock.now() + 3_600_000);
    const payload = Buffer.from(answer.access_token.split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(payload)).toMatchObject({
      aud: simulator.url,
      tid: TENANT,
      oid: simulator.identity.objectId,
      appid: simulator.identity.clientId,
      exp: Number(answer.expires_on),
    });
    expect((await call(simulator, 'GET', GROUPS, { token: answer.access_token })).status).toBe(200);
    await clock.advance(3_600_000);
    const late = await call(simulator, 'GET', GROUPS, { token: answer.access_token });
    expect([late.status, late.code]).toEqual([401, 'ExpiredAuthenticationToken']);
  });

  it.each([
    ['without the header', {}, {}, 401],
    ['with a wrong header', {}, { 'X-IDENTITY-HEADER': 'x' }, 401],
    ['in another version', { 'api-version': '2017-09-01' }, undefined, 400],
    ['for nothing', { resource: '' }, undefined, 400],
    [
      'for an identity that there is not',
      { client_id: '00000000-0000-4000-8000-000000000001' },
      undefined,
      400,
    ],
    ['by resource id', { mi_res_id: '/subscriptions/x' }, undefined, 400],
  ])('gives none %s', async (_name, query, headers, status) => {
    const answer = await ask(query, headers);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ statusCode: status });
  });

  it('knows its identity by client id, in any case', async () => {
    expect((await ask({ client_id: simulator.identity.clientId.toUpperCase() })).status).toBe(200);
  });

  it('gives a token for another audience, which ARM then refuses', async () => {
    const answer = (await (await ask({ resource: 'https://vault.azure.net' })).json()) as TokenAnswer;
    const reply = await call(simulator, 'GET', GROUPS, { token: answer.access_token });
    expect(reply.code).toBe('InvalidAuthenticationTokenAudience');
  });

  it('fails when it is told to', async () => {
    const { faults, journal } = simulator.azure;
    const mark = journal.mark();
    faults.add({ endpoint: 'identity', times: 1, action: { kind: 'error', status: 503, retryAfter: 2 } });
    const busy = await ask();
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '2']);
    faults.add({ endpoint: 'identity', times: 1, action: { kind: 'reset', when: 'before' } });
    await expect(ask()).rejects.toThrow();
    faults.add({ endpoint: 'identity', times: 1, action: { kind: 'truncate' } });
    await expect((await ask()).json()).rejects.toThrow();
    expect((await ask()).status).toBe(200);
    const statuses = journal.requests({ since: mark, endpoint: 'identity' }).map(({ status }) => status);
    expect(statuses).toEqual([503, null, 200, 200]);
  });
});
