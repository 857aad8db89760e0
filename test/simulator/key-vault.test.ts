import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import type { Switches } from '../../simulator/switches.js';
import { call, type Reply } from './arm-client.js';
import { GROUP, SUBSCRIPTION, TENANT, vaultBody } from './samples.js';

const ID = '00000000-0000-4000-8000-000000000001';
const SUBNET =
  '/subscriptions/s/resourceGroups/Net/providers/Microsoft.Network/virtualNetworks/VNet/subnets/Apps';

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
  id = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-${count}`;
});

const put = (body: object = vaultBody()): Promise<Reply> => call(simulator, 'PUT', id, { body });
const patch = (properties: object): Promise<Reply> => call(simulator, 'PATCH', id, { body: { properties } });
const get = (): Promise<Reply> => call(simulator, 'GET', id);

function propertiesOf(reply: Reply): Record<string, unknown> {
  return (reply.json as { properties: Record<string, unknown> }).properties;
}

function acls(...values: readonly string[]): object {
  return { networkAcls: { defaultAction: 'Deny', ipRules: values.map((value) => ({ value })) } };
}

function rules(reply: Reply): readonly string[] {
  const { networkAcls } = propertiesOf(reply) as { networkAcls: { ipRules: { value: string }[] } };
  return networkAcls.ipRules.map(({ value }) => value);
}

describe('creating a vault', () => {
  it('answers 201, then 200, and shows only what was set', async () => {
    expect((await put()).status).toBe(201);
    const again = await put();
    expect(again.status).toBe(200);
    expect(propertiesOf(again)).toEqual({
      tenantId: TENANT,
      sku: { family: 'A', name: 'standard' },
      accessPolicies: [],
      enableRbacAuthorization: true,
      vaultUri: `https://kv-${count}.vault.azure.net/`,
      provisioningState: 'Succeeded',
    });
  });

  it('means access policies in versions before 2026-02-01, unless it says otherwise', async () => {
    await call(simulator, 'PUT', `${id}?api-version=2023-07-01`, { body: vaultBody() });
    expect(propertiesOf(await get())).not.toHaveProperty('enableRbacAuthorization');
  });

  it.each([
    ['no location', { properties: {} }, 'LocationRequired'],
    ['no properties', { location: 'westeurope' }, 'InvalidRequestContent'],
    ['no tenant', vaultBody({ tenantId: null }), 'BadRequest'],
    ['no sku', vaultBody({ sku: undefined }), 'BadRequest'],
    ['an unknown sku', vaultBody({ sku: { family: 'B', name: 'gold' } }), 'BadRequest'],
    [
      'no access policies',
      vaultBody({ accessPolicies: undefined, enableRbacAuthorization: false }),
      'BadRequest',
    ],
    ['an unknown access', vaultBody({ publicNetworkAccess: 'Sometimes' }), 'BadRequest'],
    ['a text for a switch', vaultBody({ enabledForDeployment: 'yes' }), 'BadRequest'],
    ['too short a retention', vaultBody({ softDeleteRetentionInDays: 6 }), 'BadRequest'],
    ['no purge protection', vaultBody({ enablePurgeProtection: false }), 'BadRequest'],
    ['no soft delete', vaultBody({ enableSoftDelete: false }), 'BadRequest'],
    ['tags that are not text', { ...vaultBody(), tags: { a: 1 } }, 'InvalidRequestContent'],
  ])('fails with %s', async (_name, body, code) => {
    const reply = await put(body);
    expect([reply.status, reply.code]).toEqual([400, code]);
    expect((await get()).status).toBe(404);
  });

  it.each([['1kv'], ['kv--x'], ['kv-'], ['a23456789012345678901234x']])(
    'fails with the name %s',
    async (name) => {
      const path = `${GROUP}/providers/Microsoft.KeyVault/vaults/${name}`;
      expect((await call(simulator, 'PUT', path, { body: vaultBody() })).code).toBe('VaultNameNotValid');
    },
  );

  it('fails where another vault, or a deleted one, has the name', async () => {
    await put();
    simulator.azure.addResourceGroup(SUBSCRIPTION, 'elsewhere');
    const elsewhere = id.replace('/rg/', '/elsewhere/');
    expect((await call(simulator, 'PUT', elsewhere, { body: vaultBody() })).code).toBe('VaultAlreadyExists');
    expect((await call(simulator, 'DELETE', id)).status).toBe(200);
    expect((await call(simulator, 'DELETE', id)).status).toBe(204);
    expect((await put()).code).toBe('ConflictError');
    const recovered = await put(vaultBody({ createMode: 'recover', publicNetworkAccess: 'Disabled' }));
    expect(recovered.status).toBe(201);
    expect(propertiesOf(recovered)).not.toHaveProperty('publicNetworkAccess');
  });

  it('fails in another place than before', async () => {
    await put();
    const reply = await put({ ...vaultBody(), location: 'northeurope' });
    expect([reply.status, reply.code]).toEqual([409, 'InvalidResourceLocation']);
  });
});

describe('IP rules', () => {
  const onlyIf = (name: keyof Switches, value: string): Partial<Switches> => ({ [name]: value });

  it.each([
    ['a single address gets its prefix', ['124.56.78.91'], ['124.56.78.91/32']],
    [
      'one that has it is left',
      ['124.56.78.91/32', '13.69.64.208/28'],
      ['124.56.78.91/32', '13.69.64.208/28'],
    ],
    ['duplicates stay', ['1.2.3.4', '1.2.3.4/32'], ['1.2.3.4/32', '1.2.3.4/32']],
    ['half the internet is allowed', ['0.0.0.0/1', '128.0.0.0/1'], ['0.0.0.0/1', '128.0.0.0/1']],
    ['overlaps are, as far as is known', ['20.0.0.0/8', '20.1.0.0/16'], ['20.0.0.0/8', '20.1.0.0/16']],
    ['so is a /31', ['20.0.0.0/31'], ['20.0.0.0/31']],
    ['so are host bits', ['13.69.64.209/28'], ['13.69.64.209/28']],
  ])('%s', async (_name, given, stored) => {
    await put();
    expect(rules(await patch(acls(...given)))).toEqual(stored);
    expect(rules(await get())).toEqual(stored);
  });

  it.each([
    ['RFC 1918, 10/8', '10.1.0.0/16'],
    ['RFC 1918, 172.16/12', '172.31.255.255'],
    ['RFC 1918, 192.168/16', '192.168.0.0/16'],
    ['IPv6', '2001:db8::/32'],
    ['a word', 'any'],
    ['nothing', ''],
    ['a range', '1.2.3.4-1.2.3.9'],
    ['a number over 255', '1.2.3.256'],
    ['a leading zero', '010.0.0.1'],
    ['a prefix over 32', '1.2.3.0/33'],
    ['a service tag', 'AzureConnectors.WestEurope'],
    ['loopback', '127.0.0.1'],
  ])('%s is refused', async (_name, value) => {
    await put();
    const reply = await patch(acls('1.2.3.4', value));
    expect([reply.status, reply.code]).toEqual([400, 'BadRequest']);
    expect(reply.text).toContain('Invalid value found at properties.networkAcls.ipRules[1].value');
    expect(propertiesOf(await get())).not.toHaveProperty('networkAcls');
  });

  it('names the private range as Azure does', async () => {
    await put();
    const reply = await patch(acls('10.0.0.0/8'));
    expect(reply.json).toEqual({
      error: {
        code: 'BadRequest',
        message:
          'Invalid value found at properties.networkAcls.ipRules[0].value: 10.0.0.0/8 belongs to forbidden range 10.0.0.0–10.255.255.255 (private IP addresses)',
      },
    });
  });

  it.each([
    ['slash31Rules', ['20.0.0.0/31']],
    ['overlappingRules', ['20.0.0.0/8', '20.1.0.0/16']],
    ['unalignedRules', ['13.69.64.209/28']],
  ] as const)('%s can be refused', async (name, values) => {
    await put();
    simulator.azure.switches.set(onlyIf(name, 'reject'));
    expect((await patch(acls(...values))).status).toBe(400);
    expect((await patch(acls('1.2.3.4', '1.2.3.4', '20.0.0.0/8', '40.0.0.0/8'))).status).toBe(200);
  });

  it('may be 1000 and no more', async () => {
    await put();
    const many = Array.from({ length: 1001 }, (_, i) => `20.${i >> 8}.${i & 255}.1`);
    expect((await patch(acls(...many))).status).toBe(400);
    expect((await patch(acls(...many.slice(1)))).status).toBe(200);
  });
});

describe('virtual network rules', () => {
  const subnets = (n: number): object => ({
    networkAcls: { virtualNetworkRules: Array.from({ length: n }, (_, i) => ({ id: `${SUBNET}${i}` })) },
  });

  it('come back in lower case, with what else is in them', async () => {
    await put();
    const rule = { id: SUBNET, ignoreMissingVnetServiceEndpoint: true };
    const reply = await patch({ networkAcls: { virtualNetworkRules: [rule] } });
    expect(propertiesOf(reply).networkAcls).toMatchObject({
      virtualNetworkRules: [{ id: SUBNET.toLowerCase(), ignoreMissingVnetServiceEndpoint: true }],
    });
  });

  it('may be 200 and no more, and must name a subnet', async () => {
    await put();
    expect((await patch(subnets(201))).status).toBe(400);
    expect((await patch(subnets(200))).status).toBe(200);
    expect((await patch({ networkAcls: { virtualNetworkRules: [{ id: GROUP }] } })).status).toBe(400);
  });

  it.each([
    ['new-links', 200, 403],
    ['all-links', 403, 403],
    ['off', 200, 200],
  ] as const)('need a permission to join (%s)', async (linkedAccess, same, added) => {
    await put();
    await patch(subnets(1));
    const { azure } = simulator;
    azure.switches.set({ linkedAccess });
    const actions = ['Microsoft.KeyVault/vaults/*'];
    azure.permissions.restrict(azure.as('clerk').principal.objectId, [{ actions, scope: GROUP }]);
    const token = azure.tokenFor('clerk');
    const again = await call(simulator, 'PATCH', id, { token, body: { properties: subnets(1) } });
    const more = await call(simulator, 'PATCH', id, { token, body: { properties: subnets(2) } });
    expect([again.status, more.status]).toEqual([same, added]);
    if (more.status === 403) expect(more.code).toBe('LinkedAuthorizationFailed');
  });
});

describe('patching a vault', () => {
  it('leaves what it does not name, and replaces lists whole', async () => {
    await put(vaultBody({ ...acls('1.2.3.4', '1.2.3.5'), enabledForDeployment: true }));
    const reply = await patch(acls('1.2.3.6'));
    expect(rules(reply)).toEqual(['1.2.3.6/32']);
    expect(propertiesOf(reply)).toMatchObject({ enabledForDeployment: true, tenantId: TENANT });
  });

  it.each([
    ['keep', ['1.2.3.4/32'], 'None'],
    ['default', [], 'AzureServices'],
  ] as const)('with part of networkAcls: %s', async (networkAclsSubkeyOmitted, ipRules, bypass) => {
    simulator.azure.switches.set({ networkAclsSubkeyOmitted });
    await put(
      vaultBody({ networkAcls: { bypass: 'None', defaultAction: 'Allow', ipRules: [{ value: '1.2.3.4' }] } }),
    );
    const reply = await patch({ networkAcls: { defaultAction: 'deny' } });
    expect(rules(reply)).toEqual(ipRules);
    expect(propertiesOf(reply).networkAcls).toMatchObject({ bypass, defaultAction: 'Deny' });
  });

  it.each([
    ['merge', { a: '1', b: '2' }],
    ['replace', { b: '2' }],
  ] as const)('with tags: %s', async (tagsInPatch, tags) => {
    simulator.azure.switches.set({ tagsInPatch });
    await put({ ...vaultBody(), tags: { a: '1' } });
    await patch({});
    expect((await get()).json).toMatchObject({ tags: { a: '1' } });
    const reply = await call(simulator, 'PATCH', id, { body: { tags: { b: '2' } } });
    expect((reply.json as { tags: object }).tags).toEqual(tags);
  });

  it('takes null for nothing said', async () => {
    await put(vaultBody({ ...acls('1.2.3.4'), enableRbacAuthorization: false }));
    const reply = await patch({ networkAcls: null, enableRbacAuthorization: null });
    expect(rules(reply)).toEqual(['1.2.3.4/32']);
    expect(propertiesOf(reply)).toMatchObject({ enableRbacAuthorization: false });
  });

  it('keeps what it does not know, as it was written, at every level', async () => {
    const rule = '{"value":"1.2.3.4","added":1.0}';
    const body = `{"properties":{"newFeature":{"big":12345678901234567890},"networkAcls":{"defaultAction":"Deny","perimeter":"\\u0041","ipRules":[${rule}]}}}`;
    await put();
    await call(simulator, 'PATCH', id, { body });
    await patch({ enabledForDeployment: true });
    const { text } = await get();
    expect(text).toContain('"newFeature":{"big":12345678901234567890}');
    expect(text).toContain('"perimeter":"\\u0041"');
    expect(text).toContain('{"value":"1.2.3.4/32","added":1.0}');
  });

  it('gets properties of its own from the service, at every level, and loses what a write leaves out', async () => {
    simulator.azure.switches.set({ newProperties: 'every-level' });
    await put(vaultBody(acls('1.2.3.4')));
    const count = (text: string): number => text.split('"simulatedNewProperty":{"since":1.0}').length - 1;
    // The document, properties, sku, networkAcls and its one rule.
    const created = await get();
    expect(count(created.text)).toBe(5);
    const { networkAcls } = propertiesOf(created);
    await patch({ networkAcls });
    expect((await get()).text).toContain('"simulatedNewProperty":{"since":1}');
    await patch(acls('1.2.3.4'));
    expect(count((await get()).text)).toBe(3);
  });

  it('notes who wrote, and when', async () => {
    const { azure } = simulator;
    await azure.as('alice@contoso.com').put(id, vaultBody());
    await call(simulator, 'PATCH', id, { body: {}, token: azure.tokenFor(azure.identity.options.principal) });
    expect((await get()).json).toMatchObject({
      systemData: {
        createdBy: 'alice@contoso.com',
        createdByType: 'User',
        lastModifiedBy: simulator.identity.clientId,
        lastModifiedByType: 'Application',
        lastModifiedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/) as string,
      },
    });
    azure.switches.set({ applicationAuthor: 'oid' });
    await call(simulator, 'PATCH', id, { body: {}, token: azure.tokenFor(azure.identity.options.principal) });
    expect((await get()).json).toMatchObject({ systemData: { lastModifiedBy: simulator.identity.objectId } });
  });

  it.each([
    ['as-set', { defaultAction: 'Allow', bypass: 'AzureServices', ipRules: [], virtualNetworkRules: [] }],
    ['null', null],
    ['absent', undefined],
  ] as const)('an open firewall shows %s', async (openNetworkAclsOnGet, shown) => {
    simulator.azure.switches.set({ openNetworkAclsOnGet });
    await put(vaultBody({ networkAcls: { defaultAction: 'Allow' } }));
    expect(propertiesOf(await get()).networkAcls).toEqual(shown);
    await patch({ networkAcls: { defaultAction: 'Deny' } });
    expect(propertiesOf(await get()).networkAcls).toMatchObject({ defaultAction: 'Deny' });
  });
});

describe('what cannot be undone', () => {
  it('purge protection stays on, over a PUT that does not name it', async () => {
    await put(vaultBody({ enablePurgeProtection: true }));
    expect(propertiesOf(await put())).toMatchObject({ enablePurgeProtection: true });
    const reply = await patch({ enablePurgeProtection: false });
    expect(reply.json).toEqual({
      error: {
        code: 'BadRequest',
        message:
          'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
      },
    });
  });

  it('retention does not change', async () => {
    await put();
    expect((await patch({ softDeleteRetentionInDays: 90 })).status).toBe(200);
    const reply = await patch({ softDeleteRetentionInDays: 30 });
    expect(reply.text).toContain("has been set already and it can't be modified.");
  });

  it.each([
    ['reject', 400],
    ['accept', 200],
  ] as const)(
    'purge protection alone, where soft delete is not known: %s',
    async (purgeProtectionAlone, status) => {
      await put();
      simulator.azure.switches.set({ purgeProtectionAlone });
      expect((await patch({ enablePurgeProtection: true })).status).toBe(status);
      expect((await patch({ enablePurgeProtection: true, enableSoftDelete: true })).status).toBe(200);
    },
  );

  it('an old vault without soft delete takes purge protection only together with it', async () => {
    simulator.azure.place(JSON.stringify({ id, ...vaultBody({ enableSoftDelete: false }) }));
    simulator.azure.switches.set({ purgeProtectionAlone: 'accept' });
    expect((await patch({ enablePurgeProtection: true })).status).toBe(400);
    expect((await patch({ enablePurgeProtection: true, enableSoftDelete: true })).status).toBe(200);
  });
});

describe('a PUT replaces', () => {
  it('the firewall and its rules, when it does not name them', async () => {
    await put(vaultBody(acls('1.2.3.4')));
    expect(propertiesOf(await put())).not.toHaveProperty('networkAcls');
  });

  it('not the permission model', async () => {
    await put(vaultBody({ enableRbacAuthorization: false }));
    expect(propertiesOf(await put())).toMatchObject({ enableRbacAuthorization: false });
  });
});

describe('access policies', () => {
  const policy = (objectId: string, secrets: readonly string[]): object => ({
    tenantId: TENANT,
    objectId,
    permissions: { secrets },
  });
  const change = (operation: string, ...policies: readonly object[]): Promise<Reply> =>
    call(simulator, 'PUT', `${id}/accessPolicies/${operation}`, {
      body: { properties: { accessPolicies: policies } },
    });
  const policies = async (): Promise<unknown> => propertiesOf(await get()).accessPolicies;

  beforeEach(async () => {
    await put(vaultBody({ enableRbacAuthorization: false, accessPolicies: [policy('other', ['get'])] }));
  });

  it('add merges permissions and leaves the others alone', async () => {
    await change('add', policy('me', ['get']));
    const reply = await change('add', policy('me', ['GET', 'list']));
    expect(reply.json).toMatchObject({ type: 'Microsoft.KeyVault/vaults/accessPolicies' });
    expect(await policies()).toEqual([policy('other', ['get']), policy('me', ['get', 'list'])]);
  });

  it('replace concerns the named principal only', async () => {
    await change('add', policy('me', ['get', 'list']));
    await change('replace', policy('me', ['set']));
    expect(await policies()).toEqual([policy('other', ['get']), policy('me', ['set'])]);
  });

  it.each([
    ['listed-permissions', [policy('other', ['get']), policy('me', ['list'])]],
    ['whole-entry', [policy('other', ['get'])]],
  ] as const)('remove with part of the permissions: %s', async (accessPolicyRemove, left) => {
    simulator.azure.switches.set({ accessPolicyRemove });
    await change('add', policy('me', ['get', 'list']));
    await change('remove', policy('me', ['get']));
    expect(await policies()).toEqual(left);
  });

  it.each([
    ['another tenant', { ...policy('me', ['get']), tenantId: ID }],
    ['no object id', { tenantId: TENANT, permissions: {} }],
    ['no permissions', { tenantId: TENANT, objectId: 'me' }],
    ['a permission that there is not', policy('me', ['read'])],
  ])('%s is refused', async (_name, wrong) => {
    expect((await change('add', wrong)).status).toBe(400);
    expect(await policies()).toEqual([policy('other', ['get'])]);
  });

  it('have no other method than PUT and no other operation', async () => {
    const path = `${id}/accessPolicies/add`;
    expect((await call(simulator, 'POST', path, { body: {} })).status).toBe(405);
    expect((await change('drop')).status).toBe(404);
  });
});

describe('tags by themselves', () => {
  const path = (): string => `${id}/providers/Microsoft.Resources/tags/default`;
  const tags = (operation: string, given: object): Promise<Reply> =>
    call(simulator, 'PATCH', path(), { body: { operation, properties: { tags: given } } });

  it('merge, replace and delete', async () => {
    await put({ ...vaultBody(), tags: { a: '1' } });
    await tags('Merge', { B: '2', A: '3' });
    expect((await get()).json).toMatchObject({ tags: { a: '3', B: '2' } });
    await tags('Delete', { b: '2', a: 'other' });
    expect(((await get()).json as { tags: object }).tags).toEqual({ a: '3' });
    await tags('Replace', { c: '4' });
    expect((await call(simulator, 'GET', path())).json).toMatchObject({ properties: { tags: { c: '4' } } });
    expect((await tags('Shuffle', {})).status).toBe(400);
  });
});

describe('two writes at once', () => {
  it.each([
    ['conflict', [200, 409]],
    ['last-wins', [200, 200]],
  ] as const)('%s', async (concurrentVaultWrites, statuses) => {
    await put();
    simulator.azure.switches.set({ concurrentVaultWrites });
    const first = simulator.azure.faults.add({ times: 1, action: { kind: 'delay', ms: 200 } });
    const replies = await Promise.all([patch({}), patch({})]);
    simulator.azure.faults.remove(first);
    expect(replies.map(({ status }) => status).toSorted()).toEqual(statuses);
  });
});

describe('a stale read', () => {
  it('shows the vault as it was for a while', async () => {
    await put();
    simulator.azure.switches.set({ staleReadsMs: 60_000 });
    const written = await patch({ enabledForDeployment: true });
    expect(propertiesOf(written)).toMatchObject({ enabledForDeployment: true });
    expect(propertiesOf(await get())).not.toHaveProperty('enabledForDeployment');
    expect(simulator.azure.read(id)).toContain('"enabledForDeployment":true');
  });
});
