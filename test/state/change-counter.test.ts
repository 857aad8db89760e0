import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NewerVersionError } from '../../src/engine/ports/stored.js';
import { createChangeCounter } from '../../src/state/change-counter.js';
import type { StorageAccount } from '../../src/state/storage-account.js';
import { createSweepTotals } from '../../src/state/sweep-totals.js';
import { startAzurite, type Azurite } from './azurite.js';

let azurite: Azurite;
let account: StorageAccount;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  account = azurite.newAccount();
});

const HOUR = { kind: 'hour' } as const;
const run = (correlationId: string) => ({ kind: 'sweep', correlationId }) as const;
const NOON = Date.parse('2026-11-26T12:00:00Z');

const rowsOf = async (): Promise<string[]> => {
  const rows: string[] = [];
  for await (const row of account.table('HoldfastChanges').listEntities<{ slots: string }>())
    rows.push(row.slots);
  return rows.sort();
};

/** The account as it is to a client that sends a write again whose answer was lost: the second time, the row has changed. */
function losingOneAnswer(): StorageAccount & { loseNext: () => void } {
  let isLost = false;
  const loseNext = (): void => {
    isLost = true;
  };
  const table: StorageAccount['table'] = (name) => {
    const client = account.table(name);
    const update = client.updateEntity.bind(client);
    client.updateEntity = async (...given) => {
      const answer = await update(...given);
      if (!isLost) return answer;
      isLost = false;
      return update(...given);
    };
    return client;
  };
  return { ...account, table, loseNext };
}

describe('the count of changes', () => {
  test('is what it was where the answer to a give-back is lost', async () => {
    const losing = losingOneAnswer();
    const counter = createChangeCounter(losing);
    const [first] = [await counter.take(run('a'), 3), await counter.take(run('a'), 3)];
    losing.loseNext();
    if (first.kind === 'granted') await counter.giveBack(first.place);
    expect(await rowsOf()).toEqual(['0:1']);
  });

  test('is exact over instances that all count at once', async () => {
    const instances = Array.from({ length: 6 }, () => createChangeCounter(account));
    const asked = instances.flatMap((instance) =>
      Array.from({ length: 20 }, () => instance.take(run('a'), 50)),
    );
    const answers = await Promise.all(asked);
    expect(answers.filter(({ kind }) => kind === 'granted')).toHaveLength(50);
    for (const answer of answers) if (answer.kind === 'denied') expect(answer.made).toBe(50);
    expect(await rowsOf()).toEqual(['0:50']);
  });

  test('is one for each run of the sweep, and one for events', async () => {
    const counter = createChangeCounter(account);
    for (const window of [run('a'), run('b'), HOUR]) {
      expect((await counter.take(window, 1)).kind).toBe('granted');
      expect(await counter.take(window, 1)).toEqual({ kind: 'denied', made: 1 });
    }
  });

  test('of events has room again once the hour has passed', async () => {
    let now = NOON;
    const counter = createChangeCounter(account, () => now);
    expect((await counter.take(HOUR, 1)).kind).toBe('granted');
    now += 60 * 60_000;
    expect((await counter.take(HOUR, 1)).kind).toBe('denied');
    now += 2 * 60_000;
    expect((await counter.take(HOUR, 1)).kind).toBe('granted');
  });

  test('lets others have what was given back, also on another instance that knows of none left', async () => {
    const [one, other] = [createChangeCounter(account), createChangeCounter(account)];
    const taken = await one.take(HOUR, 1);
    expect((await other.take(HOUR, 1)).kind).toBe('denied');
    if (taken.kind === 'granted') await one.giveBack(taken.place);
    expect((await other.take(HOUR, 1)).kind).toBe('granted');
  });

  test('once read costs one write', async () => {
    const calls: string[] = [];
    const counter = createChangeCounter(account);
    await counter.take(HOUR, 9);
    const table = account.table('HoldfastChanges');
    const [get, update] = [table.getEntity.bind(table), table.updateEntity.bind(table)];
    table.getEntity = (...args) => {
      calls.push('GET');
      return get(...args);
    };
    table.updateEntity = (...args) => {
      calls.push('PUT');
      return update(...args);
    };
    await counter.take(HOUR, 9);
    const fresh = createChangeCounter(account);
    await fresh.prepare(HOUR);
    await fresh.take(HOUR, 9);
    expect(calls).toEqual(['PUT', 'GET', 'PUT']);
  });

  test('says nothing where the storage account does not', async () => {
    const counter = createChangeCounter(azurite.newAccount({ table: 'http://127.0.0.1:9' }));
    await expect(counter.prepare(HOUR)).rejects.toThrow();
    await expect(counter.take(HOUR, 9)).rejects.toThrow();
  }, 20_000);

  test('of a newer version is an error, so that nobody counts past it', async () => {
    await createChangeCounter(account).take(HOUR, 9);
    const table = account.table('HoldfastChanges');
    await table.updateEntity({ partitionKey: 'events', rowKey: 'hour', v: 2 }, 'Merge');
    await expect(createChangeCounter(account).take(HOUR, 9)).rejects.toThrow(NewerVersionError);
  });

  test('of runs that are long over is forgotten when another begins', async () => {
    let now = NOON;
    const counter = createChangeCounter(account, () => now);
    await counter.take(run('old'), 9);
    await counter.take(run('old'), 9);
    now += 8 * 86_400_000;
    await counter.take(run('new'), 9);
    await expect.poll(rowsOf).toEqual(['0:1']);
  });
});

describe('the totals of the last complete sweep', () => {
  test('are by subscription, and the latest of each', async () => {
    const totals = createSweepTotals(account);
    expect(await totals.read()).toEqual(new Map());
    await totals.save('AAAA', 3);
    await totals.save('bbbb', 4);
    await totals.save('aaaa', 5);
    expect(await totals.read()).toEqual(
      new Map([
        ['aaaa', 5],
        ['bbbb', 4],
      ]),
    );
  });

  test('that another instance saved are read within a minute', async () => {
    let now = NOON;
    const totals = createSweepTotals(account, () => now);
    expect(await totals.read()).toEqual(new Map());
    await createSweepTotals(account).save('aaaa', 5);
    now += 60_000;
    expect(await totals.read()).toEqual(new Map([['aaaa', 5]]));
  });

  test('that cannot be read are asked for again', async () => {
    const totals = createSweepTotals(azurite.newAccount({ table: 'http://127.0.0.1:9' }));
    await expect(totals.read()).rejects.toThrow();
    await expect(totals.read()).rejects.toThrow();
  }, 20_000);
});
