import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { keyVaultConnection, vault } from '../../demo/estate.js';
import type { Azure } from '../../simulator/azure.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { refused } from '../simulator/refused.js';
import { commandsOf, filledIn, runGuide, type ShellResult } from './guide-shell.js';
import {
  errorsOf,
  GROUP,
  HOME,
  install,
  LOG_WORKSPACE,
  OTHER,
  OTHER_GROUP,
  prepare,
} from './installation.js';

vi.setConfig({ testTimeout: 180_000 });

/* The guide's own commands, run by a shell against a simulated Azure with an installation in it. */

const INSTALLER = 'installer@contoso.com';
const OWN_TOPIC = `${OTHER_GROUP}/providers/Microsoft.EventGrid/systemTopics/evgt-central`;
const VAULT = `${OTHER_GROUP}/providers/Microsoft.KeyVault/vaults/kv-watched`;
const CONNECTION = `${OTHER_GROUP}/providers/Microsoft.Web/connections/to-kv`;
const PARAMETERS = {
  mode: 'enforce',
  scopes: [`/subscriptions/${HOME}`, OTHER_GROUP],
  logWorkspaceId: LOG_WORKSPACE,
};

let simulator: Simulator;
let azure: Azure;
beforeEach(async () => {
  simulator = await startSimulator({
    subscriptions: [HOME, OTHER],
    switches: { principalWithType: 'checked' },
  });
  azure = simulator.azure;
  prepare(azure);
  await azure.as('team@contoso.com').put(VAULT, vault(azure, {}));
  await azure
    .as('team@contoso.com')
    .put(CONNECTION, JSON.stringify(keyVaultConnection('kv-watched', 'managed-identity')));
});
afterEach(() => simulator.close());

async function installed(
  parameters: Parameters<typeof install>[1] = { parameters: PARAMETERS },
): Promise<string> {
  const deployment = await install(azure, parameters);
  expect(errorsOf(deployment)).toEqual([]);
  return (deployment.outputs.principalId as { readonly value: string }).value;
}

/** `before` is what the shell has been given before. */
function uninstall(topic = 'none', before = ''): Promise<ShellResult> {
  const commands = filledIn(commandsOf('Uninstall'), {
    '<ids>': `${HOME} ${OTHER}`,
    '<other>': OTHER,
    '<id>': OTHER,
    '<group>': 'rg-apps',
    '<topic>': topic,
  });
  return runGuide(`${before}\n${commands}`, { controlUrl: simulator.controlUrl, subscription: HOME });
}

interface Left {
  readonly resources: readonly string[];
  readonly groups: readonly string[];
  readonly customRoles: readonly string[];
  readonly assignments: readonly string[];
  readonly deliveries: number;
}

/** What there is in Azure beside the histories of deployments. */
async function left(principal: string): Promise<Left> {
  const valuesOf = async (path: string): Promise<readonly Named[]> =>
    (JSON.parse(await azure.as(INSTALLER).get(path)) as { readonly value: readonly Named[] }).value;
  const scopes = [`/subscriptions/${HOME}`, `/subscriptions/${OTHER}`, OTHER_GROUP];
  const roles = await Promise.all(
    scopes.map((scope) =>
      valuesOf(`${scope}/providers/Microsoft.Authorization/roleDefinitions?$filter=type eq 'CustomRole'`),
    ),
  );
  const assignments = await Promise.all(
    [HOME, OTHER].map((id) =>
      valuesOf(
        `/subscriptions/${id}/providers/Microsoft.Authorization/roleAssignments?$filter=principalId eq '${principal}'`,
      ),
    ),
  );
  const groups = await Promise.all(
    [HOME, OTHER].map((id) => valuesOf(`/subscriptions/${id}/resourceGroups`)),
  );
  return {
    resources: azure.resourceIds().toSorted(),
    groups: groups.flat().map(({ name }) => name),
    customRoles: roles.flat().map(({ name }) => name),
    assignments: assignments.flat().map(({ name }) => name),
    deliveries: azure.events.subscriptions.length,
  };
}
interface Named {
  readonly name: string;
}

const THEIRS = {
  resources: [VAULT, CONNECTION].toSorted(),
  groups: ['rg-apps'],
  customRoles: [],
  assignments: [],
};

describe('the commands under Uninstall', () => {
  it('take away all that was installed, in both subscriptions, and nothing else', async () => {
    const watched = azure.read(VAULT);
    const principal = await installed();
    const before = await left(principal);
    expect(before.customRoles.length).toBeGreaterThanOrEqual(3);
    expect(before.groups).toContain('rg-holdfast-events');
    const { complaints } = await uninstall();
    expect(await left(principal)).toEqual({ ...THEIRS, deliveries: 0 });
    expect(azure.read(VAULT)).toBe(watched);
    // The placeholder of a topic that was there before has nothing to name here, and nothing else failed.
    expect(complaints.split('\n').filter((line) => line.startsWith('az '))).toEqual([]);
  });

  it('leave the workspace to be had back for 14 days, and an installation after that gets it', async () => {
    await installed();
    await uninstall();
    const [workspace] = azure.logs.deleted(Date.now());
    expect(workspace).toMatch(/\/resourcegroups\/rg-holdfast\/.*\/workspaces\/log-holdfast-/);
    expect(azure.logs.deleted(Date.now() + 15 * 86_400_000)).toEqual([]);
    azure.addResourceGroup(HOME, 'rg-holdfast', 'westeurope');
    await installed();
    expect(azure.logs.deleted(Date.now())).toEqual([]);
  });

  it('take only its event subscription from a topic that was there before', async () => {
    await azure.as('central-it@contoso.com').put(`${OWN_TOPIC}?api-version=2022-06-15`, {
      location: 'global',
      properties: { source: `/subscriptions/${OTHER}`, topicType: 'Microsoft.Resources.Subscriptions' },
    });
    const systemTopics = { [OTHER]: { resourceGroup: 'rg-apps', name: 'evgt-central' } };
    const principal = await installed({ parameters: { ...PARAMETERS, systemTopics } });
    const { complaints } = await uninstall('evgt-central');
    expect(await left(principal)).toEqual({
      ...THEIRS,
      resources: [OWN_TOPIC, ...THEIRS.resources].toSorted(),
      deliveries: 0,
    });
    // There is no group to delete where the topic was there before.
    expect(complaints).toMatch(/^az group delete: .*rg-holdfast-events/);
  });

  it('take away what the button has deployed, which gives the deployment a name of its own', async () => {
    const principal = await installed({ parameters: PARAMETERS, name: 'Microsoft.Template-20261126213355' });
    await uninstall();
    expect(await left(principal)).toEqual({ ...THEIRS, deliveries: 0 });
  });

  it('take away what an installation has left that never came to its end', async () => {
    const packageUri = 'https://github.com/holdfast-dev/holdfast/releases/download/v0.0.0/holdfast.zip';
    const deployment = await install(azure, { parameters: { ...PARAMETERS, packageUri } });
    expect(errorsOf(deployment)).not.toEqual([]);
    const identity = azure.resourceIds().find((id) => id.includes('/userAssignedIdentities/')) ?? '';
    const { properties } = JSON.parse(azure.read(identity) ?? '{}') as {
      readonly properties: { readonly principalId: string };
    };
    expect((await left(properties.principalId)).assignments).not.toEqual([]);
    await uninstall();
    expect(await left(properties.principalId)).toEqual({ ...THEIRS, deliveries: 0 });
  });

  it('leave the group where Azure does not say whose roles to take away', async () => {
    const principal = await installed();
    const fails = 'az() { [ "$1 $2" != "identity list" ] && command az "$@"; }';
    await uninstall('none', fails);
    const { groups, assignments } = await left(principal);
    expect(groups).toContain('rg-holdfast');
    expect(assignments).not.toEqual([]);
  });

  it('done again take what something had kept, also where its identity has gone already', async () => {
    const principal = await installed();
    const account = archiveContainer().split('/blobServices')[0] ?? '';
    azure.locks.add({ name: 'keep', scope: account, level: 'CanNotDelete' });
    await uninstall();
    const { groups, resources } = await left(principal);
    expect(groups).toContain('rg-holdfast');
    const identity = resources.find((id) => id.includes('/userAssignedIdentities/')) ?? '';
    await azure.as(INSTALLER).delete(`${identity}?api-version=2023-01-31`);
    azure.locks.remove(account);
    await uninstall();
    expect(await left(principal)).toEqual({ ...THEIRS, deliveries: 0 });
  });

  it('leave the custom roles that others have given to its identity', async () => {
    const principal = await installed();
    const role = azure.addRoleDefinition({
      roleName: 'Contoso topic sender',
      assignableScopes: [`/subscriptions/${HOME}`],
    });
    azure.assignRole({ scope: `/subscriptions/${HOME}`, principalId: principal, role });
    await uninstall();
    const { customRoles, assignments } = await left(principal);
    expect(customRoles).toEqual([role.split('/').at(-1)]);
    expect(assignments).toEqual([]);
  });

  it.each(['never', 'with-blobs'] as const)(
    'take away an archive that is not locked, where Azure keeps accounts for such a policy %s',
    async (unlockedPolicyKeepsAccount) => {
      azure.switches.set({ unlockedPolicyKeepsAccount });
      const principal = await installed();
      azure.filledContainers.fill(archiveContainer());
      await uninstall();
      expect(await left(principal)).toMatchObject(THEIRS);
    },
  );

  it('leave a locked archive, say so, and take all else from the group', async () => {
    const principal = await installed();
    azure.filledContainers.fill(archiveContainer());
    const policy = `${archiveContainer()}/immutabilityPolicies/default`;
    await azure.as('records@contoso.com').post(`${policy}/lock?api-version=2023-05-01`);
    const { complaints } = await uninstall();
    expect(complaints).toMatch(/ResourceGroupDeletionBlocked.*storageAccounts/);
    const { resources, groups, assignments } = await left(principal);
    expect(groups).toEqual(['rg-holdfast', 'rg-apps']);
    expect(assignments).toEqual([]);
    const own = resources.filter((id) => id.startsWith(GROUP));
    expect(own).toContain(policy);
    expect(own.filter((id) => !/\/storageAccounts\//.test(id))).toEqual([]);
  });
});

describe('what Azure keeps', () => {
  it.each([
    ['a container with a policy and blobs', archiveContainer, '409 ContainerImmutabilityPolicyLocked'],
    [
      'its account, for a policy that is not locked, where that counts',
      () => archiveContainer().split('/blobServices')[0] ?? '',
      '409 AccountProtectedFromDeletion',
    ],
  ])('%s', async (_name, id, expected) => {
    await installed();
    azure.filledContainers.fill(archiveContainer());
    expect(await refused(azure.as(INSTALLER).delete(`${id()}?api-version=2023-05-01`))).toBe(expected);
  });

  it('a role that somebody still has', async () => {
    const principal = await installed();
    const [role] = (await left(principal)).customRoles;
    const path = `/subscriptions/${HOME}/providers/Microsoft.Authorization/roleDefinitions/${role ?? ''}`;
    expect(await refused(azure.as(INSTALLER).delete(path))).toBe('400 RoleDefinitionHasAssignments');
  });

  it('a group with a lock on something in it, whole', async () => {
    await installed();
    const before = azure.resourceIds();
    const [site = ''] = before.filter((id) => /\/sites\/[^/]+$/.test(id));
    azure.locks.add({ name: 'keep', scope: site, level: 'CanNotDelete' });
    expect(await refused(azure.as(INSTALLER).delete(GROUP))).toBe('409 ScopeLocked');
    expect(azure.resourceIds()).toEqual(before);
  });
});

function archiveContainer(): string {
  const found = azure.resourceIds().find((id) => id.endsWith('/containers/holdfast-archive'));
  if (found === undefined) throw new Error('There is no archive.');
  return found;
}
