import type { Actor } from '../simulator/actor.js';
import type { Azure } from '../simulator/azure.js';
import {
  connectionPath,
  forEach,
  getSecret,
  GROUP,
  http,
  keyVaultConnection,
  PIPELINE,
  plainPlaybook,
  playbook,
  shut,
  vault,
  vaultPath,
  workflowPath,
} from './estate.js';
import { SUBSCRIPTION } from './stack.js';

/** Where audit events go, and where they are asked for. */
export const LOG_WORKSPACE = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/la-security`;

/** Where a colleague runs a batch job from. */
const OFFICE = '198.51.100.0/24';
const DAY_MS = 86_400_000;

/**
 * Deploys a small tenant, as one finds it: some of it was set up with care, some in a hurry. In particular, kv-legacy
 * stands open, and the runs of Enrich-IP and Enrich-Mail show their secrets.
 */
export async function deployEstate(azure: Azure): Promise<void> {
  const pipeline = azure.as(PIPELINE);
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
  await deployVaults(azure, pipeline);
  await pipeline.put(
    connectionPath('keyvault-sentinel'),
    keyVaultConnection('kv-sentinel', 'managed-identity'),
  );
  await pipeline.put(
    connectionPath('keyvault-incidents'),
    keyVaultConnection('kv-sentinel', 'managed-identity'),
  );
  await pipeline.put(connectionPath('keyvault-legacy'), keyVaultConnection('kv-legacy', 'managed-identity'));
  await deployPlaybooks(pipeline);
  for (const name of ['Block-User', 'Isolate-Device', 'Collect-Evidence', 'Enrich-Mail']) {
    await grant(azure, 'kv-sentinel', principalOf(azure, name), ['get']);
  }
  await grant(azure, 'kv-sentinel', pipeline.principal.objectId, ['get', 'set']);
  const role = 'Key Vault Administrator';
  azure.assignRole({ scope: vaultPath('kv-legacy'), principalId: principalOf(azure, 'Enrich-IP'), role });
  for (const [name, runs] of [
    ['Enrich-IP', 240],
    ['Enrich-Mail', 96],
    ['Rotate-Certificate', 4],
    ['Block-User', 31],
  ] as const) {
    azure.addRuns(workflowPath(name), runs, Date.now() - 30 * DAY_MS, Date.now());
  }
  deployLogs(azure);
}

async function deployVaults(azure: Azure, pipeline: Actor): Promise<void> {
  const careful = {
    networkAcls: shut(OFFICE),
    enablePurgeProtection: true,
    enableSoftDelete: true,
    enableRbacAuthorization: false,
  };
  await pipeline.put(vaultPath('kv-sentinel'), vault(azure, careful));
  await pipeline.put(vaultPath('kv-payments'), vault(azure, careful));
  const hurried = { enableSoftDelete: true, enableRbacAuthorization: true };
  await pipeline.put(vaultPath('kv-legacy'), vault(azure, hurried));
}

async function deployPlaybooks(pipeline: Actor): Promise<void> {
  const secured = { Get_secret: getSecret('api-token', true) };
  await pipeline.put(workflowPath('Block-User'), playbook(secured, 'keyvault-sentinel'));
  await pipeline.put(workflowPath('Isolate-Device'), playbook(secured, 'keyvault-incidents'));
  await pipeline.put(workflowPath('Collect-Evidence'), playbook(secured, 'keyvault-incidents'));
  await pipeline.put(
    workflowPath('Enrich-IP'),
    playbook({ For_each: forEach({ Get_key: getSecret('virustotal') }) }, 'keyvault-legacy'),
  );
  await pipeline.put(workflowPath('Enrich-Mail'), withSecureParameter());
  const read = http({
    method: 'GET',
    uri: 'https://kv-payments.vault.azure.net/secrets/card-key?api-version=7.4',
    authentication: { type: 'ManagedServiceIdentity', audience: 'https://vault.azure.net' },
  });
  await pipeline.put(workflowPath('Rotate-Certificate'), plainPlaybook({ Read_key: read }));
}

/** Holdfast does not write it: the value of the parameter cannot be read back, and could be lost. */
function withSecureParameter(): object {
  const body = playbook({ Get_token: getSecret('graph-token') }, 'keyvault-sentinel');
  const { definition, parameters } = body.properties;
  const declared = { ...definition.parameters, mailboxPassword: { type: 'SecureString' } };
  const values = { ...parameters, mailboxPassword: { value: 'not-a-password' } };
  return {
    ...body,
    properties: {
      ...body.properties,
      definition: { ...definition, parameters: declared },
      parameters: values,
    },
  };
}

/** Who called kv-legacy while it stood open; nobody else called anything. */
function deployLogs(azure: Azure): void {
  azure.logs.addWorkspace(LOG_WORKSPACE);
  const columns = ['Address', 'Caller', 'Calls', 'LastSeen'].map((name) => ({ name, type: 'string' }));
  const yesterday = new Date(Date.now() - DAY_MS).toISOString();
  const rows = [['203.0.113.80', 'nightly-export', '30', yesterday]];
  azure.logs.answer(({ text }) => ({ columns, rows: /\/vaults\/kv-legacy'/i.test(text) ? rows : [] }));
}

/** The object id of a workflow's own identity. */
export function principalOf(azure: Azure, workflow: string): string {
  const { identity } = JSON.parse(azure.read(workflowPath(workflow)) ?? '{}') as {
    identity?: { principalId?: string };
  };
  if (identity?.principalId === undefined) throw new Error(`${workflow} has no identity.`);
  return identity.principalId;
}

/** Adds to what somebody may do with a vault's secrets; everybody else's permissions stay. */
export async function grant(
  azure: Azure,
  vaultName: string,
  objectId: string,
  secrets: readonly string[],
  who = PIPELINE,
): Promise<void> {
  const entry = { tenantId: azure.tenantId, objectId, permissions: { secrets } };
  await azure
    .as(who)
    .put(`${vaultPath(vaultName)}/accessPolicies/add`, { properties: { accessPolicies: [entry] } });
}
