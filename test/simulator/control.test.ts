import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBody } from '../../simulator/arm/arm-server.js';
import { DEFAULT_TENANT } from '../../simulator/azure.js';
import { CONNECTION_ID, connectionBody, GROUP, SUBSCRIPTION, VAULT_ID, vaultBody } from './samples.js';
import {
  compiledSimulator,
  removeFolder,
  runApp,
  runSimulator,
  type SimulatorProcess,
} from './simulator-process.js';

let folder = '';
let simulator: SimulatorProcess;
let hook: Server;
let hookUrl = '';
let delivered: unknown[] = [];

beforeAll(async () => {
  folder = await compiledSimulator();
  simulator = await runSimulator(folder, ['--page-size', '2', '--switch', 'staleReadsMs=0', '--seed', '3']);
  hook = createServer((incoming, outgoing) => {
    void readBody(incoming, 1_000_000).then((text) => {
      const [event] = JSON.parse(text) as { data: { validationCode?: string } }[];
      if (event?.data.validationCode === undefined) delivered.push(event);
      outgoing.end(JSON.stringify({ validationResponse: event?.data.validationCode }));
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  simulator.child.kill();
  await simulator.exited;
  hook.close();
  await removeFolder(folder);
});

interface Answer {
  readonly status: number;
  readonly json: unknown;
}

async function control(method: string, path: string, body?: unknown): Promise<Answer> {
  const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const init = text === undefined ? { method } : { method, body: text };
  const response = await fetch(`${simulator.controlUrl}${path}`, init);
  const answer = await response.text();
  return { status: response.status, json: answer === '' ? undefined : JSON.parse(answer) };
}

/** A GET of ARM by another process that knows the simulator by its environment alone. */
async function readAsApp(path: string): Promise<string> {
  const { token } = (await control('POST', '/token', { as: 'app' })).json as { token: string };
  const script = `fetch(process.env.AZURE_RESOURCE_MANAGER_URL + '${path}?api-version=2026-02-01', { headers: { authorization: 'Bearer ${token}' } }).then(async (r) => console.log(r.status, await r.text()))`;
  return (await runApp(script, simulator.environment)).output;
}

describe('the simulator as a process of its own', () => {
  it('says where it is in its first line, and again when asked', async () => {
    const { url, logsUrl, topicUrl, ingestionUrl, tenantId, certificatePath, identity, environment } =
      simulator;
    expect(topicUrl).toMatch(/^https:\/\/localhost:\d+\/api\/events$/);
    expect(ingestionUrl).toMatch(/^https:\/\/localhost:\d+$/);
    expect(logsUrl).toMatch(/^https:\/\/localhost:\d+\/v1$/);
    expect(url).toMatch(/^https:\/\/localhost:\d+$/);
    expect(tenantId).toBe(DEFAULT_TENANT);
    expect(environment).toEqual({
      AZURE_RESOURCE_MANAGER_URL: url,
      HOLDFAST_LOG_ENDPOINT: logsUrl,
      IDENTITY_ENDPOINT: identity.endpoint,
      IDENTITY_HEADER: identity.header,
      NODE_EXTRA_CA_CERTS: certificatePath,
    });
    expect((await control('GET', '/')).json).toMatchObject({ url, identity, environment });
  });

  it('is ARM for another process', async () => {
    await control('POST', '/resource-groups', { subscriptionId: SUBSCRIPTION, name: 'rg' });
    await control('POST', '/act', {
      as: 'alice@contoso.com',
      method: 'PUT',
      path: VAULT_ID,
      body: vaultBody(),
    });
    expect(await readAsApp(VAULT_ID)).toMatch(/^200 \{"id":/);
  });

  it('ends with a word on what was wrong with its arguments', async () => {
    await expect(runSimulator(folder, ['--switch', 'ifMatch=perhaps'])).rejects.toThrow(/ended with 1/);
    await expect(runSimulator(folder, ['--port', 'http'])).rejects.toThrow(/ended with 1/);
  });

  it('ends when it is told to', async () => {
    const other = await runSimulator(folder, []);
    await fetch(`${other.controlUrl}/shutdown`, { method: 'POST' });
    expect(await other.exited).toBe(0);
  });
});

describe('the control API', () => {
  it('deploys the text of a template resource, byte for byte', async () => {
    const definition =
      '{"$schema":"s","contentVersion":"1.0.0.0","triggers":{},"actions":{"A":{"type":"Compose","inputs":{"n":1.0}}}}';
    const resource = `{"type":"Microsoft.Logic/workflows","apiVersion":"2017-07-01","name":"la","location":"westeurope","dependsOn":["x"],"properties":{"definition":${definition}}}`;
    const body = `{"subscriptionId":"${SUBSCRIPTION}","resourceGroup":"made","resource":${resource}}`;
    const { json } = await control('POST', '/deploy', body);
    const { id, text } = json as { id: string; text: string };
    expect(id).toBe(`${GROUP.replace(/rg$/, 'made')}/providers/Microsoft.Logic/workflows/la`);
    expect(text).toContain(definition);
    expect(text).not.toContain('dependsOn');
    const read = await control('GET', `/resource?id=${encodeURIComponent(id)}`);
    expect(read.json).toEqual({ id, text });
  });

  it('says why a deployment was refused', async () => {
    const resource = { type: 'Microsoft.KeyVault/vaults', name: 'kv--x', properties: {} };
    const answer = await control('POST', '/deploy', {
      subscriptionId: SUBSCRIPTION,
      resourceGroup: 'rg',
      resource,
    });
    expect(answer).toMatchObject({ status: 422, json: { status: 400, code: 'VaultNameNotValid' } });
  });

  it('places documents as they are', async () => {
    const odd = `{"id":"${VAULT_ID}-old","location":"westeurope","properties":{"networkAcls":null,"enableSoftDelete":false,"n":1.0}}`;
    const { json } = await control(
      'POST',
      '/place',
      `{"documents":[${odd},${JSON.stringify({ id: CONNECTION_ID, ...connectionBody() })}]}`,
    );
    expect(json).toEqual({ ids: [`${VAULT_ID}-old`, CONNECTION_ID] });
    const { json: read } = await control('GET', `/resource?id=${VAULT_ID}-old`);
    expect((read as { text: string }).text).toContain('"networkAcls":null,"enableSoftDelete":false,"n":1.0');
    expect((await control('GET', '/resources')).json).toEqual(expect.arrayContaining([CONNECTION_ID]));
  });

  it('sets switches and knows what they take', async () => {
    expect((await control('PATCH', '/switches', { tagsInPatch: 'merge' })).json).toMatchObject({
      tagsInPatch: 'merge',
    });
    expect((await control('PATCH', '/switches', { tagsInPatch: 'maybe' })).status).toBe(400);
    expect((await control('PATCH', '/switches', { nothing: 1 })).status).toBe(400);
    expect((await control('DELETE', '/switches')).json).toMatchObject({ tagsInPatch: 'replace' });
  });

  it('adds and removes faults', async () => {
    const wrong = { action: { kind: 'explode' } };
    expect((await control('POST', '/faults', wrong)).status).toBe(400);
    const { json } = await control('POST', '/faults', {
      path: '*/vaults/*',
      action: { kind: 'error', status: 503 },
    });
    expect(await readAsApp(VAULT_ID)).toMatch(/^503 /);
    const { id } = json as { id: string };
    expect((await control('GET', '/faults')).json).toMatchObject([{ id, struck: 1 }]);
    await control('DELETE', `/faults/${id}`);
    expect((await control('GET', '/faults')).json).toEqual([]);
  });

  it('delivers events and keeps the journal', async () => {
    const { mark } = (await control('GET', '/journal')).json as { mark: number };
    const { json } = await control('POST', '/event-subscriptions', {
      endpoint: hookUrl,
      schema: 'EventGridSchema',
    });
    await control('POST', '/act', {
      as: 'alice@contoso.com',
      method: 'PATCH',
      path: VAULT_ID,
      body: { tags: { a: 'b' } },
    });
    expect((await control('POST', '/events')).json).toEqual({ pending: 0 });
    expect(delivered).toMatchObject([{ data: { operationName: 'Microsoft.KeyVault/vaults/write' } }]);
    delivered = [];
    const since = `since=${mark}`;
    expect((await control('GET', `/journal/deliveries?${since}`)).json).toMatchObject([
      { outcome: 'delivered' },
    ]);
    expect((await control('GET', `/journal/changes?${since}&resourceId=${VAULT_ID}`)).json).toMatchObject([
      { principal: { name: 'alice@contoso.com' } },
    ]);
    const requests = await control(
      'GET',
      `/journal/requests?${since}&method=PATCH,PUT&changed=true&under=${GROUP}`,
    );
    expect(requests.json).toMatchObject([{ method: 'PATCH', origin: 'actor', status: 200 }]);
    expect((await control('GET', '/journal/runs')).json).toEqual([]);
    await control('DELETE', `/event-subscriptions/${(json as { name: string }).name}`);
    expect((await control('GET', '/event-subscriptions')).json).toEqual([]);
  });

  it('locks, restricts, slows down and throttles', async () => {
    const lock = { name: 'keep', scope: VAULT_ID, level: 'ReadOnly' };
    const write = { as: 'alice@contoso.com', method: 'PATCH', path: VAULT_ID, body: {} };
    await control('POST', '/locks', lock);
    expect((await control('POST', '/act', write)).json).toMatchObject({ status: 409, code: 'ScopeLocked' });
    expect((await control('DELETE', `/locks?scope=${VAULT_ID}`)).json).toEqual([]);
    await control('PUT', '/permissions', { principal: 'alice@contoso.com', grants: [] });
    expect((await control('POST', '/act', write)).json).toMatchObject({ code: 'AuthorizationFailed' });
    await control('PUT', '/permissions', { principal: 'alice@contoso.com', grants: null });
    expect((await control('POST', '/act', write)).status).toBe(200);
    expect((await control('PUT', '/latency', { minMs: 0, maxMs: 1 })).json).toEqual({ minMs: 0, maxMs: 1 });
    expect((await control('PATCH', '/throttling', { enabled: false })).json).toMatchObject({
      enabled: false,
    });
    expect((await control('PUT', '/paging', { pageSize: 0 })).status).toBe(400);
  });

  it("changes a region's addresses", async () => {
    const { json } = await control('POST', '/outbound-ips', {
      location: 'westeurope',
      connector: ['20.7.7.7'],
    });
    expect(json).toMatchObject({ connector: ['20.7.7.7'] });
    expect((await control('GET', '/outbound-ips?location=West%20Europe')).json).toEqual(json);
  });

  it.each([
    ['a page of a browser, by its Origin', { origin: 'https://evil.example' }],
    ['another host, by its Host', { host: 'evil.example' }],
  ])('does not listen to %s', async (_name, headers) => {
    const { port } = new URL(simulator.controlUrl);
    const { request } = await import('node:http');
    const status = await new Promise((resolve, reject) => {
      request({ port, host: '127.0.0.1', path: '/_simulator/', headers }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
  });

  it('has no other paths', async () => {
    expect((await control('GET', '/nothing')).status).toBe(404);
    expect((await control('GET', '/journal/nothing')).status).toBe(400);
  });
});
