import { connectionPath, vaultPath, workflowPath } from '../../demo/estate.js';
import type { FaultRule } from '../../simulator/faults.js';
import { valueAt } from '../../src/types/apply-edits.js';
import { keepsCredentials, vaultOf } from '../evidence/known-readers.js';
import { parsed } from '../evidence/own-writes.js';
import { connectionBody, PIPELINE, pick, signInOf, workflowBody, type Estate } from './build-estate.js';
import type { Storm } from '../faults/fault.js';
import { someone, type Happening } from './people.js';
import type { Tenant } from './tenant.js';

/** Lets a playbook's own identity read the secrets of every vault: without that no connection is moved. */
export async function grantReading(world: Tenant, estate: Estate, workflow: string): Promise<void> {
  const objectId = valueAt(parsed(world.azure.read(workflowPath(workflow))), '/identity/principalId');
  if (typeof objectId !== 'string') return;
  const accessPolicies = [{ tenantId: world.azure.tenantId, objectId, permissions: { secrets: ['get'] } }];
  for (const vault of estate.vaults) {
    if (world.azure.read(vaultPath(vault)) === undefined) continue;
    await world.azure
      .as(PIPELINE)
      .put(`${vaultPath(vault)}/accessPolicies/add`, { properties: { accessPolicies } });
  }
}

/** What stands in the way of moving the connections is put right, as the findings say. */
export async function allowMoves(world: Tenant, estate: Estate): Promise<void> {
  for (const workflow of estate.workflows) await grantReading(world, estate, workflow);
  for (const name of estate.connections) {
    const old = parsed(world.azure.read(connectionPath(name)));
    const successor = world.azure.read(connectionPath(`${name}-mi`));
    if (!keepsCredentials(old) || successor === undefined) continue;
    if (keepsCredentials(parsed(successor)) || vaultOf(parsed(successor)) !== vaultOf(old))
      await world.azure.as(PIPELINE).delete(connectionPath(`${name}-mi`));
  }
}

/** What people do where connections are moved, besides what they do anyway. */
export const MOVE_HAPPENINGS: readonly Happening[] = [
  {
    name: 'lets a playbook read the vaults',
    act: (world, estate) => grantReading(world, estate, pick(world, estate.workflows)),
  },
  {
    name: 'points a playbook back',
    act: (world, { workflows, connections }) =>
      someone(world).put(
        workflowPath(pick(world, workflows)),
        workflowBody(world, withCredentials(connections), true),
      ),
  },
  {
    name: 'deletes a successor',
    act: (world, { connections }) =>
      someone(world).delete(connectionPath(`${withCredentials(connections)}-mi`)),
  },
  {
    name: 'makes a successor by hand',
    act: (world, { connections, vaults }) =>
      someone(world).put(
        connectionPath(`${withCredentials(connections)}-mi`),
        connectionBody(world, pick(world, vaults), 'managed-identity'),
      ),
  },
];

function withCredentials(connections: readonly string[]): string {
  return connections.find((name) => signInOf(name) === 'application') ?? '';
}

/** What somebody does to a successor at the very moment at which Holdfast makes it, or points a playbook at it. */
export function betweenMoves({ estate, random }: Pick<Storm<Tenant>, 'estate' | 'random'>): FaultRule {
  const path = connectionPath(`${withCredentials(estate.connections)}-mi`);
  const isMade = random.next() < 0.5;
  return {
    method: 'PUT',
    path: isMade ? path : '*/workflows/*',
    times: 1,
    action: {
      kind: 'somebody-else',
      as: 'mallory@contoso.com',
      method: 'DELETE',
      path,
      when: isMade || random.next() < 0.5 ? 'after' : 'before',
    },
  };
}
