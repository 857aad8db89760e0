import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { getSecret, OPEN, playbook, shut, vault, vaultPath, workflowPath } from '../../demo/estate.js';
import { createSelfAuditStore } from '../../src/state/self-audit-store.js';
import { connect } from '../state/azurite.js';
import { permissionsOf } from '../../src/permissions.js';
import { firewall, keyVaultConnection, WIPED } from './fault-scenario.js';
import {
  ALICE,
  BOB,
  connection,
  connectionPath,
  eventually,
  GROUP,
  httpGet,
  settle,
  startScenario,
  SUBSCRIPTION,
  sweep,
  type Scenario,
  workflow,
} from './scenario.js';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/*
 * Every scenario runs under the role that an installation gives (demo/stack.ts): an action that it lacks fails there.
 * This one makes the app do all it does once, so that an action that it never asks for is seen as well.
 */

const LOGS = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/la-security`;
const IDENTITY = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-playbooks`;

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({
    allRemediators: true,
    settings: {
      HOLDFAST_LOG_WORKSPACE: LOGS,
      HOLDFAST_REMEDIATORS: 'connection-managed-identity=enforce,vault-deleted=enforce',
    },
    // What a write links to is asked for even where the link is an old one.
    simulator: { switches: { linkedAccess: 'all-links' } },
  });
  const { azure } = scenario;
  azure.logs.addWorkspace(LOGS);
  azure.logs.answer(() => ({ columns: [{ name: 'Address', type: 'string' }], rows: [] }));
  await scenario.stack.subscribe();
});
afterAll(() => scenario.stack.close());

/** Vaults, connections and workflows with something wrong for each remediator. */
async function deployBadly({ azure }: Scenario): Promise<void> {
  const pipeline = azure.as(ALICE);
  const safe = { enableSoftDelete: true, enablePurgeProtection: true, enableRbacAuthorization: false };
  await pipeline.put(vaultPath('kv-shut'), vault(azure, { ...safe, networkAcls: firewall('Deny') }));
  await pipeline.put(vaultPath('kv-open'), vault(azure, { enableSoftDelete: true, networkAcls: OPEN }));
  await pipeline.put(vaultPath('kv-gone'), vault(azure, { ...safe, networkAcls: shut() }));
  await pipeline.put(connectionPath('to-shut'), keyVaultConnection('kv-shut'));
  const byUser = { parameterValueType: null, alternativeParameterValues: null };
  const parameterValues = { vaultName: 'kv-shut', 'token:grantType': 'code' };
  await pipeline.put(connectionPath('by-user'), connection('kv-shut', { ...byUser, parameterValues }));
  azure.signIn(connectionPath('by-user'), ALICE);
  const connected = { ...playbook({ Get: getSecret('token') }, 'to-shut') };
  await pipeline.put(workflowPath('own-identity'), connected);
  const identity = { type: 'UserAssigned', userAssignedIdentities: { [IDENTITY]: {} } };
  await pipeline.put(workflowPath('given-identity'), { ...connected, identity });
  const { properties } = playbook({ Get: getSecret('token', true) }, 'by-user');
  await pipeline.put(workflowPath('on-user'), {
    ...connected,
    properties: { ...properties, parameters: withoutAuthentication(properties.parameters) },
  });
  await pipeline.put(workflowPath('by-http'), workflow({ actions: { Read: httpGet('kv-gone') } }));
  await grantTooMuch(scenario, 'own-identity');
  await grantTooMuch(scenario, 'on-user');
}

/** A connection that signs in as a user is named without the identity. */
function withoutAuthentication(parameters: object): unknown {
  return JSON.parse(
    JSON.stringify(parameters).replace(/,"connectionProperties":\{"authentication":\{[^}]*\}\}/, ''),
  );
}

async function grantTooMuch({ azure }: Scenario, name: string): Promise<void> {
  const { identity } = JSON.parse(azure.read(workflowPath(name)) ?? '{}') as {
    readonly identity: { readonly principalId: string };
  };
  const permissions = { secrets: ['get', 'list', 'set', 'delete'], keys: ['get'] };
  const policy = { tenantId: azure.tenantId, objectId: identity.principalId, permissions };
  await azure
    .as(ALICE)
    .put(`${vaultPath('kv-shut')}/accessPolicies/add`, { properties: { accessPolicies: [policy] } });
}

/** Of some hours ago, so that there is something to ask for. */
async function compareWithActivityLog({ azure, appId, stack }: Scenario): Promise<void> {
  const longAgo = new Date(Date.now() - 3 * 3_600_000);
  const store = createSelfAuditStore(connect(stack.storage));
  await store.writeProgress(SUBSCRIPTION, { comparedUntil: longAgo, settledUntil: longAgo });
  await fetch(`${stack.hostUrl}/admin/functions/selfAudit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  await eventually('the activity log to be read', () =>
    azure.permissions.asked(appId).find((action) => action.startsWith('Microsoft.Insights/eventtypes/')),
  );
}

it('the app asks for every action of its role, and for no other', async () => {
  const { azure, appId } = scenario;
  await deployBadly(scenario);
  await sweep(scenario);
  await azure.as(BOB).patch(vaultPath('kv-shut'), { properties: { networkAcls: WIPED } });
  await azure.as(BOB).delete(vaultPath('kv-gone'));
  await eventually('the deleted vault to come back', () => azure.read(vaultPath('kv-gone')));
  await settle(scenario);
  await sweep(scenario);
  await compareWithActivityLog(scenario);

  const { read, write, optional, logWorkspace } = permissionsOf();
  const given = [...read, ...write, ...Object.values(optional).flat(), ...logWorkspace.enforce];
  expect(azure.permissions.asked(appId)).toEqual([...new Set(given)].sort());
  const refused = azure.journal
    .requests({ origin: 'client' })
    .filter(({ principal, status }) => principal?.objectId === appId && status === 403);
  expect(refused.map(({ method, path, errorCode }) => `${method} ${path} ${errorCode ?? ''}`)).toEqual([]);
});
