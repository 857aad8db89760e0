import { InvocationContext } from '@azure/functions';
import type { EngineDeps } from '../../src/engine/engine-deps.js';
import { createEngine } from '../../src/engine/engine.js';
import type { ResourceId } from '../../src/types/resource-id.js';
import { isInScope } from '../../src/types/scope.js';
import { fakeWorld, vaultId, workflowId } from '../engine/fake-world.js';

/** The engine over maps, with an open vault and a workflow in scope; whatever is asked of Azure is noted, with its id. */
export function guardedWorld() {
  const world = fakeWorld();
  const touched: ResourceId[] = [];
  const noting = <T extends object>(port: T): T =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]) => [
        name,
        (...args: readonly unknown[]): unknown => {
          const [id] = args;
          if (typeof id === 'object' && id !== null && 'key' in id) touched.push(id as ResourceId);
          return (method as (...args: readonly unknown[]) => unknown)(...args);
        },
      ]),
    ) as T;
  const deps: EngineDeps = {
    ...world.deps,
    reader: noting(world.deps.reader),
    writer: noting(world.deps.writer),
  };
  world.put(vaultId(), openVault());
  world.put(workflowId(), { id: workflowId().id, properties: { definition: { actions: {} } } });
  const logged: string[] = [];
  const context = new InvocationContext({
    functionName: 'fuzz',
    invocationId: 'fuzz',
    logHandler: (_level, ...args) => void logged.push(args.map(String).join(' ')),
  });
  return {
    ...world,
    deps,
    engine: createEngine(deps),
    context,
    logged,
    touched,
    /** What was asked for outside of the scopes: nothing ever. */
    strayed: () => touched.filter((id) => !isInScope(id, deps.policy.scopes)).map(({ id }) => id),
    /** All that anybody gets to read: logs, records, messages. */
    told: () => JSON.stringify([logged, world.history, world.queue, world.poison]),
  };
}

export type GuardedWorld = ReturnType<typeof guardedWorld>;

export function openVault(name = 'kv-one') {
  return {
    id: vaultId(name).id,
    name,
    location: 'westeurope',
    type: 'Microsoft.KeyVault/vaults',
    tags: { team: 'soc' },
    systemData: { lastModifiedBy: 'somebody', lastModifiedAt: '2026-11-23T11:59:59Z' },
    properties: {
      tenantId: '22222222-2222-4333-8444-555555555555',
      sku: { family: 'A', name: 'standard' },
      enableSoftDelete: true,
      accessPolicies: [],
      publicNetworkAccess: 'Enabled',
      networkAcls: {
        bypass: 'AzureServices',
        defaultAction: 'Allow',
        ipRules: [{ value: '198.51.100.7/32' }],
        virtualNetworkRules: [],
      },
    },
  };
}
