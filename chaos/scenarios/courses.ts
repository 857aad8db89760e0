import { connectionPath, getSecret, playbook, shut, vaultPath, workflowPath } from '../../demo/estate.js';
import { connectionBody, OFFICE, vaultBody, type Estate } from '../estate/build-estate.js';
import type { World } from '../world/world.js';
import type { Course } from './missed-state.js';

const OPEN = { defaultAction: 'Allow', bypass: 'AzureServices', ipRules: [], virtualNetworkRules: [] };

const bob = ({ azure }: World) => azure.as('bob@contoso.com');
const vaultOf = ({ vaults }: Estate): string => vaultPath(vaults[0] ?? '');
const playbookOf = ({ workflows }: Estate): string => workflowPath(workflows[0] ?? '');
const setAcls = (world: World, estate: Estate, networkAcls: object): Promise<unknown> =>
  bob(world).patch(vaultOf(estate), { properties: { networkAcls } });
const save = (world: World, estate: Estate, ...secrets: readonly string[]): Promise<unknown> => {
  const actions = Object.fromEntries(
    secrets.map((name) => [`Get_${name.replace('-', '_')}`, getSecret(name)]),
  );
  return bob(world).put(playbookOf(estate), playbook(actions, estate.connections[0] ?? ''));
};

const platform = ({ azure }: World, address: string): Promise<unknown> => {
  azure.changeOutboundIps('westeurope', { connector: ['13.69.64.208/28', address] });
  return Promise.resolve();
};

/** Changes of which some come and go before Holdfast looks again. */
export const COURSES: readonly Course[] = [
  {
    name: 'a vault is opened, shut with one address too few, and opened again',
    steps: [
      (world, estate) => setAcls(world, estate, OPEN),
      (world, estate) => setAcls(world, estate, shut(OFFICE)),
      (world, estate) => setAcls(world, estate, OPEN),
    ],
  },
  {
    name: 'a playbook is saved in the open, deleted, and made again with another secret',
    steps: [
      (world, estate) => save(world, estate, 'api-token'),
      (world, estate) => bob(world).delete(playbookOf(estate)),
      (world, estate) => save(world, estate, 'api-token', 'mail'),
    ],
  },
  {
    name: 'a connection leads to a new vault, which is opened, and back',
    steps: [
      (world, { connections }) =>
        bob(world).put(
          connectionPath(connections[0] ?? ''),
          connectionBody(world, 'kv-new', 'managed-identity'),
        ),
      (world) => bob(world).put(vaultPath('kv-new'), vaultBody(world, false)),
      (world, { connections, vaults }) =>
        bob(world).put(
          connectionPath(connections[0] ?? ''),
          connectionBody(world, vaults[0] ?? '', 'managed-identity'),
        ),
    ],
  },
  {
    name: 'Microsoft changes its addresses twice while a vault is opened',
    steps: [
      (world) => platform(world, '20.86.93.32/27'),
      (world, estate) => setAcls(world, estate, OPEN),
      (world) => platform(world, '20.103.132.139'),
    ],
  },
];
