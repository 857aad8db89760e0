import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createEngine } from '../../src/engine/engine.js';
import type { ResourceId } from '../../src/types/resource-id.js';
import { fakeWorld, vaultId, workflowId } from './fake-world.js';

const STORAGE_MS = 10;
const AZURE_MS = 100;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const taking = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Every function of a port takes as long. */
function slowed<T extends object>(port: T, ms: number): T {
  return new Proxy(port, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== 'function') return value;
      return async (...given: unknown[]): Promise<unknown> => {
        await taking(ms);
        return (value as (...given: unknown[]) => unknown).apply(target, given);
      };
    },
  });
}

/** When the first write goes out after an event, in milliseconds. */
async function timeOfWrite(world: ReturnType<typeof fakeWorld>, id: ResourceId): Promise<number> {
  const { deps } = world;
  const startedAt = Date.now();
  const writtenAt: number[] = [];
  const engine = createEngine({
    ...deps,
    audit: slowed(deps.audit, STORAGE_MS),
    memory: slowed(deps.memory, STORAGE_MS),
    readers: slowed(deps.readers, STORAGE_MS),
    standings: slowed(deps.standings, STORAGE_MS),
    changes: slowed(deps.changes, STORAGE_MS),
    leases: {
      ...deps.leases,
      async withLease(...given) {
        await taking(STORAGE_MS);
        return deps.leases.withLease(...given);
      },
    },
    reader: slowed(deps.reader, AZURE_MS),
    writer: new Proxy(deps.writer, {
      get(target, name, receiver) {
        if (name === 'patchVault' || name === 'putWorkflow') writtenAt.push(Date.now() - startedAt);
        return Reflect.get(target, name, receiver) as unknown;
      },
    }),
  });
  const handled = engine.handleChange({
    id,
    time: null,
    actor: null,
    correlationId: null,
    isOfSurroundings: false,
  });
  handled.catch(() => undefined);
  for (let ms = 0; ms < 1000 && writtenAt.length === 0; ms += 10) await vi.advanceTimersByTimeAsync(10);
  return writtenAt[0] ?? NaN;
}

test('a vault is written after two round trips to storage and the read', async () => {
  const world = fakeWorld();
  world.vaults.set(vaultId().name, vaultId());
  world.put(vaultId(), {
    id: vaultId().id,
    location: 'westeurope',
    properties: {
      enableSoftDelete: true,
      enablePurgeProtection: true,
      networkAcls: { bypass: 'None', defaultAction: 'Allow' },
    },
  });
  expect(await timeOfWrite(world, vaultId())).toBe(2 * STORAGE_MS + AZURE_MS);
});

test('so is a workflow whose action stood open, with the connection that it named before', async () => {
  const world = fakeWorld();
  const connectionId = `/subscriptions/${workflowId().subscriptionId}/resourceGroups/rg/providers/Microsoft.Web/connections/kv`;
  const api = `/subscriptions/${workflowId().subscriptionId}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`;
  world.connections.set(connectionId.toLowerCase(), { apiId: api.toLowerCase(), vaultName: 'kv-one' });
  world.workflows.set(workflowId().key, {
    workflowId: workflowId().id,
    connectionIds: [connectionId.toLowerCase()],
    reads: [],
    handsSecretTo: [],
    returnsSecret: false,
  } as never);
  world.put(workflowId(), {
    id: workflowId().id,
    location: 'westeurope',
    properties: {
      state: 'Enabled',
      parameters: {
        $connections: { value: { keyvault: { connectionId, id: api, connectionName: 'kv' } } },
      },
      definition: {
        parameters: { $connections: { type: 'Object', defaultValue: {} } },
        triggers: { manual: { type: 'Request', kind: 'Http' } },
        actions: {
          Get_secret: {
            type: 'ApiConnection',
            inputs: {
              host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
              method: 'get',
              path: "/secrets/@{encodeURIComponent('token')}/value",
            },
            runAfter: {},
          },
        },
      },
    },
  });
  expect(await timeOfWrite(world, workflowId())).toBe(2 * STORAGE_MS + AZURE_MS);
});
