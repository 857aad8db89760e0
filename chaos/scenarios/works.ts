import { connectionPath, playbook, vaultPath, workflowPath, getSecret } from '../../demo/estate.js';
import { seededRandom } from '../../simulator/random.js';
import { valueAt } from '../../src/types/apply-edits.js';
import { parsed } from '../evidence/own-writes.js';
import { PIPELINE, workflowBody } from '../estate/build-estate.js';
import { allowMoves } from '../estate/moves.js';
import { approve, askFor } from '../estate/operators.js';
import { storedRecords } from '../evidence/stored-records.js';
import { sweep, untilSettled } from '../run/calm.js';
import { PLAIN_SETUP } from '../run/draw-setup.js';
import type { Work } from './run-work.js';

/**
 * What makes Holdfast work: an event of a vault, an event of a playbook, a sweep that finds both, somebody who approves,
 * and a connection that is moved.
 */
export const WORKS: readonly Work[] = [
  {
    name: 'an event of a vault whose firewall is off and whose playbook holds too much',
    begin: async ({ azure }, { vaults, workflows }) => {
      const path = vaultPath(vaults[0] ?? '');
      const objectId = valueAt(parsed(azure.read(workflowPath(workflows[0] ?? ''))), '/identity/principalId');
      const networkAcls = {
        defaultAction: 'Allow',
        bypass: 'AzureServices',
        ipRules: [],
        virtualNetworkRules: [],
      };
      const permissions = { secrets: ['get', 'list', 'set'] };
      const accessPolicies = [{ tenantId: azure.tenantId, objectId: objectId ?? '', permissions }];
      await azure.as('bob@contoso.com').patch(path, { properties: { networkAcls, accessPolicies } });
    },
  },
  {
    name: 'an event of a playbook that hides nothing any more',
    begin: async ({ azure }, { workflows, connections }) => {
      const body = playbook({ Get_secret: getSecret('api-token') }, connections[0] ?? '');
      await azure.as('bob@contoso.com').put(workflowPath(workflows[0] ?? ''), body);
    },
  },
  {
    name: 'a sweep that finds a vault and a playbook nobody told of',
    begin: async (world, { vaults, workflows, connections }) => {
      const { azure } = world;
      azure.switches.set({ eventLoss: 1 });
      const body = playbook({ Get_secret: getSecret('api-token') }, connections[0] ?? '');
      await azure.as('bob@contoso.com').put(workflowPath(workflows[0] ?? ''), body);
      const networkAcls = {
        defaultAction: 'Allow',
        bypass: 'AzureServices',
        ipRules: [],
        virtualNetworkRules: [],
      };
      await azure.as('bob@contoso.com').patch(vaultPath(vaults[0] ?? ''), { properties: { networkAcls } });
      await world.time.sleep(60_000);
      await sweep(world);
    },
  },
  {
    name: 'an approval of what a vault waits for',
    setup: {
      ...PLAIN_SETUP,
      settings: { HOLDFAST_REMEDIATORS: 'vault-firewall=approve,vault-logic-app-ips=approve' },
    },
    begin: async (world) => {
      const random = seededRandom(1);
      const waiting = storedRecords(world.storage).filter(({ outcome }) => outcome === 'planned');
      for (const { id } of waiting) await approve(world, id, random);
    },
  },
  {
    name: 'a request for a connection that keeps credentials, and whose playbook may read its vault since a moment ago',
    setup: {
      ...PLAIN_SETUP,
      settings: { HOLDFAST_REMEDIATORS: 'connection-managed-identity=enforce' },
      isMoving: true,
    },
    prepare: (world, { workflows, connections }) => {
      const body = workflowBody(world, connections[1] ?? '', true);
      return world.azure.as(PIPELINE).put(workflowPath(workflows[0] ?? ''), body);
    },
    begin: async (world, estate) => {
      await allowMoves(world, estate);
      await untilSettled(world);
      await askFor(world, connectionPath(estate.connections[1] ?? ''));
    },
  },
];
