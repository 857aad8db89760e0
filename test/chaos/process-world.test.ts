import { TableClient } from '@azure/data-tables';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildEstate } from '../../chaos/estate/build-estate.js';
import { aclsOf } from '../../chaos/estate/in-between.js';
import { ownWrites } from '../../chaos/evidence/own-writes.js';
import { INVARIANTS } from '../../chaos/invariants/index.js';
import { createProcessWorld, type ProcessWorld } from '../../chaos/tier-two/process-world.js';
import { vaultPath } from '../../demo/estate.js';
import { startAzurite, type Azurite } from '../../local-host/azurite.js';

let azurite: Azurite;
let world: ProcessWorld;

beforeAll(async () => {
  azurite = await startAzurite();
  world = await createProcessWorld(1, azurite.connectionString, {});
  await buildEstate(world, { vaults: 1, workflows: 1, connections: 1 });
  await world.start();
  const endpoint = 'https://host.chaos/runtime/webhooks/eventgrid?functionName=resourceChanged';
  await world.azure.subscribeEvents({ endpoint });
});
afterAll(async () => {
  await world.close();
  await azurite.close();
});

async function violated(): Promise<readonly string[]> {
  const evidence = await world.evidence();
  return INVARIANTS.flatMap((invariant) => invariant(evidence)).map(({ invariant }) => invariant);
}

describe('the app in processes of its own', () => {
  it('is given what happened while no process was there, once there is one', async () => {
    expect(await world.sweep()).toBeNull();
    await world.untilSettled();
    await Promise.all(world.hosts.map((host) => world.kill(host)));
    const before = ownWrites(await world.evidence()).length;
    const networkAcls = { ...aclsOf(world, 'kv-1'), defaultAction: 'Allow' };
    await world.azure.as('alice@contoso.com').patch(vaultPath('kv-1'), { properties: { networkAcls } });
    expect(aclsOf(world, 'kv-1')).toMatchObject({ defaultAction: 'Allow' });
    await world.start();
    await world.untilSettled();
    expect(aclsOf(world, 'kv-1')).toMatchObject({ defaultAction: 'Deny' });
    expect(ownWrites(await world.evidence()).length).toBeGreaterThan(before);
  });

  it('is judged by what is in its storage account', async () => {
    expect(await violated()).toEqual([]);
    const insecure = { allowInsecureConnection: true };
    const audit = TableClient.fromConnectionString(azurite.connectionString, 'HoldfastAudit', insecure);
    for await (const { partitionKey, rowKey } of audit.listEntities())
      await audit.deleteEntity(partitionKey ?? '', rowKey ?? '');
    expect(await violated()).toContain('recorded-once');
  });
});
