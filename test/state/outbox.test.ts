import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NEW_TARGET, type Outbox } from '../../src/delivery/outbox.js';
import { digestOf } from '../../src/engine/record/record-digest.js';
import { createAuditLog } from '../../src/state/audit-log.js';
import { createDeliveryQueue } from '../../src/state/delivery-queue.js';
import { createOutbox } from '../../src/state/outbox.js';
import type { StorageAccount } from '../../src/state/storage-account.js';
import { recordId } from '../../src/engine/record/record-id.js';
import type { AuditRecord } from '../../src/types/record.js';
import { startAzurite, type Azurite } from './azurite.js';
import { aRecord } from './records.js';

let azurite: Azurite;
let account: StorageAccount;
let outbox: Outbox;
let now = new Date('2026-11-23T12:00:00.000Z');
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());
beforeEach(() => {
  account = azurite.newAccount();
  outbox = createOutbox(account, () => now);
  now = new Date('2026-11-23T12:00:00.000Z');
});

function recordAt(time: string, about: Partial<AuditRecord> = {}): AuditRecord {
  return aRecord({ id: recordId(new Date(time)), time, ...about });
}

async function onlyEntry() {
  const [entry, ...others] = await outbox.oldest('teams', 10);
  if (entry === undefined || others.length > 0) throw new Error(`There are ${others.length + 1}.`);
  return entry;
}

describe('the outbox', () => {
  test('is empty, and no target has a history, before anything was put in', async () => {
    expect(await outbox.oldest('teams', 10)).toEqual([]);
    expect(await outbox.state('teams')).toEqual(NEW_TARGET);
  });

  test('gives each target what was put in for it, the oldest first, over pages', async () => {
    const times = ['2026-11-23T11:00:00.000Z', '2026-11-23T09:00:00.000Z', '2026-11-23T10:00:00.500Z'];
    const records = times.map((time) => recordAt(time));
    await outbox.put(['teams', 'archive'], records);
    await outbox.put(['archive'], [recordAt('2026-11-23T12:00:00.000Z')]);
    const ids = (await outbox.oldest('teams', 10)).map(({ recordId: id }) => id);
    expect(ids).toEqual([records[1], records[2], records[0]].map((record) => record?.id));
    expect(await outbox.oldest('teams', 2)).toHaveLength(2);
    expect(await outbox.oldest('archive', 10)).toHaveLength(4);
    const many = Array.from({ length: 1203 }, (_, i) =>
      recordAt(new Date(Date.parse('2026-11-24T00:00:00.000Z') + i).toISOString()),
    );
    await outbox.put(['archive'], many);
    expect(await outbox.oldest('archive', 10_000)).toHaveLength(1207);
    expect(await outbox.oldest('archive', 1100)).toHaveLength(1100);
  });

  test('shares out what was put in for all targets, over what a target has of it, and once', async () => {
    const [known, other] = [recordAt('2026-11-23T09:00:00.000Z'), recordAt('2026-11-23T10:00:00.000Z')];
    await outbox.put(['teams'], [known]);
    const before = await onlyEntry();
    await outbox.put(['all-targets'], [known, other]);
    expect(await outbox.oldest('archive', 10)).toEqual([]);
    await outbox.shareOut(['teams', 'archive']);
    const archived = await outbox.oldest('archive', 10);
    expect(archived).toMatchObject([
      { recordId: known.id, digest: digestOf(known), putAt: now, run: null, resource: before.resource },
      { recordId: other.id },
    ]);
    // Whoever is delivering it has to look once more.
    await outbox.remove(before);
    expect(await outbox.oldest('teams', 10)).toHaveLength(2);
    for (const entry of archived) await outbox.remove(entry);
    await outbox.shareOut(['archive']);
    expect(await outbox.oldest('archive', 10)).toEqual([]);
  });

  test('says what is to be delivered, and of which run and resource it is', async () => {
    const sweep = recordAt('2026-11-23T11:00:00.000Z', { trigger: 'sweep', correlationId: 'run/1?' });
    const event = recordAt('2026-11-23T11:30:00.000Z', { resourceId: sweep.resourceId.toUpperCase() });
    await outbox.put(['teams'], [sweep, event]);
    const [first, second] = await outbox.oldest('teams', 10);
    expect(first).toMatchObject({ recordId: sweep.id, digest: digestOf(sweep), putAt: now });
    expect(first?.run).toMatch(/^[0-9a-f]{64}$/);
    expect(second?.run).toBeNull();
    expect(second?.resource).toBe(first?.resource);
  });

  test('knows a record by the same digest when it comes back from the audit log', async () => {
    const strange = recordAt('2026-11-23T11:00:00.000Z', {
      error: 'Ünal \u2028 😀 \ud83d "',
      edits: [
        {
          op: 'set',
          path: '/a',
          before: { b: 1, a: [null, 1.5, -0] },
          after: 'x'.repeat(40_000),
          reason: '',
        },
      ],
    });
    const audit = createAuditLog(account);
    await outbox.put(['teams'], [strange]);
    await audit.write([strange]);
    const found = await audit.find(strange.id);
    expect(digestOf(found)).toBe((await onlyEntry()).digest);
  });

  test('a state that is put in anew takes the place of the earlier one, and is not taken out with it', async () => {
    const record = recordAt('2026-11-23T11:00:00.000Z');
    await outbox.put(['teams'], [record]);
    const before = await onlyEntry();
    now = new Date('2026-11-23T12:30:00.000Z');
    await outbox.put(['teams'], [{ ...record, outcome: 'failed' }]);
    await outbox.remove(before);
    const after = await onlyEntry();
    expect(after).toMatchObject({ digest: digestOf({ ...record, outcome: 'failed' }), putAt: now });
    await outbox.remove(after);
    await outbox.remove(after);
    expect(await outbox.oldest('teams', 10)).toEqual([]);
  });

  test('the same state put in anew is not taken out with the earlier one either', async () => {
    const record = recordAt('2026-11-23T11:00:00.000Z');
    await outbox.put(['teams'], [record]);
    const before = await onlyEntry();
    await outbox.put(['teams'], [record]);
    await outbox.remove(before);
    expect(await outbox.oldest('teams', 10)).toHaveLength(1);
  });

  test('what is set aside is nobody’s to try, and can be found', async () => {
    const record = recordAt('2026-11-23T11:00:00.000Z');
    await outbox.put(['teams'], [record]);
    await outbox.setAside(await onlyEntry(), 'It is too large.');
    expect(await outbox.oldest('teams', 10)).toEqual([]);
    const row = await account
      .table('HoldfastOutbox')
      .getEntity('rejected-teams', `2026-11-23T11:00:00.000Z-${record.id}`);
    expect(row).toMatchObject({ recordId: record.id, why: 'It is too large.' });
    // By the clock of the storage account.
    const [before, after] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)];
    expect(await outbox.countSetAside('teams', before, 10)).toBe(1);
    expect(await outbox.countSetAside('teams', after, 10)).toBe(0);
    expect(await outbox.countSetAside('archive', before, 10)).toBe(0);
  });

  test('notes what was told, unless somebody else has noted something since', async () => {
    await outbox.put(['teams'], [recordAt('2026-11-23T11:00:00.000Z')]);
    const entry = await onlyEntry();
    expect(await outbox.told(entry)).toBeNull();
    const first = await outbox.noteTold(entry, 'one', null);
    expect(await outbox.told(entry)).toEqual({ digest: 'one', etag: first });
    expect(await outbox.noteTold(entry, 'two', null)).toBeNull();
    expect(await outbox.noteTold(entry, 'two', first)).not.toBeNull();
    expect(await outbox.noteTold(entry, 'three', first)).toBeNull();
    expect(await outbox.told(entry)).toMatchObject({ digest: 'two' });
    // It is not among what waits.
    expect(await outbox.oldest('teams', 10)).toHaveLength(1);
  });

  test('forgets what was told and set aside before a time, and nothing that waits', async () => {
    const records = [recordAt('2026-11-23T11:00:00.000Z'), recordAt('2026-11-23T11:01:00.000Z')];
    await outbox.put(['teams', 'all-targets'], records);
    const [told, aside] = await outbox.oldest('teams', 2);
    if (told === undefined || aside === undefined) throw new Error('They are not there.');
    await outbox.noteTold(told, 'one', null);
    await outbox.setAside(aside, 'why');
    await outbox.forgetBefore(new Date(Date.now() - 3_600_000));
    expect(await outbox.told(told)).not.toBeNull();
    expect(await partition('rejected-teams')).toHaveLength(1);
    expect(await partition('all-targets')).toHaveLength(2);
    await outbox.forgetBefore(new Date(Date.now() + 3_600_000));
    expect(await outbox.told(told)).toBeNull();
    expect(await partition('rejected-teams')).toEqual([]);
    // No app with targets came for it.
    expect(await partition('all-targets')).toEqual([]);
    expect(await outbox.oldest('teams', 2)).toHaveLength(1);
  });

  test('keeps how a target has fared', async () => {
    const state = {
      failures: 3,
      failingSince: new Date('2026-11-23T12:50:00.000Z'),
      lastError: 'Teams answered 404.',
      notBefore: new Date('2026-11-23T13:00:00.000Z'),
      wakeAt: null,
    };
    await outbox.saveState('teams', state);
    expect(await outbox.state('teams')).toEqual(state);
    expect(await outbox.state('archive')).toEqual(NEW_TARGET);
  });

  test('reads how a target has fared as earlier versions have noted it', async () => {
    const row = { partitionKey: 'state', rowKey: 'archive', v: 1, failures: 2, notBefore: '', wakeAt: '' };
    await outbox.saveState('archive', NEW_TARGET);
    await account.table('HoldfastOutbox').upsertEntity(row, 'Replace');
    expect(await outbox.state('archive')).toEqual({ ...NEW_TARGET, failures: 2 });
  });

  test('leaves alone what a newer Holdfast has put in', async () => {
    const record = recordAt('2026-11-23T11:00:00.000Z');
    await outbox.put(['teams'], [record]);
    await account
      .table('HoldfastOutbox')
      .upsertEntity({ partitionKey: 'teams', rowKey: '2026-11-23T10', v: 2, recordId: 'x' });
    expect((await onlyEntry()).recordId).toBe(record.id);
  });
});

test('a request to deliver goes to a queue of its own, as the Functions host reads it', async () => {
  await createDeliveryQueue(account).send({ v: 1, target: null, wakeAt: null }, 0);
  const { receivedMessageItems } = await account.queue('deliver').receiveMessages();
  const texts = receivedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString());
  expect(texts.map((text) => JSON.parse(text) as unknown)).toEqual([{ v: 1, target: null, wakeAt: null }]);
});

async function partition(partitionKey: string): Promise<readonly unknown[]> {
  const filter = `PartitionKey eq '${partitionKey}'`;
  const rows: unknown[] = [];
  for await (const row of account.table('HoldfastOutbox').listEntities({ queryOptions: { filter } }))
    rows.push(row);
  return rows;
}
