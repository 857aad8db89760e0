import { describe, expect, test } from 'vitest';
import { parseDeadLetterId } from '../../src/engine/dead-letters/dead-letter.js';
import { readGivenUp } from '../../src/engine/dead-letters/read-given-up.js';
import { readUndelivered } from '../../src/engine/dead-letters/read-undelivered.js';
import { SUBSCRIPTION, vaultId, workflowId } from './fake-world.js';

const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

const data = (uri: string, more: object = {}) => ({
  resourceUri: uri,
  operationName: 'Microsoft.KeyVault/vaults/write',
  correlationId: 'c-1',
  claims: { [OBJECT_ID]: 'bob' },
  ...more,
});
const gridEvent = (uri: string, more: object = {}) => ({
  id: '1',
  eventType: 'Microsoft.Resources.ResourceWriteSuccess',
  eventTime: '2026-11-26T10:00:00Z',
  dataVersion: '2',
  metadataVersion: '1',
  topic: `/subscriptions/${SUBSCRIPTION}`,
  subject: uri,
  data: data(uri),
  deadLetterReason: 'MaxDeliveryAttemptsExceeded',
  deliveryAttempts: 30,
  lastDeliveryOutcome: 'NotFound',
  publishTime: '2026-11-26T10:00:01.0265758Z',
  lastDeliveryAttemptTime: '2026-11-27T10:00:01.0465788Z',
  ...more,
});
const cloudEvent = (uri: string) => ({
  id: '1',
  source: `/subscriptions/${SUBSCRIPTION}`,
  subject: uri,
  type: 'Microsoft.Resources.ResourceWriteSuccess',
  time: '2026-11-26T10:00:00Z',
  specversion: '1.0',
  data: data(uri),
  deadletterreason: 'MaxDeliveryAttemptsExceeded',
  deliveryattempts: 1,
  lastdeliveryoutcome: 'NotFound',
  publishtime: '2026-11-26T10:00:01.4018726Z',
});

const BOB = { id: 'bob', name: null, ip: null };
const KV = vaultId().id;
const readable = (read: ReturnType<typeof readUndelivered>) => {
  if (read.kind !== 'readable') throw new Error(read.problem);
  return read;
};

describe('what Event Grid could not deliver', () => {
  test("an event in Event Grid's schema is the work of looking at its resource", () => {
    const { items, work } = readable(readUndelivered(JSON.stringify([gridEvent(KV)])));
    expect(items).toEqual([
      {
        kind: 'event',
        resourceId: KV,
        correlationId: 'c-1',
        actor: BOB,
        reason: 'MaxDeliveryAttemptsExceeded',
        lastOutcome: 'NotFound',
        attempts: 30,
        publishedAt: '2026-11-26T10:00:01.0265758Z',
        lastAttemptAt: '2026-11-27T10:00:01.0465788Z',
      },
    ]);
    expect(work).toEqual([
      {
        v: 1,
        resourceId: KV,
        correlationId: 'c-1',
        trigger: 'replay',
        actor: BOB,
        remediators: null,
        askedForByName: false,
        attempt: 0,
      },
    ]);
  });

  test('so is a CloudEvent, whose names are in lower case', () => {
    const { items, work } = readable(readUndelivered(JSON.stringify([cloudEvent(KV)])));
    expect(items).toMatchObject([
      { resourceId: KV, reason: 'MaxDeliveryAttemptsExceeded', lastOutcome: 'NotFound', attempts: 1 },
    ]);
    expect(work).toMatchObject([{ resourceId: KV, trigger: 'replay', actor: BOB }]);
  });

  test('one without an array around it is read, too', () => {
    expect(readable(readUndelivered(JSON.stringify(gridEvent(KV)))).work).toHaveLength(1);
  });

  test('all events of a resource are one look, for whoever made the last change', () => {
    const carol = data(KV, { claims: { [OBJECT_ID]: 'carol' }, correlationId: 'c-2' });
    const role = `${KV}/providers/Microsoft.Authorization/roleAssignments/1`;
    const events = [
      gridEvent(KV),
      gridEvent(role),
      gridEvent(KV.toUpperCase(), { data: carol }),
      gridEvent(workflowId().id),
    ];
    const { items, work } = readable(readUndelivered(JSON.stringify(events)));
    expect(items).toHaveLength(4);
    expect(work).toMatchObject([
      { correlationId: 'c-2', actor: { id: 'carol' }, isOfSurroundings: true },
      { resourceId: workflowId().id },
    ]);
  });

  test.each([
    ['another kind of resource', gridEvent(KV.replace('KeyVault/vaults', 'Storage/storageAccounts'))],
    ['a read', gridEvent(KV, { eventType: 'Microsoft.Resources.ResourceReadSuccess' })],
    [
      'a workflow that was deleted',
      gridEvent(workflowId().id, { eventType: 'Microsoft.Resources.ResourceDeleteSuccess' }),
    ],
  ])('of %s there is nothing to look at', (_name, event) => {
    expect(readable(readUndelivered(JSON.stringify([event]))).work).toEqual([]);
  });

  test('what stands in the place of a word of Event Grid, and is none, is not shown', () => {
    const event = gridEvent(KV, {
      lastDeliveryOutcome: 'https://app.azurewebsites.net/runtime/webhooks/eventgrid?code=c2VjcmV0',
      deadLetterReason: 'x'.repeat(5000),
      deliveryAttempts: 'many',
    });
    const [item] = readable(readUndelivered(JSON.stringify([event]))).items;
    expect(item).toMatchObject({ resourceId: KV, lastOutcome: null, reason: null, attempts: null });
  });

  test.each([
    ['not JSON', '[{"id": ', 'It is not JSON.'],
    ['nothing', '', 'It is not JSON.'],
    ['a word', '"hello"', 'Event 1 of 1 cannot be read'],
    [
      'an event without a type',
      JSON.stringify([gridEvent(KV), { id: 2, data: {} }]),
      'Event 2 of 2 cannot be read: has no type.',
    ],
    [
      'an event without data',
      JSON.stringify([gridEvent(KV, { data: null })]),
      'Event 1 of 1 cannot be read: has no data.',
    ],
  ])('%s is malformed', (_name, text, problem) => {
    expect(readUndelivered(text)).toEqual({
      kind: 'malformed',
      problem: expect.stringContaining(problem) as string,
    });
  });
});

describe('a message that was given up', () => {
  const LOOK = {
    v: 1,
    resourceId: KV,
    correlationId: 'c-1',
    trigger: 'event',
    actor: BOB,
    remediators: ['vault-firewall'],
    askedForByName: true,
    attempt: 5,
    deferrals: 7,
    isOfSurroundings: true,
  };
  const kept = (message: unknown) =>
    JSON.stringify({
      v: 1,
      insertedAt: '2026-11-26T10:00:00.000Z',
      text: Buffer.from(typeof message === 'string' ? message : JSON.stringify(message)).toString('base64'),
    });

  test('is looked at from the first try on, and not as if somebody had asked for it by name', () => {
    const { items, work } = readable(
      readGivenUp(kept({ ...LOOK, why: 'Tried 5 times. Azure answered 500.' })),
    );
    expect(work).toEqual([{ ...LOOK, trigger: 'replay', askedForByName: false, attempt: 0, deferrals: 0 }]);
    expect(items).toEqual([
      {
        kind: 'look',
        resourceId: KV,
        correlationId: 'c-1',
        actor: BOB,
        reason: 'Tried 5 times. Azure answered 500.',
        lastOutcome: null,
        attempts: 5,
        publishedAt: null,
        lastAttemptAt: '2026-11-26T10:00:00.000Z',
      },
    ]);
  });

  test('that the Functions host gave up does not say why', () => {
    const { items } = readable(readGivenUp(kept(LOOK)));
    expect(items[0]?.reason).toMatch(/^The function failed each time/);
  });

  test('of a sweep has its subscription swept', () => {
    const sweep = {
      v: 2,
      kind: 'sweep',
      subscriptionId: SUBSCRIPTION,
      correlationId: 'c-2',
      startedAt: '2026-11-26T09:00:00.000Z',
      attempt: 3,
    };
    const { items, work } = readable(readGivenUp(kept(sweep)));
    expect(work).toEqual([{ ...sweep, attempt: 0 }]);
    expect(items).toMatchObject([{ kind: 'sweep', resourceId: `/subscriptions/${SUBSCRIPTION}` }]);
  });

  test.each([
    ['no message as it is kept', '{"v":9}', 'not a message as Holdfast keeps them'],
    ['words', kept('look at kv-one, please'), 'not JSON in base64'],
    ['null', kept('null'), 'cannot be read'],
    ['half a message', kept({ ...LOOK, trigger: undefined }), 'trigger'],
    [
      'another provider',
      kept({ ...LOOK, resourceId: KV.replace('KeyVault', 'Storage') }),
      'names no resource',
    ],
    ['a newer version', kept({ ...LOOK, v: 7 }), 'version 7; this code knows 1. Update Holdfast.'],
    ['a sweep that says too little', kept({ v: 2, kind: 'sweep' }), "sweep's message cannot be read"],
    ['a sweep of a newer version', kept({ v: 3, kind: 'sweep' }), 'version 3'],
  ])('%s is malformed', (_name, text, problem) => {
    expect(readGivenUp(text)).toEqual({
      kind: 'malformed',
      problem: expect.stringContaining(problem) as string,
    });
  });
});

test.each([
  [
    'undelivered/HOLDFAST/2026/11/26/16/1.json',
    { source: 'undelivered', name: 'HOLDFAST/2026/11/26/16/1.json' },
  ],
  ['given-up/2026-11-26/1.json', { source: 'given-up', name: '2026-11-26/1.json' }],
  ['given-up/', null],
  ['undelivered', null],
  ['holdfast-leases/1', null],
  ['', null],
])('the id %s is read', (id, expected) => {
  expect(parseDeadLetterId(id)).toEqual(expected);
});
