import { beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../simulator/actor.js';
import { VaultWrites } from '../../simulator/arm/vault-writes.js';
import { Azure } from '../../simulator/azure.js';
import { catchEvents, type CaughtEvent } from './event-catcher.js';
import { GROUP, SUBSCRIPTION, VAULT_ID, vaultBody } from './samples.js';
import { refused } from './refused.js';

const SUB = `/subscriptions/${SUBSCRIPTION}`;
const ALICE = '00000000-0000-4000-8000-00000000000a';
const BOB = '00000000-0000-4000-8000-00000000000b';
const TEAM = '00000000-0000-4000-8000-0000000000aa';
const COMPANY = '00000000-0000-4000-8000-0000000000ab';
const NAME = '11111111-2222-4333-8444-555555555555';
const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
const AUTHORIZATION = '/providers/Microsoft.Authorization';

let azure: Azure;
let actor: Actor;
let delivered: readonly CaughtEvent[];

beforeEach(async () => {
  const { call, events } = catchEvents();
  delivered = events;
  azure = new Azure(() => 'https://arm.example', { events: { call } });
  azure.addResourceGroup(SUBSCRIPTION, 'rg');
  actor = azure.as('alice@contoso.com');
  await actor.put(VAULT_ID, vaultBody());
  await azure.subscribeEvents({ endpoint: 'https://hook.example' });
});

interface Listed {
  readonly value: { readonly name: string; readonly properties: { readonly scope: string } }[];
  readonly nextLink?: string;
}

async function list(scope: string, filter = ''): Promise<Listed> {
  const query = filter === '' ? '' : `&$filter=${encodeURIComponent(filter)}`;
  const path = `${scope}${AUTHORIZATION}/roleAssignments?api-version=2022-04-01${query}`;
  return JSON.parse(await actor.get(path)) as Listed;
}

async function scopesIn(scope: string, filter?: string): Promise<readonly string[]> {
  return (await list(scope, filter)).value.map(({ properties }) => properties.scope);
}

const assignment = (properties: object = {}): object => ({
  properties: {
    roleDefinitionId: `${SUB}${AUTHORIZATION}/roleDefinitions/${SECRETS_USER}`,
    principalId: ALICE,
    principalType: 'ServicePrincipal',
    ...properties,
  },
});

describe('a list of role assignments', () => {
  beforeEach(() => {
    azure.addResourceGroup(SUBSCRIPTION, 'other');
    const scopes = ['/', SUB, GROUP, VAULT_ID, `${VAULT_ID}/secrets/one`, `${SUB}/resourceGroups/other`];
    for (const scope of scopes) azure.assignRole({ scope, principalId: ALICE, role: 'Reader' });
    azure.assignRole({ scope: VAULT_ID, principalId: BOB, role: 'Key Vault Administrator' });
    azure.assignRole({ scope: GROUP, principalId: COMPANY, principalType: 'Group', role: 'Owner' });
    azure.groups.add(TEAM, BOB);
    azure.groups.add(COMPANY, TEAM);
  });

  it.each<[string, string, string | undefined, readonly string[]]>([
    [
      'of a vault has what is at it, above it and below it',
      VAULT_ID,
      undefined,
      ['/', SUB, GROUP, VAULT_ID, `${VAULT_ID}/secrets/one`, VAULT_ID, GROUP],
    ],
    [
      'of a vault, atScope(), has nothing below it',
      VAULT_ID,
      'atScope()',
      ['/', SUB, GROUP, VAULT_ID, VAULT_ID, GROUP],
    ],
    ['of a group, atScope(), has nothing of its vaults', GROUP, 'atScope()', ['/', SUB, GROUP, GROUP]],
    [
      'of a subscription has everything',
      SUB,
      undefined,
      ['/', SUB, GROUP, VAULT_ID, `${VAULT_ID}/secrets/one`, `${SUB}/resourceGroups/other`, VAULT_ID, GROUP],
    ],
    ['by principal has those of one', VAULT_ID, `principalId eq '${BOB.toUpperCase()}'`, [VAULT_ID]],
    [
      'assignedTo() has those of the groups somebody is in',
      VAULT_ID,
      `assignedTo('${BOB}')`,
      [VAULT_ID, GROUP],
    ],
    ['with two filters has what passes both', GROUP, `atScope() and assignedTo('${BOB}')`, [GROUP]],
    [
      'in another case is the same',
      VAULT_ID.toUpperCase(),
      `atScope() and principalId eq '${BOB}'`,
      [VAULT_ID],
    ],
  ])('%s', async (_name, scope, filter, expected) => {
    expect(await scopesIn(scope, filter)).toEqual(expected);
  });

  it('comes in pages', async () => {
    azure.pageSize = 3;
    const first = await list(SUB);
    expect(first.value).toHaveLength(3);
    const second = JSON.parse(
      await actor.get((first.nextLink ?? '').replace('https://arm.example', '')),
    ) as Listed;
    const third = JSON.parse(
      await actor.get((second.nextLink ?? '').replace('https://arm.example', '')),
    ) as Listed;
    expect([second.value.length, third.value.length, third.nextLink]).toEqual([3, 2, undefined]);
  });

  it('refuses what there is not', async () => {
    expect(await refused(list(SUB, "roleName eq '1'"))).toBe('400 InvalidFilter');
    expect(await refused(list(`${GROUP}-none`))).toBe('404 ResourceGroupNotFound');
    expect(await refused(list(`${VAULT_ID}-none`))).toBe('404 ResourceNotFound');
    const old = `${VAULT_ID}${AUTHORIZATION}/roleAssignments?api-version=2001-01-01`;
    expect(await refused(actor.get(old))).toBe('400 NoRegisteredProviderFound');
  });

  it('needs a permission', async () => {
    azure.permissions.restrict(actor.principal.objectId, [{ actions: ['Microsoft.KeyVault/*'], scope: SUB }]);
    expect(await refused(list(VAULT_ID))).toBe('403 AuthorizationFailed');
  });
});

describe('a role assignment', () => {
  const id = `${VAULT_ID}${AUTHORIZATION}/roleAssignments/${NAME}`;

  it('is made, shown, kept and deleted, each with its event', async () => {
    const made = await actor.put(id, assignment({ description: 'why' }));
    expect(made.status).toBe(201);
    expect(JSON.parse(made.body)).toMatchObject({
      id,
      type: 'Microsoft.Authorization/roleAssignments',
      name: NAME,
      properties: {
        scope: VAULT_ID,
        principalId: ALICE,
        principalType: 'ServicePrincipal',
        description: 'why',
        roleDefinitionId: `${SUB}${AUTHORIZATION}/roleDefinitions/${SECRETS_USER}`,
        createdBy: actor.principal.objectId,
      },
    });
    expect(await actor.get(id)).toBe(made.body);
    expect((await actor.put(id, assignment())).status).toBe(200);
    expect((await actor.delete(id)).status).toBe(200);
    expect((await actor.delete(id)).status).toBe(204);
    expect(await refused(actor.get(id))).toBe('404 RoleAssignmentNotFound');
    await azure.events.idle();
    expect(delivered.map(({ subject, eventType }) => [subject, eventType])).toEqual([
      [id, 'Microsoft.Resources.ResourceWriteSuccess'],
      [id, 'Microsoft.Resources.ResourceWriteSuccess'],
      [id, 'Microsoft.Resources.ResourceDeleteSuccess'],
    ]);
    expect(delivered[0]).toMatchObject({
      data: {
        operationName: 'Microsoft.Authorization/roleAssignments/write',
        resourceProvider: 'Microsoft.Authorization',
      },
    });
    expect(azure.journal.changes({ resourceId: id })).toMatchObject([
      { before: null },
      {},
      { after: null, operation: 'Microsoft.Authorization/roleAssignments/delete' },
    ]);
  });

  it('names its role by the tenant where the switch says so', async () => {
    azure.switches.set({ roleDefinitionIdScope: 'tenant' });
    const { body } = await actor.put(id, assignment());
    expect(JSON.parse(body)).toMatchObject({
      properties: { roleDefinitionId: `${AUTHORIZATION}/roleDefinitions/${SECRETS_USER}` },
    });
  });

  it.each<[string, string, object, string]>([
    [
      'a name that is no GUID',
      `${VAULT_ID}${AUTHORIZATION}/roleAssignments/mine`,
      {},
      '400 InvalidRoleAssignmentId',
    ],
    ['nobody', id, { principalId: '' }, '400 BadRequestFormat'],
    ['no role', id, { roleDefinitionId: undefined }, '400 BadRequestFormat'],
    ['a role that there is not', id, { roleDefinitionId: `/x/${NAME}` }, '400 RoleDefinitionDoesNotExist'],
    ['a type of principal that there is not', id, { principalType: 'Robot' }, '400 BadRequest'],
  ])('is refused with %s', async (_name, path, properties, code) => {
    expect(await refused(actor.put(path, assignment(properties)))).toBe(code);
  });

  it('does not change whose it is or where, and there are no two of the same', async () => {
    await actor.put(id, assignment());
    expect(await refused(actor.put(id, assignment({ principalId: BOB })))).toBe(
      '400 RoleAssignmentUpdateNotPermitted',
    );
    const elsewhere = id.replace(VAULT_ID, GROUP);
    expect(await refused(actor.put(elsewhere, assignment()))).toBe('400 RoleAssignmentUpdateNotPermitted');
    const twin = id.replace(NAME, NAME.replace('1111', '2222'));
    expect(await refused(actor.put(twin, assignment()))).toBe('409 RoleAssignmentExists');
    expect(await refused(actor.get(elsewhere))).toBe('404 RoleAssignmentNotFound');
  });

  it('is locked where its vault is: a lock on deletion keeps it too', async () => {
    await actor.put(id, assignment());
    azure.locks.add({ name: 'keep', scope: VAULT_ID, level: 'CanNotDelete' });
    expect(await refused(actor.delete(id))).toBe('409 ScopeLocked');
    expect((await actor.put(id, assignment())).status).toBe(200);
    azure.locks.add({ name: 'freeze', scope: GROUP, level: 'ReadOnly' });
    expect(await refused(actor.put(id, assignment()))).toBe('409 ScopeLocked');
  });

  it('is no write of the vault: neither a change of it nor in its way', async () => {
    const mark = azure.journal.mark();
    await actor.put(id, assignment());
    expect(azure.journal.changes({ since: mark, resourceId: VAULT_ID })).toEqual([]);
    const writes = new VaultWrites();
    writes.begin('PATCH', VAULT_ID);
    expect(writes.begin('PUT', id).isContended).toBe(false);
    expect(writes.begin('PATCH', VAULT_ID).isContended).toBe(true);
  });
});

describe('role definitions', () => {
  it.each([
    ['Key Vault Secrets User', SECRETS_USER, 'Microsoft.KeyVault/vaults/secrets/getSecret/action'],
    ['Key Vault Administrator', '00482a5a-887f-4fb3-b363-3b7fe8e74483', 'Microsoft.KeyVault/vaults/*'],
    [
      'Key Vault Secrets Officer',
      'b86a8fe4-44ce-4948-aee5-eccb2c155cd7',
      'Microsoft.KeyVault/vaults/secrets/*',
    ],
    ['Key Vault Reader', '21090545-7ca7-4776-b22c-e363652d74d2', 'Microsoft.KeyVault/vaults/*/read'],
  ])('%s is found by its name and by each form of its id', async (roleName, name, dataAction) => {
    const filter = encodeURIComponent(`roleName eq '${roleName}'`);
    const found = JSON.parse(
      await actor.get(`${VAULT_ID}${AUTHORIZATION}/roleDefinitions?api-version=2022-04-01&$filter=${filter}`),
    ) as Listed;
    expect(found.value).toMatchObject([{ name, properties: { roleName, type: 'BuiltInRole' } }]);
    for (const scope of ['', SUB, GROUP]) {
      const one: unknown = JSON.parse(await actor.get(`${scope}${AUTHORIZATION}/roleDefinitions/${name}`));
      expect(one).toMatchObject({ name });
      expect(JSON.stringify(one)).toContain(dataAction);
    }
  });

  it('of the tenant itself are there where they may be assigned', async () => {
    const id = azure.addRoleDefinition({
      roleName: 'Secret Peeker',
      assignableScopes: [GROUP],
      dataActions: ['Microsoft.KeyVault/vaults/secrets/getSecret/action'],
    });
    expect(JSON.parse(await actor.get(id))).toMatchObject({ properties: { type: 'CustomRole' } });
    expect(JSON.parse(await actor.get(`${VAULT_ID}${id}`))).toMatchObject({
      properties: { roleName: 'Secret Peeker', assignableScopes: [GROUP] },
    });
    expect(await refused(actor.get(`${SUB}${id}`))).toBe('404 RoleDefinitionDoesNotExist');
    const here = `${VAULT_ID}${AUTHORIZATION}/roleAssignments/${NAME}`;
    expect((await actor.put(here, assignment({ roleDefinitionId: id }))).status).toBe(201);
    const above = `${SUB}${AUTHORIZATION}/roleAssignments/${NAME.replace('1111', '3333')}`;
    expect(await refused(actor.put(above, assignment({ roleDefinitionId: id })))).toBe(
      '400 RoleDefinitionDoesNotExist',
    );
  });

  it('cannot be assigned by a name that there is not', () => {
    expect(() => azure.assignRole({ scope: SUB, principalId: ALICE, role: 'Emperor' })).toThrow(RangeError);
  });
});
