import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { call, type Reply } from './arm-client.js';
import { connectionBody, GROUP, SUBSCRIPTION } from './samples.js';

let simulator: Simulator;
let id = '';
let count = 0;

beforeAll(async () => {
  simulator = await startSimulator();
  simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg');
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.azure.switches.reset();
  count += 1;
  id = `${GROUP}/providers/Microsoft.Web/connections/c-${count}`;
});

const put = (properties: object = {}): Promise<Reply> =>
  call(simulator, 'PUT', id, { body: connectionBody(properties) });
const get = (): Promise<Reply> => call(simulator, 'GET', id);

describe('a connection', () => {
  it.each(['2016-06-01', '2018-07-01-preview'])('is there in version %s', async (version) => {
    await put();
    expect((await call(simulator, 'GET', `${id}?api-version=${version}`)).status).toBe(200);
  });

  it('with a managed identity is ready, and shows which vault it is for, in its own spelling', async () => {
    const created = await put({
      parameterValueType: 'Alternative',
      AlternativeParameterValues: { vaultName: 'kv' },
    });
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({
      properties: {
        parameterValueType: 'Alternative',
        AlternativeParameterValues: { vaultName: 'kv' },
        statuses: [{ status: 'Ready' }],
        customParameterValues: {},
        api: {
          name: 'keyvault',
          displayName: 'Azure Key Vault',
          type: 'Microsoft.Web/locations/managedApis',
        },
      },
    });
  });

  it('with a value set shows it', async () => {
    const parameterValueSet = { name: 'oauthMI', values: { vaultName: { value: 'kv' } } };
    await put({ parameterValueSet });
    expect((await get()).json).toMatchObject({ properties: { parameterValueSet } });
  });

  it('with credentials hides them and shows what is no secret', async () => {
    const parameterValues = { vaultName: 'kv', 'token:clientId': 'abc', 'token:clientSecret': 'hush' };
    await put({ parameterValues });
    const shown = await get();
    expect(shown.text).not.toContain('hush');
    expect(shown.json).toMatchObject({
      properties: {
        nonSecretParameterValues: { vaultName: 'kv', 'token:clientId': 'abc' },
        statuses: [{ status: 'Connected' }],
      },
    });
    expect((shown.json as { properties: object }).properties).not.toHaveProperty('parameterValues');
    expect(simulator.azure.secretOf(id, 'token:clientSecret')).toBe('"hush"');
  });

  it('loses its credentials in a PUT of what a GET gave', async () => {
    await put({ parameterValues: { vaultName: 'kv', 'token:clientSecret': 'hush' } });
    const shown = await get();
    const again = await call(simulator, 'PUT', id, { body: shown.text });
    expect(again.json).toMatchObject({ properties: { statuses: [{ status: 'Error' }] } });
    expect(simulator.azure.secretOf(id, 'token:clientSecret')).toBeUndefined();
  });

  it('keeps them in a PATCH, and what nobody knows', async () => {
    const body = `{"location":"westeurope","kind":"V1","properties":{"api":{"id":"/subscriptions/s/providers/Microsoft.Web/locations/l/managedApis/keyvault"},"parameterValues":{"key":"hush"},"novelty":1.0}}`;
    await call(simulator, 'PUT', id, { body });
    await call(simulator, 'PATCH', id, { body: { tags: { a: 'b' }, properties: { displayName: 'New' } } });
    const { text, json } = await get();
    expect(text).toContain('"novelty":1.0');
    expect(json).toMatchObject({ kind: 'V1', tags: { a: 'b' }, properties: { displayName: 'New' } });
    expect(simulator.azure.secretOf(id, 'key')).toBe('"hush"');
  });

  it.each([
    ['no location', { properties: {} }, 'LocationRequired'],
    ['no properties', { location: 'westeurope' }, 'InvalidRequestContent'],
    ['no api', { location: 'westeurope', properties: {} }, 'BadRequest'],
    ['an api that is none', connectionBody({ api: { id: 'keyvault' } }), 'BadRequest'],
    ['values that are none', connectionBody({ parameterValues: 'x' }), 'InvalidRequestContent'],
  ])('fails with %s', async (_name, body, code) => {
    const reply = await call(simulator, 'PUT', id, { body });
    expect([reply.status, reply.code]).toEqual([400, code]);
  });

  it('is deleted once', async () => {
    await put();
    expect((await call(simulator, 'DELETE', id)).status).toBe(200);
    expect((await call(simulator, 'DELETE', id)).status).toBe(204);
  });
});

describe('the list of a whole subscription', () => {
  const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/connections`;

  it.each([
    ['not-found', 404],
    ['supported', 200],
  ] as const)('%s', async (connectionsBySubscription, status) => {
    simulator.azure.switches.set({ connectionsBySubscription });
    await put();
    expect((await call(simulator, 'GET', list)).status).toBe(status);
    expect((await call(simulator, 'GET', `${GROUP}/providers/Microsoft.Web/connections`)).text).toContain(id);
  });
});
