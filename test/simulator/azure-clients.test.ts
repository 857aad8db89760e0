import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { SUBSCRIPTION, VAULT_ID, vaultBody, WORKFLOW_ID, workflowBody } from './samples.js';
import { runApp } from './simulator-process.js';

/** What an app does with Azure's own packages: a token from its managed identity, then ARM with it. */
const APP = `
const { ManagedIdentityCredential } = require('@azure/identity');
const { KeyVaultManagementClient } = require('@azure/arm-keyvault');
const { LogicManagementClient } = require('@azure/arm-logic');
async function main() {
  const endpoint = process.env.AZURE_RESOURCE_MANAGER_URL;
  const options = { endpoint, credentialScopes: endpoint + '/.default' };
  const subscription = '${SUBSCRIPTION}';
  const vaults = new KeyVaultManagementClient(new ManagedIdentityCredential(), subscription, options).vaults;
  const names = [];
  for await (const vault of vaults.listBySubscription()) names.push(vault.name);
  const patched = await vaults.update('rg', 'kv-one', {
    properties: { networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices', ipRules: [{ value: '1.2.3.4' }], virtualNetworkRules: [] } },
  });
  const credential = new ManagedIdentityCredential({ clientId: process.env.CLIENT_ID });
  const workflows = new LogicManagementClient(credential, subscription, { ...options, $host: endpoint }).workflows;
  const workflow = await workflows.get('rg', 'la-one');
  let refused = '';
  try { await vaults.update('rg', 'kv-one', { properties: { networkAcls: { defaultAction: 'Deny', ipRules: [{ value: '10.0.0.1' }] } } }); }
  catch (error) { refused = error.statusCode + ' ' + error.code; }
  console.log(JSON.stringify({ names, rules: patched.properties.networkAcls.ipRules, version: workflow.version, refused }));
}
main().catch((error) => { console.error(error); process.exit(1); });
`;

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ pageSize: 2 });
  simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg');
  const owner = simulator.azure.as('owner@contoso.com');
  for (const name of ['kv-one', 'kv-two', 'kv-three']) {
    await owner.put(VAULT_ID.replace('kv-one', name), vaultBody());
  }
  await owner.put(WORKFLOW_ID, workflowBody());
});
afterAll(() => simulator.close());

describe("an app with Azure's own packages", () => {
  it('cannot tell, with nothing but its environment set', async () => {
    const { environment, identity } = simulator;
    const { code, output } = await runApp(APP, { ...environment, CLIENT_ID: identity.clientId });
    expect(code, output).toBe(0);
    expect(JSON.parse(output)).toEqual({
      names: ['kv-one', 'kv-two', 'kv-three'],
      rules: [{ value: '1.2.3.4/32' }],
      version: expect.stringMatching(/^\d{20}$/) as string,
      refused: '400 BadRequest',
    });
    const [write] = simulator.azure.journal.writes({ under: VAULT_ID });
    expect(write?.principal).toMatchObject({ objectId: identity.objectId, appId: identity.clientId });
  });

  it('does not trust the certificate unless it is told to', async () => {
    const { url } = simulator;
    const script = `fetch('${url}').catch((error) => { console.log(error.cause.code); })`;
    expect((await runApp(script, {})).output).toContain('SELF_SIGNED');
  });
});
