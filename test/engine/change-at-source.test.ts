import { describe, expect, test } from 'vitest';
import { changeAtSource } from '../../src/engine/contested/change-at-source.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json } from '../../src/types/json.js';
import type { RemediatorId } from '../../src/types/remediator-id.js';

const ACLS = '/properties/networkAcls';
const set = (path: string, after: Json): Edit => ({ op: 'set', path, before: null, after, reason: 'r' });
const add = (path: string, after: Json): Edit => ({ op: 'add', path, before: null, after, reason: 'r' });
const remove = (path: string, before: Json): Edit => ({
  op: 'remove',
  path,
  before,
  after: null,
  reason: 'r',
});
const vault = 'Microsoft.KeyVault/vaults@2026-02-01';
const policy = (...secrets: string[]): Json => ({ tenantId: 't', objectId: 'o-1', permissions: { secrets } });
const action =
  '/properties/definition/actions/Scope/actions/Get_secret/runtimeConfiguration/secureData/properties';
const entry = '/properties/parameters/$connections/value/keyvault';

/** Each remediator that writes, and every place that it writes to: a row without a text would fall to plain words. */
const ROWS: readonly [RemediatorId, readonly Edit[], readonly string[], readonly string[]][] = [
  [
    'vault-purge-protection',
    [set('/properties/enableSoftDelete', true), set('/properties/enablePurgeProtection', true)],
    [`${vault}: properties: { enableSoftDelete: true }`, 'properties: { enablePurgeProtection: true }'],
    ['azurerm has no argument for soft delete', 'purge_protection_enabled = true'],
  ],
  [
    'vault-firewall',
    [
      set(`${ACLS}/defaultAction`, 'Deny'),
      set(`${ACLS}/bypass`, 'None'),
      add(`${ACLS}/ipRules`, { value: '198.51.100.0/24' }),
      add(`${ACLS}/virtualNetworkRules`, { id: '/subnets/one' }),
    ],
    [
      `${vault}: properties: { networkAcls: { defaultAction: 'Deny' } }`,
      "bypass: 'None'",
      "in properties.networkAcls.ipRules also { value: '198.51.100.0/24' }",
      "in properties.networkAcls.virtualNetworkRules also { id: '/subnets/one' }",
    ],
    [
      'azurerm_key_vault: network_acls { default_action = "Deny" }',
      'bypass = "None"',
      'ip_rules = [...] } also "198.51.100.0/24"',
      'virtual_network_subnet_ids = [...] } also "/subnets/one"',
    ],
  ],
  [
    'vault-logic-app-ips',
    [remove(`${ACLS}/ipRules`, { value: '1.2.3.4/32' }), add(`${ACLS}/ipRules`, { value: '1.2.3.0/28' })],
    ["ipRules without '1.2.3.4/32'", "ipRules also { value: '1.2.3.0/28' }"],
    ['ip_rules in network_acls without "1.2.3.4/32"', 'also "1.2.3.0/28"'],
  ],
  [
    'vault-least-privilege',
    [
      remove('/properties/accessPolicies', policy('get', 'set')),
      add('/properties/accessPolicies', policy('get', 'list')),
    ],
    ["without the wider entry of 'o-1'", "{ objectId: 'o-1', permissions: { secrets: [ 'get', 'list' ] } }"],
    ['no wider one for "o-1"', 'object_id = "o-1", secret_permissions = ["Get", "List"]'],
  ],
  [
    'vault-logging',
    [set('/diagnosticSettings/holdfast-audit', { properties: { workspaceId: '/ws', logs: [] } })],
    [
      "name: 'holdfast-audit': properties: { workspaceId: '/ws', logs: [ { category: 'AuditEvent', enabled: true } ] }",
    ],
    [
      'azurerm_monitor_diagnostic_setting: name = "holdfast-audit", log_analytics_workspace_id = "/ws"',
      'AuditEvent',
    ],
  ],
  [
    'vault-deleted',
    [set('/properties/createMode', 'recover')],
    ["properties: { createMode: 'recover' }"],
    ['prevent_destroy = true', 'recover_soft_deleted_key_vaults'],
  ],
  [
    'workflow-secure-outputs',
    [add(action, 'outputs')],
    ["'Get_secret': runtimeConfiguration: { secureData: { properties: [ 'outputs' ] } }"],
    [
      '"Get_secret": runtimeConfiguration = { secureData = { properties = ["outputs"] } }',
      'azurerm_logic_app_action_http has no argument for it',
    ],
  ],
  [
    'workflow-secret-flow',
    [add(action, 'inputs'), add(action, 'outputs')],
    ["properties: [ 'inputs', 'outputs' ]"],
    ['properties = ["inputs", "outputs"]'],
  ],
  [
    'workflow-managed-identity',
    [set('/identity', { type: 'SystemAssigned' }), set('/identity/type', 'SystemAssigned')],
    ["Microsoft.Logic/workflows@2019-05-01: identity: { type: 'SystemAssigned' }"],
    ['azurerm_logic_app_workflow: identity { type = "SystemAssigned" }'],
  ],
  [
    'connection-managed-identity',
    [
      set(`${entry}/connectionId`, '/conn/kv-mi'),
      set(`${entry}/connectionName`, 'kv-mi'),
      set(`${entry}/connectionProperties/authentication`, {
        type: 'ManagedServiceIdentity',
        identity: '/id/one',
      }),
      set('/connections/kv-mi', { properties: { alternativeParameterValues: { vaultName: 'kv-one' } } }),
    ],
    [
      "'keyvault': { connectionId: '/conn/kv-mi', connectionName: 'kv-mi', connectionProperties: { authentication: { type: 'ManagedServiceIdentity', identity: '/id/one' } } }",
      "name: 'kv-mi': kind: 'V1', properties: { parameterValueType: 'Alternative', alternativeParameterValues: { vaultName: 'kv-one' } }",
    ],
    [
      '"keyvault" = { connectionId = "/conn/kv-mi"',
      'azurerm_api_connection has no argument',
      'azapi_resource',
    ],
  ],
];

describe('the change at the source', () => {
  test.each(ROWS)('of %s', (_remediator, edits, bicep, terraform) => {
    const text = changeAtSource(edits);
    for (const part of bicep) expect(text.bicep).toContain(part);
    for (const part of terraform) expect(text.terraform).toContain(part);
    expect(text.bicep + text.terraform).not.toMatch(/what the edits change|undefined|\[object/);
  });

  test('of a connection in the other form names its vault, too', () => {
    const values = { vaultName: { value: 'kv-two' } };
    const { bicep, terraform } = changeAtSource([
      set('/connections/c', { properties: { parameterValueSet: { name: 'oauthMI', values } } }),
    ]);
    expect(bicep).toContain("'kv-two'");
    expect(terraform).toContain('"kv-two"');
  });

  test('of a place that nobody has thought of says so in plain words, without the value', () => {
    const { bicep, terraform } = changeAtSource([set('/properties/somethingNew', 'a-value')]);
    expect(bicep).toBe('what the edits change at /properties/somethingNew.');
    expect(terraform).toBe(bicep);
  });

  test('of a thousand rules stays short', () => {
    const edits = Array.from({ length: 1000 }, (_, i) =>
      add(`${ACLS}/ipRules`, { value: `1.2.${i >> 8}.${i & 255}/32` }),
    );
    expect(changeAtSource(edits).bicep).toContain('and 990 more');
    expect(changeAtSource(edits).bicep.length).toBeLessThan(1000);
  });

  test('quotes what others have named, so that a template takes it as it is', () => {
    const name = 'it\'s ${x} %{y} "q"\n\\';
    const { bicep, terraform } = changeAtSource([
      add(
        `/properties/definition/actions/${name.replaceAll('/', '~1')}/runtimeConfiguration/secureData/properties`,
        'outputs',
      ),
    ]);
    expect(bicep).toContain(String.raw`'it\'s \${x} %{y} "q"?\\'`);
    expect(terraform).toContain(String.raw`"it's $${'${x}'} %%{y} \"q\"?\\"`);
  });

  test('shows nothing of a value that is not what it should be', () => {
    const { bicep } = changeAtSource([set(`${ACLS}/defaultAction`, { secret: 'hunter2' })]);
    expect(bicep).not.toContain('hunter2');
  });
});
