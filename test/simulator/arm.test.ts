import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { call } from './arm-client.js';
import { GROUP, SUBSCRIPTION, VAULT_ID, vaultBody, WORKFLOW_ID } from './samples.js';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator();
  simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg');
  await simulator.azure.as('owner@contoso.com').put(VAULT_ID, vaultBody());
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.azure.switches.reset();
});

describe('what ARM turns down', () => {
  const vaults = '/providers/Microsoft.KeyVault/vaults';
  const other = SUBSCRIPTION.replace('1', '9');
  it.each([
    ['no api-version', 'GET', VAULT_ID, 400, 'MissingApiVersionParameter'],
    [
      'an api-version of the wrong type',
      'GET',
      `${VAULT_ID}?api-version=2019-05-01`,
      400,
      'NoRegisteredProviderFound',
    ],
    [
      'an api-version that is none',
      'GET',
      `${VAULT_ID}?api-version=latest`,
      400,
      'NoRegisteredProviderFound',
    ],
    [
      'a version resource groups lack',
      'GET',
      `${GROUP}?api-version=1999-01-01`,
      400,
      'InvalidApiVersionParameter',
    ],
    [
      'a subscription id that is none',
      'GET',
      '/subscriptions/mine/resourcegroups?api-version=2021-04-01',
      400,
      'InvalidSubscriptionId',
    ],
    [
      'an unknown subscription',
      'GET',
      `/subscriptions/${other}/resourcegroups?api-version=2021-04-01`,
      404,
      'SubscriptionNotFound',
    ],
    ['an unknown group', 'GET', `${GROUP}x${vaults}/kv?api-version=2026-02-01`, 404, 'ResourceGroupNotFound'],
    ['an unknown vault', 'GET', `${GROUP}${vaults}/none?api-version=2026-02-01`, 404, 'ResourceNotFound'],
    [
      'a patch of an unknown vault',
      'PATCH',
      `${GROUP}${vaults}/none?api-version=2026-02-01`,
      404,
      'ResourceNotFound',
    ],
    [
      'an unknown namespace',
      'GET',
      `${GROUP}/providers/Microsoft.Nothing/x/y?api-version=2021-04-01`,
      404,
      'InvalidResourceNamespace',
    ],
    [
      'an unknown type',
      'GET',
      `${GROUP}/providers/Microsoft.KeyVault/safes/y?api-version=2026-02-01`,
      404,
      'InvalidResourceType',
    ],
    ['an unknown child', 'GET', `${VAULT_ID}/secrets/x/y?api-version=2026-02-01`, 404, 'NotFound'],
    ['a climbing path', 'GET', `${GROUP}/../rg${vaults}/kv-one?api-version=2026-02-01`, 400, 'BadRequest'],
    ['an encoded slash', 'GET', `${GROUP}${vaults}/kv%2Fone?api-version=2026-02-01`, 400, 'BadRequest'],
    ['a method that there is not', 'POST', `${VAULT_ID}?api-version=2026-02-01`, 405, 'MethodNotAllowed'],
    ['a write of a list', 'PUT', `${GROUP}${vaults}?api-version=2026-02-01`, 405, 'MethodNotAllowed'],
  ])('%s', async (_name, method, path, status, code) => {
    const reply = await call(simulator, method, path, { isBare: true });
    expect([reply.status, reply.code]).toEqual([status, code]);
  });

  it.each([
    ['text that is not JSON', '{"properties":', {}, 400, 'InvalidRequestContent'],
    ['JSON with a comment', '{/* no */}', {}, 400, 'InvalidRequestContent'],
    ['a list', '[]', {}, 400, 'InvalidRequestContent'],
    ['nothing', '', {}, 400, 'InvalidRequestContent'],
    ['another media type', '{}', { 'content-type': 'text/plain' }, 415, 'UnsupportedMediaType'],
    ['more than 4 MB', `{"properties":{"x":"${'x'.repeat(4_200_000)}"}}`, {}, 413, 'RequestEntityTooLarge'],
  ])('a body that is %s', async (_name, body, headers, status, code) => {
    const reply = await call(simulator, 'PATCH', VAULT_ID, { body, headers });
    expect([reply.status, reply.code]).toEqual([status, code]);
  });

  it('plain HTTP on its port', async () => {
    await expect(fetch(simulator.url.replace('https', 'http'))).rejects.toThrow();
  });
});

describe('tokens', () => {
  it.each([
    ['no token', () => null, 'AuthenticationFailed'],
    [
      'a token for somebody else',
      () => simulator.azure.tokenFor('x', 'https://vault.azure.net'),
      'InvalidAuthenticationTokenAudience',
    ],
    ['a token that is none', () => 'abc', 'InvalidAuthenticationToken'],
    [
      'a forged token',
      () => `${simulator.azure.tokenFor('x').split('.').slice(0, 2).join('.')}.AAAA`,
      'InvalidAuthenticationToken',
    ],
  ])('%s is a 401 with a challenge', async (_name, token, code) => {
    const reply = await call(simulator, 'GET', VAULT_ID, { token: token() });
    expect([reply.status, reply.code]).toEqual([401, code]);
    expect(reply.headers['www-authenticate']).toMatch(/^Bearer authorization_uri=/);
  });

  it.each([
    ['without', ''],
    ['with', '/'],
  ])('the audience may be the URL %s a slash at its end', async (_name, end) => {
    const token = simulator.azure.tokenFor('x', `${simulator.url}${end}`);
    expect((await call(simulator, 'GET', VAULT_ID, { token })).status).toBe(200);
  });

  it('another scheme than Bearer is refused', async () => {
    const reply = await call(simulator, 'GET', VAULT_ID, {
      token: null,
      headers: { authorization: 'Basic eDp5' },
    });
    expect([reply.status, reply.code]).toEqual([401, 'AuthenticationFailedInvalidHeader']);
  });
});

describe('answers', () => {
  it('carry the ids that support asks for, and the client its own only on request', async () => {
    const headers = { 'x-ms-client-request-id': 'mine', 'x-ms-correlation-request-id': 'together' };
    const plain = await call(simulator, 'GET', VAULT_ID, { headers });
    expect(plain.headers['x-ms-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(plain.headers['x-ms-correlation-request-id']).toBe('together');
    expect(plain.headers['x-ms-client-request-id']).toBeUndefined();
    const asked = { ...headers, 'x-ms-return-client-request-id': 'true' };
    const echoed = await call(simulator, 'GET', VAULT_ID, { headers: asked });
    expect(echoed.headers['x-ms-client-request-id']).toBe('mine');
  });

  it('tell what is left of the buckets', async () => {
    const { headers } = await call(simulator, 'GET', VAULT_ID);
    expect(headers['x-ms-ratelimit-remaining-subscription-reads']).toBe('249');
    expect(headers['x-ms-ratelimit-remaining-subscription-global-reads']).toBe('3749');
    const write = await call(simulator, 'PATCH', VAULT_ID, { body: {} });
    expect(write.headers['x-ms-ratelimit-remaining-subscription-writes']).toBe('199');
  });

  it('find a resource under its id in any case, and spell the id as it was created', async () => {
    const reply = await call(simulator, 'GET', VAULT_ID.toUpperCase());
    expect(reply.json).toMatchObject({ id: VAULT_ID, name: 'kv-one' });
  });
});

describe('permissions', () => {
  const clerk = 'clerk@contoso.com';
  const read = 'Microsoft.KeyVault/vaults/read';

  it('let through what is granted at the scope or above it, and nothing else', async () => {
    const { azure } = simulator;
    const { objectId } = azure.as(clerk).principal;
    azure.permissions.restrict(objectId, [{ actions: ['Microsoft.KeyVault/*/read'], scope: GROUP }]);
    const token = azure.tokenFor(clerk);
    expect((await call(simulator, 'GET', VAULT_ID, { token })).status).toBe(200);
    const refused = await call(simulator, 'PATCH', VAULT_ID, { token, body: {} });
    expect([refused.status, refused.code]).toEqual([403, 'AuthorizationFailed']);
    expect(refused.text).toContain(
      `The client '${clerk}' with object id '${objectId}' does not have authorization to perform action 'Microsoft.KeyVault/vaults/write' over scope '${VAULT_ID}'`,
    );
    const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults`;
    expect((await call(simulator, 'GET', list, { token })).status).toBe(403);
    expect((await call(simulator, 'GET', WORKFLOW_ID, { token })).status).toBe(403);
    azure.permissions.unrestrict(objectId);
    expect((await call(simulator, 'PATCH', VAULT_ID, { token, body: {} })).status).toBe(200);
  });

  it('can leave out of a list what its caller may not see', async () => {
    const { azure } = simulator;
    azure.switches.set({ listsWithoutPermission: 'filtered' });
    await azure
      .as('owner@contoso.com')
      .put(`${GROUP}/providers/Microsoft.KeyVault/vaults/kv-hidden`, vaultBody());
    const { objectId } = azure.as(clerk).principal;
    azure.permissions.restrict(objectId, [{ actions: [read], scope: VAULT_ID }]);
    const list = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/vaults`;
    const reply = await call(simulator, 'GET', list, { token: azure.tokenFor(clerk) });
    expect((reply.json as { value: { name: string }[] }).value.map(({ name }) => name)).toEqual(['kv-one']);
    azure.permissions.unrestrict(objectId);
  });
});

describe('locks', () => {
  it.each([
    ['ReadOnly', VAULT_ID, 'PATCH', 409],
    ['ReadOnly', GROUP, 'PATCH', 409],
    ['ReadOnly', `/subscriptions/${SUBSCRIPTION}`, 'DELETE', 409],
    ['CanNotDelete', GROUP, 'PATCH', 200],
    ['CanNotDelete', VAULT_ID, 'DELETE', 409],
    ['ReadOnly', VAULT_ID, 'GET', 200],
  ] as const)('%s on %s makes %s a %i', async (level, scope, method, status) => {
    simulator.azure.locks.add({ name: 'keep', scope: scope.toLowerCase(), level });
    const reply = await call(simulator, method, VAULT_ID, method === 'PATCH' ? { body: {} } : {});
    simulator.azure.locks.remove(scope);
    expect(reply.status).toBe(status);
    if (status === 409) expect(reply.code).toBe('ScopeLocked');
    expect(simulator.azure.locks.all).toEqual([]);
  });
});
