import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createEventGrid } from '../../src/delivery/event-grid.js';
import type { DeliveryTarget } from '../../src/delivery/target.js';
import type { AuditRecord } from '../../src/types/record.js';
import { aRecord } from '../state/records.js';
import { expectNothingOf, failureOf, NEVER, overSimulator, type OverSimulator } from './over-simulator.js';

let world: OverSimulator;
let target: DeliveryTarget;
beforeAll(async () => {
  world = await overSimulator();
  target = createEventGrid(world.credential, world.http, world.simulator.topicUrl);
});
afterAll(() => world.simulator.close());
beforeEach(() => {
  const { topic, faults, journal } = world.simulator.azure;
  topic.clear();
  topic.schema = 'CloudEventSchemaV1_0';
  faults.clear();
  journal.clear();
});

const arrived = () => world.simulator.azure.topic.events.map(({ event }) => event);
const requests = () => world.simulator.azure.journal.requests({ endpoint: 'topic' });
const secret = 'pässword-of-the-record';
/** With a value of so many characters in an edit. */
const sized = (length: number): AuditRecord =>
  aRecord({
    edits: [
      { op: 'set', path: '/properties/x', before: 'x'.repeat(length), after: secret, reason: 'It is open.' },
    ],
  });

describe('what arrives', () => {
  test('is one CloudEvent for each record, in order', async () => {
    const applied = aRecord();
    const pending = aRecord({ outcome: 'pending', resourceId: '/subscriptions/ünïcode' });
    await target.deliver([applied, pending], NEVER);
    expect(arrived()).toEqual([
      {
        specversion: '1.0',
        type: 'Holdfast.Record.Applied',
        source: '/holdfast/audit',
        subject: applied.resourceId,
        id: expect.stringMatching(new RegExp(`^${applied.id}\\.[0-9a-f]{16}$`)) as string,
        time: applied.time,
        datacontenttype: 'application/json',
        data: applied,
      },
      expect.objectContaining({
        type: 'Holdfast.Record.Pending',
        subject: pending.resourceId,
        data: pending,
      }),
    ]);
    expect(requests()).toHaveLength(1);
  });

  test('has the same id for the same state, and another one for another state', async () => {
    const pending = aRecord({ outcome: 'pending' });
    await target.deliver([pending, { ...pending, outcome: 'applied' }], NEVER);
    await target.deliver([structuredClone(pending)], NEVER);
    const [first, other, again] = arrived().map(({ id }) => id);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('is nothing where there is nothing to deliver', async () => {
    await target.deliver([], NEVER);
    expect(requests()).toEqual([]);
  });

  test('comes in requests that are not too large', async () => {
    const records = Array.from({ length: target.batch }, () => sized(30_000));
    await target.deliver(records, NEVER);
    expect(arrived().map(({ data }) => (data as AuditRecord).id)).toEqual(records.map(({ id }) => id));
    expect(requests()).toHaveLength(4);
    for (const { body } of requests()) expect(Buffer.byteLength(body ?? '')).toBeLessThanOrEqual(1_000_000);
  });

  test('is the whole record as long as Event Grid takes it, and else says what it is without', async () => {
    const [large, tooLarge] = [sized(990_000), sized(1_000_000)];
    await target.deliver([large, tooLarge, aRecord()], NEVER);
    const data = arrived().map((event) => event.data as AuditRecord);
    expect(data).toHaveLength(3);
    expect(data[0]).toEqual(large);
    expect(data[1]).toEqual({
      ...tooLarge,
      edits: [{ ...tooLarge.edits[0], before: null, after: null }],
      warnings: [
        'Too large for Event Grid, so left out here: the values before and after its edits. The audit log has all of it.',
      ],
    });
  });

  test('never misses a record, however much of it has to be left out', async () => {
    const [edit] = sized(0).edits;
    const many = aRecord({ edits: Array.from({ length: 20_000 }, () => edit ?? expect.fail()) });
    const wordy = aRecord({
      warnings: Array.from({ length: 300 }, () => '🙂'.repeat(2000)),
      error: 'e'.repeat(2e6),
    });
    await target.deliver([many, wordy], NEVER);
    const [first, second] = arrived().map((event) => event.data as AuditRecord);
    expect(first?.edits).toHaveLength(50);
    expect(first?.warnings.at(-1)).toContain('all edits but the first 50');
    expect(second?.warnings).toHaveLength(11);
    expect(second?.error).toMatch(/^e{500}…$/);
  });
});

const PAGE = { 'content-type': 'text/html; charset=utf-8' };

test.each([
  [200, PAGE, 'Event Grid answered 200 with a web page'],
  [502, PAGE, 'Event Grid answered 502.'],
  // What names no type is JSON to the client, which has a code of its own for what is none.
  [502, {}, 'Event Grid answered 502.'],
])('a web page with %s %j is no answer of Event Grid, and no delivery', async (status, headers, said) => {
  const http: HttpClient = {
    sendRequest: (request) =>
      Promise.resolve({
        request,
        status,
        headers: createHttpHeaders(headers),
        bodyAsText: '<title>Sign in to your account</title>',
      }),
  };
  const credential = {
    getToken: () => Promise.resolve({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const proxied = createEventGrid(credential, http, 'https://t.westeurope-1.eventgrid.azure.net/api/events');
  const error = await failureOf(proxied.deliver([aRecord()], NEVER));
  expect(error).toMatchObject({ kind: 'transient' });
  expect(error.message).toContain(said);
});

describe('who it is there', () => {
  test.each([
    ['https://t.westeurope-1.eventgrid.azure.net/api/events', 'https://eventgrid.azure.net/.default'],
    ['https://t.usgovvirginia-1.eventgrid.azure.us/api/events', 'https://eventgrid.azure.us/.default'],
    ['https://t.chinanorth2-1.eventgrid.azure.cn/api/events', 'https://eventgrid.azure.cn/.default'],
    ['https://eventgrid.azure.us.example.com/api/events', 'https://eventgrid.azure.net/.default'],
  ])('at %s with a token for %s', async (topic, scope) => {
    const scopes: unknown[] = [];
    const credential = {
      getToken: (asked: unknown) => {
        scopes.push(asked);
        return Promise.resolve({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 });
      },
    };
    const http = { sendRequest: () => Promise.reject(new Error('This network goes nowhere.')) };
    await failureOf(createEventGrid(credential, http, topic).deliver([aRecord()], NEVER));
    expect(scopes).toEqual([scope]);
  });

  test('asks for no token before the first delivery', async () => {
    const other = await overSimulator();
    try {
      const fresh = createEventGrid(other.credential, other.http, other.simulator.topicUrl);
      expect(other.scopes).toEqual([]);
      await fresh.deliver([aRecord()], NEVER);
      await fresh.deliver([aRecord()], NEVER);
      expect(other.scopes).toEqual(['https://eventgrid.azure.net/.default']);
    } finally {
      await other.simulator.close();
    }
  });
});

describe('what goes wrong', () => {
  test('a server that fails and comes back: it is tried again by who calls, not before', async () => {
    const { faults } = world.simulator.azure;
    faults.add({ endpoint: 'topic', times: 1, action: { kind: 'error', status: 503, retryAfter: 12 } });
    const failure = await failureOf(target.deliver([aRecord()], NEVER));
    expect(failure).toMatchObject({ kind: 'transient', retryAfterMs: 12_000 });
    expect(failure.message).toMatch(/^Event Grid answered 503 Http503, request [0-9a-f-]{36}\.$/);
    expect(requests()).toHaveLength(1);
    await target.deliver([aRecord()], NEVER);
    expect(arrived()).toHaveLength(1);
  });

  test('a server that hangs: the delivery ends when its caller does not wait any longer', async () => {
    world.simulator.azure.faults.add({ endpoint: 'topic', times: 1, action: { kind: 'hang' } });
    const failure = await failureOf(target.deliver([aRecord()], AbortSignal.timeout(200)));
    expect(failure).toMatchObject({
      kind: 'transient',
      message: 'Event Grid was not waited for any longer.',
    });
    await target.deliver([aRecord()], NEVER);
    expect(arrived()).toHaveLength(1);
  });

  test('a server that hangs: the delivery ends after half a minute', async () => {
    world.simulator.azure.faults.add({ endpoint: 'topic', times: 1, action: { kind: 'hang' } });
    const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValueOnce(AbortSignal.abort());
    const failure = await failureOf(target.deliver([aRecord()], NEVER));
    expect(timeout).toHaveBeenCalledWith(30_000);
    expect(failure.message).toBe('Event Grid did not answer within 30 s.');
    vi.restoreAllMocks();
  });

  test('an answer that is lost: the same event comes once more', async () => {
    world.simulator.azure.faults.add({
      endpoint: 'topic',
      times: 1,
      action: { kind: 'reset', when: 'after' },
    });
    await target.deliver([aRecord()], NEVER);
    const [first, second] = arrived();
    expect(first?.id).toMatch(/\./);
    expect(second).toEqual(first);
  });

  test('connections that are cut time and again', async () => {
    world.simulator.azure.faults.add({ endpoint: 'topic', action: { kind: 'reset', when: 'before' } });
    const failure = await failureOf(target.deliver([aRecord()], NEVER));
    expect(failure).toMatchObject({ kind: 'transient', retryAfterMs: null });
    expect(failure.message).toMatch(/^Event Grid could not be reached \(\w+\)\.$/);
    expect(requests()).toHaveLength(2);
  });

  test('no server', async () => {
    const nowhere = createEventGrid(world.credential, world.http, 'https://localhost:1/api/events');
    expect(await failureOf(nowhere.deliver([aRecord()], NEVER))).toMatchObject({ kind: 'transient' });
  });

  test.each(['CredentialUnavailableError', 'AuthenticationError', 'AuthenticationRequiredError'])(
    'no token: %s',
    async (name) => {
      const credential = {
        getToken: () => Promise.reject(Object.assign(new Error('secret-of-msi'), { name, statusCode: 400 })),
      };
      const fresh = createEventGrid(credential, world.http, world.simulator.topicUrl);
      const failure = await failureOf(fresh.deliver([aRecord()], NEVER));
      expect(failure.kind).toBe('transient');
      expect(failure.message).toBe('No token for Event Grid could be had from the identity.');
      expectNothingOf(failure, ['secret-of-msi']);
    },
  );

  test.each<[string, () => void, 'transient' | 'rejected', RegExp]>([
    [
      'a missing role can be given',
      () => {
        const { permissions, as } = {
          permissions: world.simulator.azure.permissions,
          as: world.simulator.azure.as('holdfast').principal.objectId,
        };
        permissions.restrict(as, []);
      },
      'transient',
      /answered 403 Forbidden, request .*: the identity needs the role EventGrid Data Sender on the topic/,
    ],
    [
      'a topic of the other schema can be replaced',
      () => {
        world.simulator.azure.topic.schema = 'EventGridSchema';
      },
      'transient',
      /^3 of 3 records: Event Grid answered 400 BadRequest, request .*: is the input schema of the topic CloudEvents 1.0\?/,
    ],
  ])('%s, so the records are not lost', async (_name, breakIt, kind, message) => {
    const { azure } = world.simulator;
    breakIt();
    try {
      const failure = await failureOf(target.deliver([aRecord(), aRecord(), aRecord()], NEVER));
      expect(failure.kind).toBe(kind);
      expect(failure.message).toMatch(message);
      expect(arrived()).toEqual([]);
    } finally {
      azure.permissions.unrestrict(azure.as('holdfast').principal.objectId);
    }
  });

  test('one record that is refused does not keep the others', async () => {
    const [good, bad, last] = [aRecord(), aRecord({ resourceId: '' }), aRecord()];
    const failure = await failureOf(target.deliver([good, bad, last], NEVER));
    expect(failure.kind).toBe('rejected');
    expect(failure.message).toMatch(/^1 of 3 records: Event Grid answered 400/);
    expect(arrived().map(({ data }) => (data as AuditRecord).id)).toEqual([good.id, last.id]);
  });

  test('nothing that must stay here is in what is told of it', async () => {
    const { faults } = world.simulator.azure;
    const echo = { kind: 'error', status: 400, message: `cannot read ${secret}`, times: 1 } as const;
    faults.add({ endpoint: 'topic', action: echo });
    const failure = await failureOf(target.deliver([sized(10)], NEVER));
    expect(world.tokens).not.toEqual([]);
    expectNothingOf(failure, [secret, ...world.tokens]);
  });
});
