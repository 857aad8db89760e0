import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_MEMORY, type Memory, type ResourceMemory } from '../../src/engine/ports/memory.js';
import { NewerVersionError } from '../../src/engine/ports/stored.js';
import { createMemory } from '../../src/state/memory.js';
import type { StorageAccount } from '../../src/state/storage-account.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { startAzurite, type Azurite } from './azurite.js';
import { SUBSCRIPTION, vaultIdOf } from './records.js';

let azurite: Azurite;
let account: StorageAccount;
let memory: Memory;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  account = azurite.newAccount();
  memory = createMemory(account);
});

const ID = parseResourceId(vaultIdOf('kv-one'));

function aMemory(rules: number, workflows: number): ResourceMemory {
  const workflowIds = Array.from(
    { length: workflows },
    (_, i) =>
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Logic/workflows/read-${i}`,
  );
  return {
    ownedRules: Array.from({ length: rules }, (_, i) => ({
      value: `13.69.${i}.0/28`,
      workflowIds,
      addedAt: '2026-01-02T03:04:05.678Z',
      unneededSince: i % 2 === 0 ? null : '2026-02-03T04:05:06.789Z',
    })),
    temporaryRules: [
      {
        value: '198.51.100.9/32',
        until: '2026-11-25T08:00:00.000Z',
        addedAt: '2026-11-25T06:00:00.000Z',
        by: null,
      },
    ],
    knownGood: {
      seenAt: '2026-01-02T03:04:05.678Z',
      networkAcls: {
        defaultAction: 'Deny',
        bypass: 'None',
        ipRules: [{ value: '1.2.3.4' }],
        futureField: [null, 1.5],
      },
    },
    recorded: { 'vault-firewall:planned': 'abc', __proto__x: 'й' },
    surroundings: null,
    arrivedOpen: ['203.0.113.7/32'],
    exposures: [],
    editHistory: [
      {
        edit: '0123456789abcdef01234567',
        appliedAt: ['2026-01-02T03:04:05.678Z'],
        revertedBy: { id: 'a', name: 'pipeline', ip: null },
        pause: {
          since: '2026-01-02T03:04:05.678Z',
          until: '2026-01-02T04:04:05.678Z',
          count: 1,
          recordId: 'r-1',
        },
      },
    ],
    lastWriteAt: '2026-01-02T03:04:05.6789012Z',
  };
}

describe('memory', () => {
  test.each([
    ['before the first resource is remembered', false],
    ['of a resource that is not the one remembered', true],
  ])('is empty %s', async (_name, isAnother) => {
    if (isAnother) await memory.write(parseResourceId(vaultIdOf('kv-two')), aMemory(1, 1));
    await expect(memory.read(ID)).resolves.toEqual(NO_MEMORY);
  });

  test('says when it was written; nothing, where it never was', async () => {
    await expect(memory.readDated(ID)).resolves.toEqual({ memory: NO_MEMORY, writtenAt: null });
    const before = Date.now();
    await memory.write(ID, aMemory(1, 1));
    const { writtenAt } = await memory.readDated(ID);
    expect(writtenAt?.getTime()).toBeGreaterThanOrEqual(before);
    expect(writtenAt?.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test.each([
    ['nothing', NO_MEMORY],
    ['a few rules', aMemory(3, 2)],
    ['the rules of a vault that 500 workflows read', aMemory(40, 500)],
  ])('of %s comes back whole', async (_name, remembered) => {
    await memory.write(ID, remembered);
    await expect(memory.read(ID)).resolves.toStrictEqual(remembered);
    await expect(memory.readDated(ID)).resolves.toMatchObject({ memory: remembered });
  });

  test('is the same however the id is spelled', async () => {
    await memory.write(ID, aMemory(1, 1));
    await expect(memory.read(parseResourceId(ID.id.toUpperCase()))).resolves.toEqual(aMemory(1, 1));
  });

  test('a later memory takes the place of an earlier one, also of a longer one', async () => {
    await memory.write(ID, aMemory(40, 500));
    await memory.write(ID, aMemory(1, 1));
    await expect(memory.read(ID)).resolves.toStrictEqual(aMemory(1, 1));
  });

  test('takes a resource group in another script', async () => {
    const id = parseResourceId(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/Größe_資源/providers/Microsoft.KeyVault/vaults/kv-one`,
    );
    await memory.write(id, aMemory(1, 1));
    await expect(memory.read(id)).resolves.toStrictEqual(aMemory(1, 1));
  });

  test('that an earlier version wrote lacks nothing: what it did not know of is empty', async () => {
    const { editHistory, exposures, ...earlier } = aMemory(1, 1);
    expect([editHistory, exposures].flat()).not.toEqual([]);
    await memory.write(ID, earlier as ResourceMemory);
    await expect(memory.read(ID)).resolves.toStrictEqual({ ...earlier, editHistory: [], exposures: [] });
  });

  test('of a newer version is an error, so that nobody writes over it', async () => {
    await memory.write(ID, aMemory(1, 1));
    const table = account.table('HoldfastMemory');
    for await (const row of table.listEntities()) {
      const { partitionKey = '', rowKey = '' } = row;
      await table.updateEntity({ partitionKey, rowKey, v: 2 }, 'Merge');
    }
    await expect(memory.read(ID)).rejects.toThrow(NewerVersionError);
  });

  test('first writes at once make one table and lose nothing', async () => {
    const ids = Array.from({ length: 10 }, (_, i) => parseResourceId(vaultIdOf(`kv-${i}`)));
    await Promise.all(ids.map((id, i) => createMemory(account).write(id, aMemory(i, 1))));
    const read = await Promise.all(ids.map((id) => memory.read(id)));
    expect(read).toEqual(ids.map((_, i) => aMemory(i, 1)));
  });
});
