import { beforeEach, describe, expect, it } from 'vitest';
import { uncovered } from '../../simulator/access/address-cover.js';
import { Azure } from '../../simulator/azure.js';
import type { Switches } from '../../simulator/switches.js';
import {
  CONNECTION_ID,
  connectionBody,
  GROUP,
  SUBSCRIPTION,
  TENANT,
  VAULT_ID,
  WORKFLOW_ID,
  workflowBody,
} from './samples.js';

const OWN = '00000000-0000-4000-8000-00000000000a';
const ASSIGNED = '00000000-0000-4000-8000-00000000000b';
const TEAM = '00000000-0000-4000-8000-0000000000aa';
const IDENTITY_ID = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`;
const GET_SECRET = 'Microsoft.KeyVault/vaults/secrets/getSecret/action';

const byIdentity = { parameterValueType: 'Alternative', alternativeParameterValues: { vaultName: 'kv-one' } };
const byValueSet = { parameterValueSet: { name: 'oauthMI', values: { vaultName: { value: 'kv-one' } } } };
const bySecret = {
  parameterValues: { vaultName: 'kv-one', 'token:clientId': 'abc', 'token:clientSecret': 'hush' },
};
const ownAuthentication = { type: 'ManagedServiceIdentity' };
const otherAuthentication = { type: 'ManagedServiceIdentity', identity: IDENTITY_ID };

interface Estate {
  readonly connection?: object | null;
  readonly authentication?: object | null;
  readonly identity?: object | null;
  readonly vault?: object | null;
  readonly actions?: object;
  readonly switches?: Partial<Switches>;
}

const policy = (objectId: string, secrets: readonly string[], more: object = {}): object => ({
  tenantId: TENANT,
  objectId,
  permissions: { secrets },
  ...more,
});

const getSecret = {
  type: 'ApiConnection',
  inputs: {
    host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
    method: 'get',
    path: "/secrets/@{encodeURIComponent('password')}/value",
  },
};

let azure: Azure;
beforeEach(() => {
  azure = new Azure(() => 'https://arm.example');
});

/** By default a workflow that can read: by a managed identity connection, with its own identity and a policy. */
function place(estate: Estate): void {
  const {
    connection = byIdentity,
    authentication = ownAuthentication,
    identity = { type: 'SystemAssigned', principalId: OWN, tenantId: TENANT },
    vault = { accessPolicies: [policy(OWN, ['get'])] },
    actions = { Get_secret: getSecret },
  } = estate;
  azure.switches.set(estate.switches ?? {});
  if (vault !== null)
    azure.place(JSON.stringify({ id: VAULT_ID, location: 'westeurope', properties: vault }));
  if (connection !== null) azure.place(JSON.stringify({ id: CONNECTION_ID, ...connectionBody(connection) }));
  const reference = {
    connectionId: CONNECTION_ID,
    ...(authentication === null ? {} : { connectionProperties: { authentication } }),
  };
  const body = workflowBody(
    { actions },
    { parameters: { $connections: { value: { keyvault: reference } } } },
  );
  azure.place(JSON.stringify({ id: WORKFLOW_ID, ...body, ...(identity === null ? {} : { identity }) }));
}

function verdict(): string {
  return azure.access
    .canRead(WORKFLOW_ID)
    .map(({ action, ok, why }) => `${action} ${ok ? 'can' : 'cannot'}: ${why}`)
    .join('; ');
}

const open = { defaultAction: 'Deny', ipRules: [{ value: '52.174.88.118/32' }, { value: '13.69.0.0/16' }] };
const shut = { defaultAction: 'Deny', ipRules: [{ value: '52.174.88.118/32' }] };
const policies = [policy(OWN, ['get'])];

describe('a workflow', () => {
  it.each<[string, Estate, RegExp]>([
    ['reads with its own identity, where a policy lets it', {}, /^Get_secret can: as its own identity/],
    ['reads by a connection with a value set', { connection: byValueSet }, / can: /],
    [
      'reads with the identity it names',
      {
        authentication: otherAuthentication,
        identity: {
          type: 'UserAssigned',
          userAssignedIdentities: { [IDENTITY_ID.toUpperCase()]: { principalId: ASSIGNED } },
        },
        vault: { accessPolicies: [policy(ASSIGNED, ['Get'])] },
      },
      / can: as the identity reader/,
    ],
    [
      'does not with one it does not have',
      { authentication: otherAuthentication },
      / cannot: .*does not have the identity reader/,
    ],
    ['does not without an identity', { identity: null }, / cannot: .*does not have its own identity/],
    ['does not where nobody lets it', { vault: { accessPolicies: [] } }, / cannot: .*may not get secrets/],
    ['does not where it may only list', { vault: { accessPolicies: [policy(OWN, ['list'])] } }, / cannot: /],
    ['does where it may do all', { vault: { accessPolicies: [policy(OWN, ['all'])] } }, / can: /],
    [
      'does not by a policy for somebody in an application',
      { vault: { accessPolicies: [policy(OWN, ['get'], { applicationId: ASSIGNED })] } },
      / cannot: /,
    ],
    [
      'does not where there is no connection',
      { connection: null },
      / cannot: there is no connection keyvault/,
    ],
    ['does not where there is no vault', { vault: null }, / cannot: there is no vault kv-one/],
    ['does not where nobody has signed in', { connection: {}, authentication: null }, / cannot: /],
    [
      'does not with an identity by a connection that is not for one',
      { connection: bySecret },
      / cannot: .*not configured to support managed identity/,
    ],
    [
      "reads with a connection's own credentials",
      { connection: bySecret, authentication: null },
      / can: with credentials/,
    ],
    [
      'does not by an identity connection without authentication',
      { authentication: null },
      / cannot: .*needs an authentication/,
    ],
    [
      'does so where the switch says so',
      { authentication: null, switches: { managedIdentityConnectionWithoutAuthentication: 'works' } },
      / can: as its own identity/,
    ],
    [
      'reads through a firewall that lets every address in',
      { vault: { accessPolicies: policies, networkAcls: open } },
      / can: /,
    ],
    [
      'does not where one address is shut out',
      { vault: { accessPolicies: policies, networkAcls: shut } },
      / cannot: the firewall of kv-one does not let 13\.69\.64\.208\/28, 13\.69\.71\.192\/27 in/,
    ],
    [
      'does not where public access is off',
      { vault: { accessPolicies: policies, networkAcls: open, publicNetworkAccess: 'disabled' } },
      / cannot: public network access/,
    ],
    [
      'does not by a policy where the vault goes by roles',
      { vault: { accessPolicies: policies, enableRbacAuthorization: true } },
      / cannot: .*by rbac/,
    ],
    ['that gets no secret reads none', { actions: { Wait: { type: 'Wait' } } }, /^$/],
  ])('%s', (_name, estate, expected) => {
    place(estate);
    expect(verdict()).toMatch(expected);
  });

  it('reads by the person who signed in, as long as they may', () => {
    place({ connection: { parameterValues: { vaultName: 'kv-one' } }, authentication: null });
    azure.signIn(CONNECTION_ID, 'alice@contoso.com');
    expect(verdict()).toMatch(/ cannot: as alice@contoso.com/);
    const alice = azure.connectionPrincipal(CONNECTION_ID)?.objectId ?? '';
    const vault = { accessPolicies: [policy(alice, ['get'])] };
    azure.place(JSON.stringify({ id: VAULT_ID, location: 'westeurope', properties: vault }));
    expect(verdict()).toMatch(/ can: as alice@contoso.com/);
  });

  it.each<[string, string, string, boolean]>([
    ['at the vault', VAULT_ID, 'Key Vault Secrets User', true],
    ['above it', GROUP, 'Key Vault Secrets Officer', true],
    ['of the whole subscription', `/subscriptions/${SUBSCRIPTION}`, 'Key Vault Administrator', true],
    ['that shows no values', VAULT_ID, 'Key Vault Reader', false],
    ['of the owner, which is none on what is inside', VAULT_ID, 'Owner', false],
    ['at another vault', `${VAULT_ID}-2`, 'Key Vault Secrets User', false],
    ['of one secret only', `${VAULT_ID}/secrets/password`, 'Key Vault Secrets User', false],
  ])('reads by a role %s, or does not', (_name, scope, role, expected) => {
    place({ vault: { enableRbacAuthorization: true } });
    azure.assignRole({ scope, principalId: OWN, role });
    expect(azure.access.canRead(WORKFLOW_ID)[0]?.ok).toBe(expected);
  });

  it("reads by a group's role or policy, and not by a role that takes it back", () => {
    place({ vault: { enableRbacAuthorization: true } });
    azure.addRoleDefinition({
      roleName: 'Odd',
      dataActions: ['Microsoft.KeyVault/*'],
      notDataActions: [GET_SECRET],
    });
    azure.assignRole({ scope: VAULT_ID, principalId: OWN, role: 'Odd' });
    expect(azure.access.canGetSecrets(VAULT_ID, OWN)).toBe(false);
    azure.assignRole({
      scope: VAULT_ID,
      principalId: TEAM,
      principalType: 'Group',
      role: 'Key Vault Secrets User',
    });
    azure.groups.add(TEAM, OWN);
    expect(azure.access.permissions(VAULT_ID, OWN)).toMatchObject({
      model: 'rbac',
      roles: [{ roleName: 'Odd' }, { roleName: 'Key Vault Secrets User', scope: VAULT_ID }],
    });
    expect(verdict()).toMatch(/ can: /);
    place({ vault: { accessPolicies: [policy(TEAM, ['get', 'list'])] } });
    expect(azure.access.permissions(VAULT_ID, OWN)).toEqual({
      model: 'access-policies',
      keys: [],
      secrets: ['get', 'list'],
      certificates: [],
      storage: [],
    });
  });

  it('reads by HTTP from the addresses of the runtime, also deep inside', () => {
    const http = {
      type: 'Http',
      inputs: {
        method: 'GET',
        uri: 'https://kv-one.vault.azure.net/secrets/password?api-version=7.4',
        authentication: { ...ownAuthentication, audience: 'https://vault.azure.net' },
      },
    };
    const actions = { Each: { type: 'Foreach', actions: { Ask: http } } };
    place({ actions });
    expect(verdict()).toMatch(/^Ask can: as its own identity/);
    place({ actions, vault: { accessPolicies: policies, networkAcls: open } });
    expect(verdict()).toMatch(/^Ask cannot: the firewall/);
    const ipRules = azure.outboundIps('westeurope').runtime.map((value) => ({ value }));
    place({ actions, vault: { accessPolicies: policies, networkAcls: { defaultAction: 'Deny', ipRules } } });
    expect(verdict()).toMatch(/^Ask can/);
  });

  it('that there is not is an error, as is a vault', () => {
    expect(() => azure.access.canRead(WORKFLOW_ID)).toThrow(RangeError);
    expect(() => azure.access.permissions(VAULT_ID, OWN)).toThrow(RangeError);
  });
});

describe('addresses', () => {
  it.each<[string, string[], string[], string[]]>([
    ['none are let in by no rule', ['1.2.3.4'], [], ['1.2.3.4']],
    ['one is let in by its own rule', ['1.2.3.4'], ['1.2.3.4/32'], []],
    ['a block by a wider one', ['1.2.3.16/28'], ['1.2.0.0/16'], []],
    ['a block by two that touch', ['1.2.3.0/24'], ['1.2.3.0/25', '1.2.3.128/25'], []],
    ['a block not by half of it', ['1.2.3.0/24'], ['1.2.3.0/25'], ['1.2.3.0/24']],
    ['a range from one to another', ['1.2.3.4-1.2.3.7'], ['1.2.3.4/30'], []],
    ['what is no address by none', ['everything'], ['0.0.0.0/0'], ['everything']],
  ])('%s', (_name, addresses, rules, expected) => {
    expect(uncovered(addresses, rules)).toEqual(expected);
  });
});
