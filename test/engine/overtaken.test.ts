import { describe, expect, test } from 'vitest';
import { createArrivals } from '../../src/engine/look/arrivals.js';
import type { Look } from '../../src/engine/look/look.js';
import { createRunLook } from '../../src/engine/look/run-look.js';
import type { JsonObject } from '../../src/types/json.js';
import { fakeWorld, vaultId } from './fake-world.js';
import { lookOf } from './look-of.js';

/** Rules are written as a whole list: one that comes in between the read and the write would be gone. */

const open = (...addresses: readonly string[]): JsonObject => ({
  location: 'westeurope',
  properties: {
    enableSoftDelete: true,
    enablePurgeProtection: true,
    networkAcls: {
      bypass: 'AzureServices',
      defaultAction: 'Allow',
      ipRules: addresses.map((value) => ({ value })),
      virtualNetworkRules: [],
    },
  },
});

const LOOK: Look = lookOf(vaultId());

/** Does `meanwhile` after each read of the vault, before its answer is there. */
function lookingAt(meanwhile: (read: number, world: ReturnType<typeof fakeWorld>) => void) {
  const world = fakeWorld();
  world.put(vaultId(), open('203.0.113.0/32'));
  const arrivals = createArrivals();
  const read = world.deps.reader.read.bind(world.deps.reader);
  let reads = 0;
  world.deps.reader.read = async (...asked) => {
    const answer = await read(...asked);
    reads += 1;
    meanwhile(reads, world);
    return answer;
  };
  const runLook = createRunLook(world.deps, arrivals);
  const run = () => runLook(LOOK, { signal: AbortSignal.timeout(20_000), confirmReleases: false });
  return { ...world, arrivals, run };
}

const rulesIn = ({ networkAcls }: JsonObject): readonly unknown[] =>
  ((networkAcls as JsonObject).ipRules as readonly JsonObject[]).map(({ value }) => value);

describe('an event that comes in after the resource was read', () => {
  test('has it read again before it is written, so that nothing of it is lost', async () => {
    const looking = lookingAt((read, world) => {
      if (read > 3) return;
      looking.arrivals.note(vaultId());
      world.put(vaultId(), open('203.0.113.0/32', `203.0.113.${read}/32`));
    });
    expect(await looking.run()).toMatchObject({ kind: 'done', outcome: 'applied' });
    const get = 'GET kv-one';
    expect(looking.calls).toEqual([get, get, get, get, 'PATCH kv-one']);
    expect(rulesIn(looking.propertiesOf(vaultId()))).toEqual(['203.0.113.0/32', '203.0.113.3/32']);
    expect(looking.records().map(({ outcome }) => outcome)).toEqual(['applied']);
  });

  test('does not keep it from being written for longer than five seconds', async () => {
    const looking = lookingAt((_read, { settings }) => {
      looking.arrivals.note(vaultId());
      settings.now = new Date(settings.now.getTime() + 500);
    });
    expect(await looking.run()).toMatchObject({ kind: 'done', outcome: 'applied' });
    expect(looking.calls.filter((call) => call.startsWith('PATCH'))).toHaveLength(1);
    expect(looking.calls.length).toBeLessThanOrEqual(13);
  });

  test('costs nothing where there is nothing to write, and where it is of another resource', async () => {
    const safe = lookingAt((read) => {
      if (read > 1) safe.arrivals.note(vaultId());
    });
    await safe.run();
    const before = safe.calls.length;
    await safe.run();
    expect(safe.calls.slice(before)).toEqual(['GET kv-one']);

    const other = lookingAt(() => {
      other.arrivals.note(vaultId('kv-two'));
    });
    await other.run();
    expect(other.calls).toEqual(['GET kv-one', 'PATCH kv-one']);
  });
});

test('however many resources there are, what is kept of their events stays small, and the newest is known', () => {
  const arrivals = createArrivals();
  arrivals.note(vaultId('kv-0'));
  const first = arrivals.latest(vaultId('kv-0'));
  for (let i = 1; i <= 10_000; i += 1) arrivals.note(vaultId(`kv-${i}`));
  expect(arrivals.latest(vaultId('kv-10000'))).toBeGreaterThan(first);
  // Forgotten, it counts as changed: that costs one read.
  expect(arrivals.latest(vaultId('kv-0'))).toBe(0);
});
