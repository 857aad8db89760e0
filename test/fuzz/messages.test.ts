import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { toMessage } from '../../src/engine/look/queue-look.js';
import { reconcile } from '../../src/functions/reconcile.js';
import type { JsonObject } from '../../src/types/json.js';
import { SUBSCRIPTION, vaultId } from '../engine/fake-world.js';
import { guardedWorld, type GuardedWorld } from './guarded-world.js';
import { mutatedJson } from './mutated-json.js';
import { oddJson } from './odd-json.js';
import { oddText } from './odd-text.js';
import { run } from './run.js';

/*
 * What may lie on the queue `reconcile`: the Functions host parses what looks like JSON, so "123" comes as a number.
 */

let world: GuardedWorld;
vi.mock('../../src/app.js', async (original) => ({
  ...(await original<object>()),
  withEngine: (_log: unknown, work: (engine: unknown) => unknown) => work(world.engine),
}));

const good = JSON.parse(
  JSON.stringify(
    toMessage(
      {
        id: vaultId(),
        trigger: 'event',
        correlationId: 'c-1',
        actor: { id: 'alice', name: null, ip: null },
        remediators: null,
        askedForByName: false,
        dryRun: false,
        causedAt: null,
        isOfSurroundings: true,
      },
      1,
    ),
  ),
) as JsonObject;

const KNOWN_ERRORS = ['InvalidMessageError', 'NewerVersionError'];

/** It was carried out as it stands, or refused as a whole with an error that names the queue and the fault. */
async function isAllOrNothing(message: unknown): Promise<'done' | 'refused'> {
  world = guardedWorld();
  let error: unknown = null;
  try {
    await reconcile(message, world.context);
  } catch (thrown) {
    error = thrown;
  }
  expect(world.strayed()).toEqual([]);
  if (error === null) return 'done';
  if (!(error instanceof Error)) throw new Error('thrown, and no error');
  expect(KNOWN_ERRORS).toContain(error.name);
  expect(error.message).toMatch(/queue/i);
  expect(error.message.length).toBeLessThan(2000);
  expect([world.calls, world.history, world.queue, world.poison]).toEqual([[], [], [], []]);
  return 'refused';
}

describe('a message is carried out or refused, never half', () => {
  test('any JSON', async () => {
    await fc.assert(
      fc.asyncProperty(oddJson, async (message) => {
        await isAllOrNothing(message);
      }),
      run(500),
    );
  });

  test('text, as the host gives what is no JSON', async () => {
    await fc.assert(
      fc.asyncProperty(oddText, async (text) => {
        expect(await isAllOrNothing(text)).toBe('refused');
      }),
      run(200),
    );
  });

  test('a valid message with some of it changed', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedJson(good), async (message) => {
        await isAllOrNothing(message);
      }),
      run(1500),
    );
  });

  test('of another version', async () => {
    const version = fc.oneof(
      fc.integer().filter((v) => v !== 1),
      fc.double({ noNaN: true }).filter((v) => v !== 1),
      oddText,
    );
    await fc.assert(
      fc.asyncProperty(version, mutatedJson(good), async (v, message) => {
        expect(await isAllOrNothing({ ...(message as object), v })).toBe('refused');
      }),
      run(500),
    );
  });
});

describe('who reads the error knows what to do', () => {
  const refusalOf = async (message: unknown): Promise<string> => {
    world = guardedWorld();
    return reconcile(message, world.context).then(
      () => 'none',
      (error: unknown) => String(error),
    );
  };

  test('a newer version says that Holdfast is too old, whatever else it holds', async () => {
    expect(await refusalOf({ ...good, v: 2 })).toContain('Update Holdfast');
    expect(await refusalOf({ v: 2, kind: 'something new' })).toContain('Update Holdfast');
  });

  test('what is not ours is named by its parts, not by what stands in them', async () => {
    const error = await refusalOf({ ...good, resourceId: 12, trigger: 'p4ssw0rd' });
    expect(error).toContain('resourceId');
    expect(error).toContain('trigger');
    expect(error).not.toContain('p4ssw0rd');
  });
});

test('a resource of another subscription is neither read nor written', async () => {
  const other = vaultId().id.replace(SUBSCRIPTION, '99999999-2222-4333-8444-555555555555');
  expect(await isAllOrNothing({ ...good, resourceId: other })).toBe('done');
  expect(world.calls).toEqual([]);
});
