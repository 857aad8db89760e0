import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReaderIndex } from '../../src/state/reader-index.js';
import type { StorageAccount } from '../../src/state/storage-account.js';
import type { WorkflowReads } from '../../src/types/observation.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { connect, startAzurite, type Azurite } from './azurite.js';
import { FORBIDDEN, FORWARD, startProxy } from './proxy.js';
import { SUBSCRIPTION } from './records.js';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

const ID = parseResourceId(
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/Rg/providers/Microsoft.Logic/workflows/one`,
);

function reading(vaults: readonly (string | null)[], about: Partial<WorkflowReads> = {}): WorkflowReads {
  return {
    workflowId: ID.id,
    connectionIds: vaults.map((vault) => `/connections/${vault ?? 'unknown'}`),
    reads: vaults.map((vaultName) => ({
      vaultName,
      via: 'connector',
      signIn: { kind: 'unknown' },
      uses: [],
      hasUnknownUse: false,
      addresses: [`for ${vaultName ?? '?'}`],
    })),
    isEnabled: true,
    returnsSecret: false,
    handsSecretTo: [],
    calls: [],
    listed: true,
    ...about,
  };
}

const OLD = reading(['kv-old', 'kv-both', null]);
const NEW = reading(['kv-new', 'kv-both']);
const THIRD = reading(['kv-third'], { listed: false });
const MOVED = { ...OLD, reads: OLD.reads.map((read) => ({ ...read, addresses: ['moved'] })) };

/** All rows, without what differs from one write to the next. */
async function rowsOf(account: StorageAccount): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for await (const { etag, timestamp, ...row } of account.table('HoldfastReaders').listEntities()) {
    expect([etag, timestamp]).not.toContain(undefined);
    rows.push(row);
  }
  return rows;
}

const rowsByReads = new Map<string, Promise<readonly unknown[]>>();

/** The rows of an index that has never known anything else. */
function rowsAfterOnly(reads: WorkflowReads): Promise<readonly unknown[]> {
  const key = JSON.stringify(reads);
  const rows = rowsByReads.get(key) ?? saveAlone(reads);
  rowsByReads.set(key, rows);
  return rows;
}

async function saveAlone(reads: WorkflowReads): Promise<readonly unknown[]> {
  const account = azurite.newAccount();
  await createReaderIndex(account).saveWorkflow(ID, reads);
  return rowsOf(account);
}

/** An index that has saved `before`, seen by an instance that dies after so many more writes. */
async function dyingInstance(before: WorkflowReads | null) {
  let writesLeft = Infinity;
  const proxy = await startProxy(azurite.endpoints.table, ({ method }) => {
    if (method === 'GET') return FORWARD;
    writesLeft -= 1;
    return writesLeft < 0 ? FORBIDDEN : FORWARD;
  });
  const through = azurite.newConnectionString({ table: proxy.url });
  const account = connect(through.replace(proxy.url, azurite.endpoints.table));
  if (before !== null) await createReaderIndex(account).saveWorkflow(ID, before);
  return {
    account,
    index: createReaderIndex(account),
    dieAfter: async (
      writes: number,
      work: (dying: ReturnType<typeof createReaderIndex>) => Promise<void>,
    ) => {
      writesLeft = writes;
      return work(createReaderIndex(connect(through))).then(
        () => 'lived' as const,
        () => 'died' as const,
      );
    },
    stop: () => proxy.stop(),
  };
}

const changes: readonly [string, WorkflowReads | null, WorkflowReads][] = [
  ['saved for the first time', null, NEW],
  ['other vaults and connections', OLD, NEW],
  ['fewer of them', OLD, reading([])],
  ['other addresses alone', OLD, MOVED],
  ['reads that it had twice', reading(['kv-a', 'kv-b', 'kv-a']), reading(['kv-a'])],
  ['no longer listed', OLD, { ...OLD, listed: false }],
];

describe.each(changes)('a save of %s that dies', (_name, before, after) => {
  test('after any of its writes is repaired by the next save of the same, of the earlier or of another', async () => {
    for (const next of [after, before ?? THIRD, THIRD]) {
      const wanted = await rowsAfterOnly(next);
      for (let writes = 0, end = 'died'; end === 'died'; writes += 1) {
        const instance = await dyingInstance(before);
        end = await instance.dieAfter(writes, (dying) => dying.saveWorkflow(ID, after));
        await instance.index.saveWorkflow(ID, next);
        expect(await rowsOf(instance.account)).toEqual(wanted);
        await instance.stop();
      }
    }
  });

  test('leaves nothing that a sweep would find unchanged while rows are missing, and no vault without a reader it keeps', async () => {
    const kept = (before?.reads ?? []).filter(({ vaultName }) =>
      after.reads.some((read) => read.vaultName === vaultName),
    );
    for (let writes = 0, end = 'died'; end === 'died'; writes += 1) {
      const instance = await dyingInstance(before);
      const { index, account } = instance;
      end = await instance.dieAfter(writes, (dying) => dying.saveWorkflow(ID, after));
      const known = await index.workflow(ID);
      const found = [before, after].find((reads) => JSON.stringify(reads) === JSON.stringify(known));
      if (found) expect(await rowsOf(account)).toEqual(await rowsAfterOnly(found));
      // So that a sweep that does not list it any more has something to save.
      else expect(known?.listed ?? true).toBe(true);
      if (end === 'lived') expect(found).toBe(after);
      for (const { vaultName } of kept) {
        expect(
          vaultName === null ? await index.unresolvedReaders() : await index.readersOf(vaultName),
        ).toHaveLength(1);
      }
      await instance.stop();
    }
  });
});

test('what a save that died has left may be saved as it is', async () => {
  for (const writes of [1, 3, 6]) {
    const { account, index, dieAfter, stop } = await dyingInstance(OLD);
    expect(await dieAfter(writes, (dying) => dying.saveWorkflow(ID, NEW))).toBe('died');
    const known = await index.workflow(ID);
    if (known === null) throw new Error('It was known before.');
    await index.saveWorkflow(ID, known);
    expect(await rowsOf(account)).toEqual(await rowsAfterOnly(known));
    await stop();
  }
});

describe('two saves that die one after the other', () => {
  test('leave nothing that a sweep would find unchanged while rows are missing, and are repaired', async () => {
    const wanted = await rowsAfterOnly(OLD);
    const ends = new Set<string>();
    for (const [first, second] of [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n, 7 - n] as const)) {
      const instance = await dyingInstance(OLD);
      ends.add(await instance.dieAfter(first, (dying) => dying.saveWorkflow(ID, NEW)));
      ends.add(await instance.dieAfter(second, (dying) => dying.saveWorkflow(ID, THIRD)));
      const known = await instance.index.workflow(ID);
      const rows = await rowsOf(instance.account);
      for (const observed of [OLD, NEW, THIRD]) {
        if (JSON.stringify(known) !== JSON.stringify(observed)) continue;
        expect(rows).toEqual(await rowsAfterOnly(observed));
      }
      await instance.index.saveWorkflow(ID, OLD);
      expect(await rowsOf(instance.account)).toEqual(wanted);
      await instance.stop();
    }
    expect(ends).toContain('died');
  });
});

describe('forgetting that dies', () => {
  test('after any of its writes can be done again, and leaves nothing', async () => {
    for (let writes = 0, end = 'died'; end === 'died'; writes += 1) {
      const instance = await dyingInstance(OLD);
      end = await instance.dieAfter(writes, (dying) => dying.forgetWorkflow(ID));
      await instance.index.forgetWorkflow(ID);
      expect(await rowsOf(instance.account)).toEqual([]);
      await instance.stop();
    }
  });

  test('after any of its writes is undone by a save', async () => {
    const wanted = await rowsAfterOnly(OLD);
    for (let writes = 0, end = 'died'; end === 'died'; writes += 1) {
      const instance = await dyingInstance(OLD);
      end = await instance.dieAfter(writes, (dying) => dying.forgetWorkflow(ID));
      await instance.index.saveWorkflow(ID, OLD);
      expect(await rowsOf(instance.account)).toEqual(wanted);
      await instance.stop();
    }
  });
});

describe('saves at once', () => {
  test('end as if one had been the last', async () => {
    const outcomes = await Promise.all(
      [OLD, NEW, THIRD].map(async (reads) => JSON.stringify(await rowsAfterOnly(reads))),
    );
    for (let round = 0; round < 10; round += 1) {
      const connectionString = azurite.newConnectionString();
      const saves = [OLD, NEW, THIRD].map((reads) =>
        createReaderIndex(connect(connectionString)).saveWorkflow(ID, reads),
      );
      await Promise.all(saves);
      expect(outcomes).toContain(JSON.stringify(await rowsOf(connect(connectionString))));
    }
  });
});
