import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AUDIT_COLUMNS, AUDIT_STREAM, auditRow } from '../../src/delivery/audit-columns.js';
import { createLogAnalytics } from '../../src/delivery/log-analytics.js';
import type { DeliveryTarget } from '../../src/delivery/target.js';
import type { AuditRecord } from '../../src/types/record.js';
import { aRecord } from '../state/records.js';
import { expectNothingOf, failureOf, NEVER, overSimulator, type OverSimulator } from './over-simulator.js';

const RULE =
  '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg/providers/Microsoft.Insights/dataCollectionRules/records';
const DELIVERED_AT = new Date('2026-11-26T12:00:00.000Z');

let world: OverSimulator;
let target: DeliveryTarget;
const targetFor = (ruleId: string): DeliveryTarget =>
  createLogAnalytics(
    world.credential,
    world.http,
    { endpoint: world.simulator.ingestionUrl, ruleId },
    () => DELIVERED_AT,
  );
beforeAll(async () => {
  world = await overSimulator();
  const { immutableId } = world.simulator.azure.ingestion.addRule(RULE, { [AUDIT_STREAM]: AUDIT_COLUMNS });
  target = targetFor(immutableId);
});
afterAll(() => world.simulator.close());
beforeEach(() => {
  const { ingestion, faults, journal } = world.simulator.azure;
  ingestion.clear();
  faults.clear();
  journal.clear();
});

const arrived = () => world.simulator.azure.ingestion.rows(AUDIT_STREAM);
const requests = () => world.simulator.azure.journal.requests({ endpoint: 'ingestion' });
const sized = (length: number): AuditRecord =>
  aRecord({
    edits: [{ op: 'set', path: '/x', before: null, after: 'x'.repeat(length), reason: 'It is open.' }],
  });

describe('the columns', () => {
  test('are those of a row, in the same order', () => {
    expect(Object.keys(auditRow(aRecord(), DELIVERED_AT))).toEqual(AUDIT_COLUMNS.map(({ name }) => name));
  });

  test('have names and types that a custom table can have', () => {
    // https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview#supported-tables
    const reserved = ['_ResourceId', 'id', '_SubscriptionId', 'TenantId', 'Type', 'UniqueId', 'Title'];
    for (const { name, type } of AUDIT_COLUMNS) {
      expect(name).toMatch(/^[A-Za-z]\w{0,44}$/);
      expect(reserved).not.toContain(name);
      expect(['datetime', 'string', 'dynamic', 'long']).toContain(type);
    }
  });
});

describe('what arrives', () => {
  test('is one row for each record, in order, with every column filled that has a value', async () => {
    const record = aRecord({
      warnings: ['One.', 'Two.'],
      error: 'It failed.',
      armRequestId: 'arm-1',
      durationMs: 12.6,
      actor: { id: 'object-id', name: 'mallory@contoso.com', ip: '203.0.113.7' },
    });
    await target.deliver([record, aRecord({ actor: null })], NEVER);
    expect(arrived()).toMatchObject([
      {
        TimeGenerated: record.time,
        RecordId: record.id,
        WriteId: record.writeId,
        CorrelationId: record.correlationId,
        Trigger: 'event',
        Outcome: 'applied',
        Mode: 'enforce',
        Remediator: 'vault-firewall',
        ResourceId: record.resourceId,
        ActorId: 'object-id',
        ActorName: 'mallory@contoso.com',
        ActorIp: '203.0.113.7',
        Edits: JSON.stringify(record.edits),
        Warnings: '["One.","Two."]',
        Error: 'It failed.',
        ArmRequestId: 'arm-1',
        DurationMs: 13,
        DeliveredAt: '2026-11-26T12:00:00.000Z',
      },
      { ActorId: null, ActorName: null, ActorIp: null, Error: null },
    ]);
    expect(requests()).toHaveLength(1);
  });

  test('comes in requests that are not too large', async () => {
    const records = Array.from({ length: 100 }, () => sized(40_000));
    await target.deliver(records, NEVER);
    expect(arrived().map(({ RecordId }) => RecordId)).toEqual(records.map(({ id }) => id));
    expect(requests()).toHaveLength(5);
    for (const { body } of requests()) expect(Buffer.byteLength(body ?? '')).toBeLessThanOrEqual(1_000_000);
  });

  test('has no field that Azure would cut off in the middle', async () => {
    await target.deliver([sized(60_000), sized(70_000), aRecord({ error: 'e'.repeat(70_000) })], NEVER);
    const rows = arrived().map(({ Edits, Warnings, Error: error }) => ({
      edits: JSON.parse(String(Edits)) as AuditRecord['edits'],
      warnings: JSON.parse(String(Warnings)) as string[],
      error,
    }));
    expect(rows[0]?.edits[0]?.after).toHaveLength(60_000);
    expect(rows[0]?.warnings).toEqual([]);
    expect(rows[1]?.edits[0]).toMatchObject({ path: '/x', after: null, reason: 'It is open.' });
    expect(rows[1]?.warnings[0]).toContain('Too large for Log Analytics');
    expect(rows[2]?.error).toMatch(/^e{500}…$/);
  });
});

describe('who it is there', () => {
  test.each([
    ['https://e.westeurope-1.ingest.monitor.azure.com', 'https://monitor.azure.com/.default'],
    ['https://e.usgovvirginia-1.ingest.monitor.azure.us', 'https://monitor.azure.us/.default'],
    ['https://e.chinanorth3-1.ingest.monitor.azure.cn', 'https://monitor.azure.cn/.default'],
  ])('at %s with a token for %s', async (endpoint, scope) => {
    const scopes: unknown[] = [];
    const credential = {
      getToken: (asked: unknown) => {
        scopes.push(...[asked].flat());
        return Promise.resolve({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 });
      },
    };
    const http = { sendRequest: () => Promise.reject(new Error('This network goes nowhere.')) };
    const ruleId = 'dcr-00000000000000000000000000000000';
    await failureOf(createLogAnalytics(credential, http, { endpoint, ruleId }).deliver([aRecord()], NEVER));
    expect(scopes).toEqual([scope]);
  });
});

describe('what goes wrong', () => {
  test('a server that throttles and comes back', async () => {
    const { faults } = world.simulator.azure;
    faults.add({ endpoint: 'ingestion', times: 1, action: { kind: 'error', status: 429, retryAfter: 30 } });
    const failure = await failureOf(target.deliver([aRecord()], NEVER));
    expect(failure).toMatchObject({ kind: 'transient', retryAfterMs: 30_000 });
    expect(failure.message).toMatch(/^The Logs Ingestion API answered 429/);
    expect(requests()).toHaveLength(1);
    await target.deliver([aRecord()], NEVER);
    expect(arrived()).toHaveLength(1);
  });

  test('a server that hangs: the delivery ends when its caller does not wait any longer', async () => {
    world.simulator.azure.faults.add({ endpoint: 'ingestion', times: 1, action: { kind: 'hang' } });
    const failure = await failureOf(target.deliver([aRecord()], AbortSignal.timeout(200)));
    expect(failure).toMatchObject({ kind: 'transient' });
    expect(failure.message).toBe('The Logs Ingestion API was not waited for any longer.');
    await target.deliver([aRecord()], NEVER);
    expect(arrived()).toHaveLength(1);
  });

  test('a caller that is gone already: nothing is sent', async () => {
    await failureOf(target.deliver([aRecord()], AbortSignal.abort()));
    expect(requests()).toEqual([]);
  });

  test('half way: the first part has arrived, and all of it is to be delivered again', async () => {
    const { faults } = world.simulator.azure;
    faults.add({ endpoint: 'ingestion', skip: 1, times: 1, action: { kind: 'error', status: 500 } });
    const records = Array.from({ length: 40 }, () => sized(40_000));
    expect(await failureOf(target.deliver(records, NEVER))).toMatchObject({ kind: 'transient' });
    const first = arrived().length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(40);
    await target.deliver(records, NEVER);
    expect(new Set(arrived().map(({ RecordId }) => RecordId)).size).toBe(40);
  });

  test('a part that is refused: the others arrive, and the records to blame are named by their number', async () => {
    const { faults } = world.simulator.azure;
    // The first half, then its first record, is refused.
    faults.add({ endpoint: 'ingestion', times: 3, action: { kind: 'error', status: 413, code: 'TooLarge' } });
    const records = [aRecord(), aRecord(), aRecord(), aRecord()];
    const failure = await failureOf(target.deliver(records, NEVER));
    expect(failure.kind).toBe('rejected');
    expect(failure.message).toMatch(/^1 of 4 records: The Logs Ingestion API answered 413 TooLarge/);
    expect(arrived().map(({ RecordId }) => RecordId)).toEqual(records.slice(1).map(({ id }) => id));
  });

  test.each<[string, () => DeliveryTarget, RegExp]>([
    [
      'a rule that is not there',
      () => targetFor('dcr-none'),
      /answered 404 NotFound.*HOLDFAST_LOG_INGESTION_RULE/,
    ],
    [
      'a rule without the stream',
      () => targetFor(world.simulator.azure.ingestion.addRule(`${RULE}-other`, {}).immutableId),
      /answered 400.*does the data collection rule declare the stream Custom-HoldfastAudit\?/,
    ],
  ])('%s can be put right, so nothing is lost', async (_name, to, message) => {
    const failure = await failureOf(to().deliver([aRecord(), aRecord()], NEVER));
    expect(failure.kind).toBe('transient');
    expect(failure.message).toMatch(message);
  });

  test('a missing role is named', async () => {
    const { permissions, as } = {
      permissions: world.simulator.azure.permissions,
      as: world.simulator.azure.as('holdfast'),
    };
    permissions.restrict(as.principal.objectId, []);
    try {
      const failure = await failureOf(target.deliver([aRecord()], NEVER));
      expect(failure.kind).toBe('transient');
      expect(failure.message).toContain('Monitoring Metrics Publisher');
    } finally {
      permissions.unrestrict(as.principal.objectId);
    }
  });

  test('nothing that must stay here is in what is told of it', async () => {
    const action = { kind: 'error', status: 400, message: 'cannot read hunter2' } as const;
    world.simulator.azure.faults.add({ endpoint: 'ingestion', action });
    const failure = await failureOf(target.deliver([aRecord({ error: 'hunter2' })], NEVER));
    expect(world.tokens).not.toEqual([]);
    expectNothingOf(failure, ['hunter2', ...world.tokens]);
  });
});
