import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { resourceChanged } from '../../src/functions/resource-changed.js';
import type { JsonObject } from '../../src/types/json.js';
import { SUBSCRIPTION, vaultId, workflowId } from '../engine/fake-world.js';
import { guardedWorld, type GuardedWorld } from './guarded-world.js';
import { mutatedJson } from './mutated-json.js';
import { nested, oddJson } from './odd-json.js';
import { oddText } from './odd-text.js';
import { run } from './run.js';

/*
 * What Event Grid, or whoever found the webhook, may hand to `resourceChanged`.
 */

let world: GuardedWorld;
vi.mock('../../src/app.js', async (original) => ({
  ...(await original<object>()),
  withEngine: (_log: unknown, work: (engine: unknown) => unknown) => work(world.engine),
}));
beforeEach(() => {
  world = guardedWorld();
});
afterEach(() => {
  expect(world.strayed()).toEqual([]);
});

const CANARY = 'c4n4ry-p4ssw0rd';
const WRITE = 'Microsoft.Resources.ResourceWriteSuccess';

const gridEvent = (resourceUri: unknown, more: object = {}) => ({
  id: '1',
  topic: `/subscriptions/${SUBSCRIPTION}`,
  subject: vaultId().id,
  eventType: WRITE,
  eventTime: '2026-11-23T11:59:59.123Z',
  dataVersion: '2',
  metadataVersion: '1',
  data: {
    resourceUri,
    operationName: 'Microsoft.KeyVault/vaults/write',
    correlationId: 'c-1',
    authorization: `{"scope":"${CANARY}"}`,
    claims: { oid: 'alice', ipaddr: '203.0.113.9', puid: CANARY },
    httpRequest: { clientIpAddress: '203.0.113.9', url: `https://x/?sig=${CANARY}` },
    status: 'Succeeded',
  },
  ...more,
});
const cloudEvent = (resourceUri: unknown) => {
  const { data, eventTime } = gridEvent(resourceUri);
  return { specversion: '1.0', id: '1', source: '/s', type: WRITE, time: eventTime, data };
};

const either = fc.constantFrom(gridEvent(vaultId().id), cloudEvent(vaultId().id));

/** It was looked at, set aside as none of ours, or reported; and nobody's secret was told. */
async function survives(event: unknown): Promise<void> {
  world = guardedWorld();
  await resourceChanged(event, world.context);
  expect(world.strayed()).toEqual([]);
  expect(world.told()).not.toContain(CANARY);
  for (const line of world.logged) expect(line.length).toBeLessThan(2000);
}

describe('nothing that comes as an event stops the function', () => {
  test('any JSON', async () => {
    await fc.assert(fc.asyncProperty(oddJson, survives), run(500));
  });

  test('any JSON in the place of any part', async () => {
    await fc.assert(
      fc.asyncProperty(
        either.chain((event) => mutatedJson(event as JsonObject)),
        survives,
      ),
      run(1500),
    );
  });

  test.each([
    ['undefined', undefined],
    ['a text that is no JSON', `{"secret":"${CANARY}"`],
    ['a number', 12],
    ['a list of nothing', []],
    ['data that is nested deeper than a stack', gridEvent(vaultId().id, { data: nested(100_000) })],
    ['a time that is none', gridEvent(vaultId().id, { eventTime: CANARY })],
  ])('%s', async (_name, event) => {
    await survives(event);
  });
});

describe('a valid event is handled, however it comes', () => {
  const wasHandled = (): boolean => world.calls.includes(`PATCH ${vaultId().name}`);

  test.each([
    ['an object', (event: object): unknown => event],
    ['text', (event: object): unknown => JSON.stringify(event)],
    ['a list', (event: object): unknown => [event]],
    ['a list as text', (event: object): unknown => JSON.stringify([event])],
    ['after one that is malformed', (event: object): unknown => [{ nonsense: true }, event]],
    ['after one of something else', (event: object): unknown => [gridEvent('/subscriptions/x'), event]],
  ])('%s', async (_name, form) => {
    for (const event of [gridEvent(vaultId().id), cloudEvent(vaultId().id)]) {
      world = guardedWorld();
      await resourceChanged(form(event), world.context);
      expect(wasHandled()).toBe(true);
    }
  });

  test('with anything in what is not needed', async () => {
    const notNeeded = fc.record({
      correlationId: oddJson,
      claims: oddJson,
      httpRequest: oddJson,
      operationName: oddText,
      authorization: oddJson,
    });
    await fc.assert(
      fc.asyncProperty(notNeeded, oddText, async (more, subject) => {
        world = guardedWorld();
        await resourceChanged(
          gridEvent(vaultId().id, { subject, data: { ...more, resourceUri: vaultId().id } }),
          world.context,
        );
        expect(wasHandled()).toBe(true);
        for (const { correlationId, actor } of world.history) {
          expect(correlationId.length).toBeLessThanOrEqual(200);
          expect(JSON.stringify(actor).length).toBeLessThan(5000);
        }
      }),
      run(300),
    );
  });

  test('with any time', async () => {
    const time = fc.oneof(
      fc.constantFrom('0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z', '+275760-09-13T00:00:00Z', '', 'x'),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      oddText,
    );
    await fc.assert(
      fc.asyncProperty(time, async (eventTime) => {
        world = guardedWorld();
        await resourceChanged(gridEvent(vaultId().id, { eventTime }), world.context);
        expect(wasHandled() || world.queue.length > 0).toBe(true);
      }),
      run(300),
    );
  });
});

describe('where an event leads', () => {
  const piece = fc.oneof(
    oddText,
    fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      'vaults',
      'Microsoft.KeyVault',
      'kv-two',
      'rg',
      SUBSCRIPTION,
      '?a=b',
      '#',
    ),
  );
  /** The id of a vault or workflow, with some of it changed. */
  const oddId = fc
    .tuple(
      fc.constantFrom(vaultId().id, workflowId().id),
      fc.array(fc.tuple(fc.nat(12), piece), { maxLength: 3 }),
      fc.boolean(),
    )
    .map(([id, changes, isUpper]) => {
      const parts = id.split('/');
      for (const [at, part] of changes) parts.splice(at, 1, part);
      return isUpper ? parts.join('/').toUpperCase() : parts.join('/');
    });

  test('to nothing but the resource that it names, and only in the scopes', async () => {
    await fc.assert(
      fc.asyncProperty(oddId, async (resourceUri) => {
        await survives(gridEvent(resourceUri));
        for (const { key } of world.touched) {
          expect(resourceUri.toLowerCase().startsWith(key)).toBe(true);
          expect([undefined, '/']).toContain(resourceUri[key.length]);
        }
      }),
      run(1500),
    );
  });

  test('to no resource of another subscription', async () => {
    await survives(gridEvent(vaultId().id.replace(SUBSCRIPTION, '99999999-2222-4333-8444-555555555555')));
    expect(world.touched).toEqual([]);
  });
});
