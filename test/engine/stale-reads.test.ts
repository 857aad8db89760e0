import { describe, expect, test } from 'vitest';
import { createArrivals } from '../../src/engine/look/arrivals.js';
import type { Look } from '../../src/engine/look/look.js';
import { createRunLook } from '../../src/engine/look/run-look.js';
import { reconcile } from '../../src/engine/reconcile.js';
import { settlePending } from '../../src/engine/settle/settle-pending.js';
import type { JsonObject } from '../../src/types/json.js';
import { armError, fakeWorld, OWN_ID, vaultId } from './fake-world.js';
import { lookOf } from './look-of.js';

/* ARM may show a resource as it was seconds ago: what became of a write must not be told from that. */

const vault = (defaultAction: string, author: string, at: string): JsonObject => ({
  location: 'westeurope',
  properties: {
    enableSoftDelete: true,
    enablePurgeProtection: true,
    networkAcls: { bypass: 'AzureServices', defaultAction, ipRules: [], virtualNetworkRules: [] },
  },
  systemData: { lastModifiedBy: author, lastModifiedAt: at },
});
const DEPLOYED = vault('Allow', 'pipeline', '2026-11-23T11:00:00Z');
const OPENED = vault('Allow', 'mallory', '2026-11-23T11:59:10Z');

const LOOK: Look = lookOf(vaultId());

/** ARM shows these, one for each read, and then what there is. */
function showing(...shown: readonly (JsonObject | null)[]) {
  const world = fakeWorld();
  world.put(vaultId(), OPENED);
  const left = [...shown];
  const arrivals = createArrivals();
  const read = world.deps.reader.read.bind(world.deps.reader);
  world.deps.reader.read = async (...asked) => {
    const answer = await read(...asked);
    const document = left.shift() ?? answer.document;
    return { ...answer, text: JSON.stringify(document), document };
  };
  const runLook = createRunLook(world.deps, arrivals);
  const look = () => runLook(LOOK, { signal: AbortSignal.timeout(20_000), confirmReleases: false });
  const pass = (ms: number): void => {
    world.settings.now = new Date(world.settings.now.getTime() + ms);
  };
  return { ...world, arrivals, look, pass };
}
type World = ReturnType<typeof showing>;

/** An event comes in after the first read, so that there is a second. */
function readTwice(world: World): World {
  const read = world.deps.reader.read.bind(world.deps.reader);
  world.deps.reader.read = async (...asked) => {
    const answer = await read(...asked);
    if (readsIn(world).length === 1) world.arrivals.note(vaultId());
    return answer;
  };
  return world;
}

const outcomesIn = (world: World) => world.records().map(({ outcome }) => outcome);
const writesIn = (world: World) => world.calls.filter((call) => call.startsWith('PATCH'));
const readsIn = (world: World) => world.calls.filter((call) => call.startsWith('GET'));
const LOST = { error: armError('unavailable', 60_000), isApplied: true };

describe('within one look', () => {
  test('nothing is planned from a read that is older than one before it', async () => {
    const world = readTwice(showing(OPENED, DEPLOYED));
    await world.look();
    expect(readsIn(world)).toHaveLength(3);
    expect(world.records().map(({ evidence }) => evidence?.basedOn)).toEqual(['2026-11-23T11:59:10Z']);
  });

  test('nothing is said of a resource that ARM goes on to show as it was', async () => {
    const world = readTwice(showing(OPENED, DEPLOYED, DEPLOYED, DEPLOYED));
    expect(await world.look()).toMatchObject({ kind: 'later' });
    expect(world.history).toEqual([]);
  });
});

describe('a write that ARM does not show yet', () => {
  test('is not judged by what was there before it, where it was planned from something older still', async () => {
    const world = showing(DEPLOYED, OPENED);
    world.writeFaults.push({ error: armError('unavailable'), isApplied: true });
    expect(await world.look()).toMatchObject({ kind: 'later' });
    expect(outcomesIn(world)).toEqual(['pending']);
    world.pass(10_000);
    expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'compliant' });
    expect(outcomesIn(world)).toEqual(['applied']);
    expect(writesIn(world)).toHaveLength(1);
  });

  test('is judged by the last of the tries, which waits until Azure would show it', async () => {
    const world = showing(OPENED, ...Array<JsonObject>(4).fill(OPENED));
    world.writeFaults.push({ ...LOST, isApplied: false });
    const remember = world.deps.memory.write.bind(world.deps.memory);
    world.deps.memory.write = async (...given) => {
      world.deps.memory.write = remember;
      await remember(...given);
      world.pass(9900);
      // What is left of the ten seconds passes while it waits.
      setTimeout(() => {
        world.pass(100);
      }, 50);
    };
    await reconcile(world.deps, createRunLook(world.deps, world.arrivals), {
      v: 1,
      resourceId: vaultId().id,
      correlationId: 'c',
      trigger: 'event',
      actor: null,
      remediators: null,
      askedForByName: false,
      attempt: 4,
    });
    expect(world.poison).toHaveLength(1);
    expect(outcomesIn(world)).toContain('failed');
    expect(outcomesIn(world)).not.toContain('pending');
  });

  test('is left open by the looks that come right after it', async () => {
    const world = showing(OPENED, ...Array<JsonObject>(4).fill(OPENED));
    world.writeFaults.push(LOST);
    expect(await world.look()).toMatchObject({ kind: 'later' });
    world.pass(2000);
    expect(await world.look()).toMatchObject({ kind: 'later', retryAfterMs: 8000 });
    world.pass(4000);
    expect(await world.look()).toMatchObject({ kind: 'later', retryAfterMs: 4000 });
    expect(outcomesIn(world)).toEqual(['pending']);
    world.pass(4000);
    await world.look();
    expect(outcomesIn(world)).toEqual(['applied']);
    expect(writesIn(world)).toHaveLength(1);
  });

  test('was not carried out where ARM has had the time to show it: it is sent again, and the change has one record', async () => {
    const world = showing();
    world.writeFaults.push({ ...LOST, isApplied: false });
    await world.look();
    world.pass(10_000);
    expect(await world.look()).toMatchObject({ outcome: 'applied' });
    expect(outcomesIn(world).toSorted()).toEqual(['applied', 'failed']);
  });

  test('is not taken for another write of the same change, which ARM says was made before it was sent', async () => {
    const shut = vault('Deny', OWN_ID, '2026-11-23T11:59:40Z');
    const world = showing(null, ...Array<JsonObject>(6).fill(shut));
    world.settings.armTime = world.settings.now;
    world.writeFaults.push({ error: armError('unavailable'), isApplied: false });
    expect(await world.look()).toMatchObject({ kind: 'later' });
    expect(outcomesIn(world)).toEqual(['pending']);
    world.pass(10_000);
    await world.look();
    expect(world.records().map(({ outcome, warnings }) => [outcome, warnings.at(-1)])).toEqual([
      ['failed', 'unconfirmed'],
    ]);
  });

  test('is not said to have been refused where Azure turns down a second attempt', async () => {
    const world = showing(null, null, OPENED);
    world.writeFaults.push({ error: armError('rejected'), isApplied: false });
    await world.look();
    const refused = world.records().map(({ id }) => id);
    world.writeFaults.push(
      { error: armError('conflict'), isApplied: true },
      { error: armError('rejected'), isApplied: false },
    );
    expect(await world.look()).toMatchObject({ kind: 'later' });
    world.pass(10_000);
    await world.look();
    const applied = world.records().filter(({ outcome }) => outcome === 'applied');
    expect(applied).toHaveLength(1);
    expect(refused).not.toContain(applied[0]?.id);
    expect(
      world
        .records()
        .filter(({ id }) => refused.includes(id))
        .map(({ outcome }) => outcome),
    ).toEqual(['failed']);
  });

  test('is not said to have failed where somebody deletes the vault before it shows', async () => {
    const world = showing();
    world.writeFaults.push({ error: armError('unavailable'), isApplied: true });
    const read = world.deps.reader.read.bind(world.deps.reader);
    world.deps.reader.read = (...asked) =>
      writesIn(world).length > 0 ? Promise.reject(armError('not-found')) : read(...asked);
    expect(await world.look()).toMatchObject({ kind: 'later' });
    expect(outcomesIn(world)).toEqual(['pending']);
    world.pass(10_000);
    expect(await world.look()).toMatchObject({ kind: 'gone' });
    expect(world.records().map(({ outcome, warnings }) => [outcome, warnings.at(-1)])).toEqual([
      ['failed', 'unconfirmed'],
    ]);
  });

  test('is found by an instance whose clock is behind, which waits once for as long as ARM may take', async () => {
    const world = showing();
    world.writeFaults.push({ ...LOST, isApplied: false });
    await world.look();
    world.pass(-60_000);
    expect(await world.look()).toMatchObject({ kind: 'later', retryAfterMs: 10_000 });
    expect(outcomesIn(world)).toEqual(['pending']);
    world.pass(10_000);
    expect(await world.look()).toMatchObject({ outcome: 'applied' });
    expect(outcomesIn(world).toSorted()).toEqual(['applied', 'failed']);
  });

  test('is not waited for by a sweep that comes right after it', async () => {
    const world = showing(...Array<JsonObject>(3).fill(OPENED));
    // A change that was refused long ago is tried again over its record.
    world.writeFaults.push({ error: armError('locked'), isApplied: false });
    await world.look();
    world.pass(60 * 60_000);
    world.writeFaults.push(LOST);
    expect(await world.look()).toMatchObject({ kind: 'later' });
    await settlePending(world.deps, AbortSignal.timeout(5000));
    expect(outcomesIn(world)).toEqual(['pending']);
  });
});
