import { playbook, vaultPath, workflowPath, connectionPath, getSecret, compose } from '../../demo/estate.js';
import { RefusedError } from '../../simulator/actor.js';
import { valueAt } from '../../src/types/apply-edits.js';
import { isJsonObject, type Json } from '../../src/types/json.js';
import { parsed } from '../evidence/own-writes.js';
import type { Tenant } from './tenant.js';
import {
  canary,
  connectionBody,
  pick,
  signInOf,
  SUBNET,
  vaultBody,
  workflowBody,
  type Estate,
} from './build-estate.js';

/** Something that somebody does in the tenant, or Microsoft to it. */
export interface Happening {
  readonly name: string;
  readonly act: (world: Tenant, estate: Estate) => Promise<unknown>;
}

const PEOPLE = ['alice@contoso.com', 'bob@contoso.com', 'deployment-pipeline', 'mallory@contoso.com'];
const ADDRESSES = ['192.0.2.10', '192.0.2.128/25', '203.0.113.77', '13.69.64.208/28', '52.174.88.118'];
/** What Microsoft's platform calls from, one list after the other. */
const PLATFORM = [
  ['52.174.88.118', '13.69.64.208/28', '13.69.71.192/27'],
  ['52.174.88.118', '13.69.64.208/28', '13.69.71.192/27', '20.86.93.32/27'],
  ['13.69.64.208/28', '20.86.93.32/27', '20.103.132.139'],
];

export const HAPPENINGS: readonly Happening[] = [
  vault('turns a firewall off', (acls) => ({ ...acls, defaultAction: 'Allow' })),
  vault('turns a firewall off and empties it', () => ({
    bypass: 'AzureServices',
    defaultAction: 'Allow',
    ipRules: [],
    virtualNetworkRules: [],
  })),
  vault('adds an address', (acls, world) => ({
    ...acls,
    ipRules: [...rules(acls), { value: pick(world, ADDRESSES) }],
  })),
  vault('takes an address out', (acls) => ({ ...acls, ipRules: rules(acls).slice(1) })),
  vault('leaves only the office in', (acls) => ({ ...acls, ipRules: [{ value: '198.51.100.0/24' }] })),
  vault('adds a subnet', (acls) => ({
    ...acls,
    virtualNetworkRules: [{ id: SUBNET }, { id: SUBNET.replace('batch', 'jobs') }],
  })),
  {
    name: 'saves a playbook in the old designer',
    act: async (world, { workflows }) => {
      await saveWorkflow(world, pick(world, workflows), (text) =>
        text.replaceAll(/,?"runtimeConfiguration":\{"secureData":\{"properties":\["outputs"\]\}\}/g, ''),
      );
    },
  },
  {
    name: 'adds an action to a playbook',
    act: async (world, { workflows }) => {
      const name = `Note_${Math.floor(world.random.next() * 1000)}`;
      const action = JSON.stringify(compose('more', 'Get_secret'));
      await saveWorkflow(world, pick(world, workflows), (text) =>
        text.replace('"actions":{', `"actions":{"${name}":${action},`),
      );
    },
  },
  {
    name: 'deploys a playbook anew',
    act: (world, { workflows, connections }) =>
      someone(world).put(
        workflowPath(pick(world, workflows)),
        workflowBody(world, pick(world, connections), world.random.next() < 0.3),
      ),
  },
  {
    name: 'deploys a playbook with a secure parameter',
    act: (world, { connections }) => {
      const body = playbook({ Get_secret: getSecret('mail') }, pick(world, connections));
      const { definition, parameters } = body.properties;
      return someone(world).put(workflowPath('la-secure'), {
        ...body,
        properties: {
          ...body.properties,
          definition: {
            ...definition,
            parameters: { ...definition.parameters, mailPassword: { type: 'SecureString' } },
          },
          parameters: { ...parameters, mailPassword: { value: canary(world, 'Secure') } },
        },
      });
    },
  },
  {
    name: 'deletes a playbook',
    act: (world, { workflows }) => someone(world).delete(workflowPath(pick(world, workflows))),
  },
  {
    name: 'disables a playbook',
    act: (world, { workflows }) => someone(world).post(`${workflowPath(pick(world, workflows))}/disable`),
  },
  {
    name: 'points a connection to another vault',
    act: (world, { connections, vaults }) => {
      const name = pick(world, connections);
      return someone(world).put(
        connectionPath(name),
        connectionBody(world, pick(world, vaults), signInOf(name)),
      );
    },
  },
  {
    name: 'deletes a connection',
    act: (world, { connections }) => someone(world).delete(connectionPath(pick(world, connections))),
  },
  {
    name: 'deploys a vault anew',
    act: (world, { vaults }) => someone(world).put(vaultPath(pick(world, vaults)), vaultBody(world, true)),
  },
  {
    name: 'deletes a vault and recovers it',
    act: async (world, { vaults }) => {
      const path = vaultPath(pick(world, vaults));
      const who = someone(world);
      const { location, properties } = vaultBody(world, true) as { location: string; properties: object };
      await who.delete(path);
      await world.time.sleep(world.random.between(1000, 120_000));
      await who.put(path, { location, properties: { ...properties, createMode: 'recover' } });
    },
  },
  {
    name: 'tags a vault as exempt for a while',
    act: async (world, { vaults }) => {
      const path = vaultPath(pick(world, vaults));
      const until = new Date(world.time.now() + 86_400_000).toISOString().slice(0, 10);
      await someone(world).patch(path, { tags: { 'holdfast-exempt': `*; until=${until}` } });
      await world.time.sleep(world.random.between(60_000, 1_800_000));
      await someone(world).patch(path, { tags: { owner: 'secops' } });
    },
  },
  {
    name: 'gives a person too much in a vault',
    act: (world, { vaults }) =>
      someone(world).put(`${vaultPath(pick(world, vaults))}/accessPolicies/add`, {
        properties: {
          accessPolicies: [
            {
              tenantId: world.azure.tenantId,
              objectId: '0f0f0f0f-1111-4222-8333-444444444444',
              permissions: { secrets: ['get', 'list', 'set', 'delete'], keys: ['all'] },
            },
          ],
        },
      }),
  },
  {
    name: "gives a playbook's identity too much in a vault",
    act: (world, { vaults, workflows }) => {
      const workflow = parsed(world.azure.read(workflowPath(pick(world, workflows))));
      const objectId = valueAt(workflow, '/identity/principalId');
      if (typeof objectId !== 'string') return Promise.resolve();
      const permissions = { secrets: ['get', 'list', 'set'] };
      return someone(world).put(`${vaultPath(pick(world, vaults))}/accessPolicies/add`, {
        properties: { accessPolicies: [{ tenantId: world.azure.tenantId, objectId, permissions }] },
      });
    },
  },
  {
    name: "Microsoft changes the platform's addresses",
    act: (world) => {
      const connector = PLATFORM[Math.floor(world.random.next() * PLATFORM.length)] ?? [];
      world.azure.changeOutboundIps('westeurope', { connector });
      return Promise.resolve();
    },
  },
];

/** What is done again and again by whoever does not know that it is put right each time. */
export const STUBBORN = HAPPENINGS.filter(({ name }) =>
  ['turns a firewall off', 'takes an address out', 'saves a playbook in the old designer'].includes(name),
);

/** Does it, and tells of it; what Azure refuses is nobody's fault. */
export async function happen(world: Tenant, estate: Estate, happening: Happening): Promise<void> {
  try {
    await happening.act(world, estate);
    world.tell(`somebody ${happening.name}`);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    world.tell(`somebody tries and fails: ${happening.name} (${error.code})`);
  }
}

export function someone(world: Tenant) {
  return world.azure.as(pick(world, PEOPLE));
}

type Acls = Readonly<Record<string, Json | undefined>>;

function rules(acls: Acls): readonly Json[] {
  return Array.isArray(acls.ipRules) ? (acls.ipRules as readonly Json[]) : [];
}

/** Somebody reads a vault's firewall, takes a moment, and writes it. */
function vault(name: string, change: (acls: Acls, world: Tenant) => object): Happening {
  return {
    name,
    act: async (world, { vaults }) => {
      const path = vaultPath(pick(world, vaults));
      const acls = valueAt(parsed(world.azure.read(path)), '/properties/networkAcls') ?? {};
      await world.time.sleep(world.random.between(0, 200));
      const networkAcls = change(isJsonObject(acls) ? acls : {}, world);
      await someone(world).patch(path, { properties: { networkAcls } });
    },
  };
}

async function saveWorkflow(world: Tenant, name: string, change: (text: string) => string): Promise<void> {
  const path = workflowPath(name);
  const document = parsed(world.azure.read(path));
  if (!isJsonObject(document)) return;
  await world.time.sleep(world.random.between(0, 500));
  const { location, tags, identity, properties } = document;
  const sent = JSON.stringify({
    location,
    tags,
    identity: { type: valueAt(identity ?? null, '/type') },
    properties,
  });
  await someone(world).put(path, change(sent));
}
