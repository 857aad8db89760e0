import { beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../simulator/actor.js';
import { Azure } from '../../simulator/azure.js';
import { refused } from './refused.js';
import { SUBSCRIPTION, TENANT, VAULT_ID, vaultBody } from './samples.js';

const ID = '00000000-0000-4000-8000-000000000001';
const APP = '00000000-0000-4000-8000-0000000000aa';

interface Policy {
  readonly objectId: string;
  readonly applicationId?: string;
  readonly permissions: { readonly secrets: readonly string[]; readonly keys?: readonly string[] };
}

let azure: Azure;
let actor: Actor;
beforeEach(async () => {
  azure = new Azure(() => 'https://arm.example');
  azure.addResourceGroup(SUBSCRIPTION, 'rg');
  actor = azure.as('alice@contoso.com');
  await actor.put(
    VAULT_ID,
    vaultBody({ enableRbacAuthorization: false, accessPolicies: [policy('one'), policy('two')] }),
  );
});

function policy(objectId: string, secrets: readonly string[] = ['get', 'list'], more: object = {}): object {
  return { tenantId: TENANT, objectId, permissions: { secrets }, ...more };
}

const write = (operation: string, ...accessPolicies: readonly object[]): Promise<unknown> =>
  actor.put(`${VAULT_ID}/accessPolicies/${operation}`, { properties: { accessPolicies } });

async function stored(): Promise<readonly string[]> {
  const { properties } = JSON.parse(await actor.get(VAULT_ID)) as {
    properties: { accessPolicies: Policy[] };
  };
  return properties.accessPolicies.map(
    ({ objectId, applicationId, permissions }) =>
      `${objectId}${applicationId === undefined ? '' : '+app'} ${permissions.secrets.join(' ')}`,
  );
}

describe('a write of access policies', () => {
  it.each<[string, string, object, readonly string[]]>([
    [
      'replaces one entry and leaves the others',
      'replace',
      policy('one', ['get']),
      ['one get', 'two get list'],
    ],
    [
      'replaces by the principal, whatever its case',
      'replace',
      policy('ONE', ['get']),
      ['ONE get', 'two get list'],
    ],
    [
      'makes an entry that there is not',
      'replace',
      policy('new', ['get']),
      ['one get list', 'two get list', 'new get'],
    ],
    [
      'takes the same principal with an application for another',
      'replace',
      policy('one', ['get'], { applicationId: APP }),
      ['one get list', 'two get list', 'one+app get'],
    ],
    [
      'adds what is not there yet',
      'add',
      policy('one', ['Get', 'set']),
      ['one get list set', 'two get list'],
    ],
    ['removes what it lists', 'remove', policy('one', ['list']), ['one get', 'two get list']],
    ['removes an entry that has nothing left', 'remove', policy('one'), ['two get list']],
    [
      'removes nothing of a principal that is not there',
      'remove',
      policy('new'),
      ['one get list', 'two get list'],
    ],
  ])('%s', async (_name, operation, given, expected) => {
    await write(operation, given);
    expect(await stored()).toEqual(expected);
  });

  it('removes a whole entry where the switch says so', async () => {
    azure.switches.set({ accessPolicyRemove: 'whole-entry' });
    await write('remove', policy('one', ['list']));
    expect(await stored()).toEqual(['two get list']);
  });

  it('is refused beyond 1024 entries, whichever way they come together', async () => {
    const many = Array.from({ length: 1022 }, (_, i) => policy(`p-${i}`));
    await write('add', ...many);
    expect(await refused(write('add', policy('one', ['set'])))).toBe('not refused');
    expect(await refused(write('add', policy('one too many')))).toBe('400 BadRequest');
    expect(await refused(write('replace', policy('one too many')))).toBe('400 BadRequest');
  });

  it('is taken by a vault that goes by roles, where it means nothing', async () => {
    await actor.patch(VAULT_ID, { properties: { enableRbacAuthorization: true } });
    await write('add', policy(ID, ['get']));
    expect(await stored()).toContain(`${ID} get`);
    expect(azure.access.canGetSecrets(VAULT_ID, ID)).toBe(false);
    await actor.patch(VAULT_ID, { properties: { enableRbacAuthorization: false } });
    expect(azure.access.canGetSecrets(VAULT_ID, ID)).toBe(true);
  });

  it('needs a permission of its own, which is not that to write the vault', async () => {
    const { objectId } = actor.principal;
    azure.permissions.restrict(objectId, [{ actions: ['Microsoft.KeyVault/vaults/write'], scope: VAULT_ID }]);
    expect(await refused(write('add', policy(ID)))).toBe('403 AuthorizationFailed');
    azure.permissions.restrict(objectId, [
      { actions: ['Microsoft.KeyVault/vaults/accessPolicies/write'], scope: VAULT_ID },
    ]);
    expect(await refused(write('add', policy(ID)))).toBe('not refused');
    expect(await refused(actor.patch(VAULT_ID, { properties: {} }))).toBe('403 AuthorizationFailed');
  });
});
