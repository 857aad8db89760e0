import { describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/engine.js';
import { createHandEngine } from '../../src/engine/hand-engine.js';
import type { JsonObject } from '../../src/types/json.js';
import { armError, fakeWorld, vaultId } from './fake-world.js';
import { sweepAll } from './sweep-all.js';

const ALICE = { id: 'aaaaaaaa-1111-4000-8000-000000000001', name: 'alice@contoso.com', ip: null };
const MINE = '203.0.113.7/32';
const OFFICE = '198.51.100.0/24';
const HOUR_MS = 3_600_000;

function laptop(mode: 'audit' | 'enforce' = 'enforce') {
  const world = fakeWorld();
  world.settings.modes['vault-temporary-rules'] = mode;
  const acls = (defaultAction: string, values: readonly string[]): JsonObject => ({
    id: vaultId().id,
    location: 'westeurope',
    properties: {
      enableSoftDelete: true,
      enablePurgeProtection: true,
      networkAcls: {
        bypass: 'AzureServices',
        defaultAction,
        ipRules: values.map((value) => ({ value })),
        virtualNetworkRules: [],
      },
    },
  });
  const put = (defaultAction: string, ...values: string[]) =>
    world.put(vaultId(), acls(defaultAction, values));
  put('Deny', OFFICE);
  const app = createEngine(world.deps);
  const cli = createHandEngine({ ...world.deps, operator: ALICE });
  const rules = (): readonly string[] =>
    (world.propertiesOf(vaultId()).networkAcls as { ipRules: { value: string }[] }).ipRules.map(
      ({ value }) => value,
    );
  const later = (ms: number): void => {
    world.settings.now = new Date(world.settings.now.getTime() + ms);
  };
  const until = (ms: number): string => new Date(world.settings.now.getTime() + ms).toISOString();
  const allow = (ms: number, value = MINE) =>
    cli.allowAccess(vaultId(), { value, until: until(ms), by: ALICE.name }, false);
  const look = (engine = app) => engine.remediate({ id: vaultId(), dryRun: false, remediators: null });
  /** A sweep, and what it put on the queue. */
  const sweep = async () => {
    await sweepAll(world, app);
    for (let next = world.queue.shift(); next !== undefined; next = world.queue.shift())
      await app.reconcile(next.message);
  };
  return { ...world, app, cli, put, rules, later, allow, look, sweep };
}

describe('an address that is let in for two hours', () => {
  test('is in, recorded as who let it in, and stays whatever looks at the vault meanwhile', async () => {
    const world = laptop();
    expect(await world.allow(2 * HOUR_MS)).toMatchObject({
      kind: 'done',
      decision: { kind: 'added' },
      result: { outcome: 'applied' },
    });
    world.later(HOUR_MS);
    await world.look();
    await world.sweep();
    expect(world.rules()).toEqual([OFFICE, MINE]);
    expect(world.records()).toMatchObject([
      { trigger: 'cli', actor: ALICE, remediator: 'vault-temporary-rules', outcome: 'applied' },
    ]);
  });

  test('is taken out by the first look after that, and remembered no more', async () => {
    const world = laptop();
    await world.allow(2 * HOUR_MS);
    world.later(2 * HOUR_MS + 1);
    await world.look();
    expect(world.rules()).toEqual([OFFICE]);
    expect(world.records().at(-1)).toMatchObject({
      trigger: 'http',
      remediator: 'vault-temporary-rules',
      outcome: 'applied',
      edits: [{ op: 'remove' }],
    });
    expect((await world.deps.memory.read(vaultId())).temporaryRules).toEqual([]);
  });

  test('is taken out by the first sweep after that, though nothing has changed since the one before', async () => {
    const world = laptop();
    await world.sweep();
    await world.allow(2 * HOUR_MS);
    for (let i = 0; i < 3; i += 1) {
      world.later(HOUR_MS / 2);
      await world.sweep();
      expect(world.rules()).toEqual([OFFICE, MINE]);
    }
    world.later(HOUR_MS);
    await world.sweep();
    expect(world.rules()).toEqual([OFFICE]);
  });

  test('stays where the app only audits, and its record says that it should go', async () => {
    const world = laptop('audit');
    await world.allow(HOUR_MS);
    world.later(2 * HOUR_MS);
    await world.look();
    expect(world.rules()).toEqual([OFFICE, MINE]);
    expect(world.records().at(-1)).toMatchObject({ outcome: 'planned', edits: [{ op: 'remove' }] });
  });

  test('comes back with the firewall that somebody wiped, but not once its time is up', async () => {
    const world = laptop();
    await world.allow(2 * HOUR_MS);
    world.put('Allow');
    await world.look();
    expect(world.rules()).toEqual([OFFICE, MINE]);
    world.put('Allow');
    world.later(3 * HOUR_MS);
    await world.look();
    expect(world.rules()).toEqual([OFFICE]);
    world.put('Allow');
    await world.look();
    expect(world.rules()).toEqual([OFFICE]);
  });

  test('that is let in again stays until the later time, as one rule', async () => {
    const world = laptop();
    await world.allow(HOUR_MS);
    expect(await world.allow(4 * HOUR_MS)).toMatchObject({
      decision: { kind: 'extended' },
      result: { outcome: 'compliant' },
    });
    world.later(2 * HOUR_MS);
    await world.look();
    expect(world.rules()).toEqual([OFFICE, MINE]);
    world.later(3 * HOUR_MS);
    await world.look();
    expect(world.rules()).toEqual([OFFICE]);
  });

  test('that somebody took out and put back by hand is theirs', async () => {
    const world = laptop();
    await world.allow(2 * HOUR_MS);
    world.put('Deny', OFFICE);
    world.later(HOUR_MS);
    await world.look();
    world.put('Deny', OFFICE, MINE);
    world.later(2 * HOUR_MS);
    await world.look();
    expect(world.rules()).toEqual([OFFICE, MINE]);
  });

  test('goes at once where it is asked for, and nothing else goes', async () => {
    const world = laptop();
    await world.allow(2 * HOUR_MS);
    await world.allow(2 * HOUR_MS, '192.0.2.9/32');
    expect(await world.cli.endAccess(vaultId(), MINE, false)).toMatchObject({
      result: { outcome: 'applied' },
    });
    expect(world.rules()).toEqual([OFFICE, '192.0.2.9/32']);
    await world.cli.endAccess(vaultId(), null, false);
    expect(world.rules()).toEqual([OFFICE]);
  });
});

test('an address that was there before is not remembered, and never goes', async () => {
  const world = laptop();
  world.put('Deny', OFFICE, MINE);
  expect(await world.allow(HOUR_MS)).toMatchObject({ decision: { kind: 'present', rule: MINE } });
  world.later(2 * HOUR_MS);
  await world.look();
  expect(world.rules()).toEqual([OFFICE, MINE]);
  expect((await world.deps.memory.read(vaultId())).temporaryRules).toEqual([]);
});

test('a dry run decides, and leaves nothing behind', async () => {
  const world = laptop();
  const request = { value: MINE, until: '2026-11-23T14:00:00.000Z', by: null };
  expect(await world.cli.allowAccess(vaultId(), request, true)).toMatchObject({
    decision: { kind: 'added' },
    result: { outcome: 'planned' },
  });
  expect(world.rules()).toEqual([OFFICE]);
  expect((await world.deps.memory.read(vaultId())).temporaryRules).toEqual([]);
  expect(world.records()).toEqual([]);
});

test('what Azure refuses was not let in, and is remembered no longer than it may still show', async () => {
  const world = laptop();
  world.writeFaults.push({ error: armError('unauthorized'), isApplied: false });
  expect(await world.allow(2 * HOUR_MS)).toMatchObject({ result: { outcome: 'failed' } });
  world.later(HOUR_MS);
  await world.look();
  expect((await world.deps.memory.read(vaultId())).temporaryRules).toEqual([]);
});

test.each(['unauthorized', 'rejected', 'locked', 'throttled'] as const)(
  'what Azure has certainly not let in (%s) is not remembered: who lets it in after that does so for good',
  async (kind) => {
    const world = laptop();
    world.writeFaults.push({ error: armError(kind, 60_000), isApplied: false });
    await world.allow(2 * HOUR_MS);
    expect((await world.deps.memory.read(vaultId())).temporaryRules).toEqual([]);
    world.put('Deny', OFFICE, MINE);
    world.later(3 * HOUR_MS);
    await world.look();
    expect(world.rules()).toEqual([OFFICE, MINE]);
  },
);

test('what may have been let in is remembered, though Azure has not said so', async () => {
  const world = laptop();
  world.writeFaults.push({ error: armError('unavailable', 60_000), isApplied: true });
  await world.allow(2 * HOUR_MS);
  expect((await world.deps.memory.read(vaultId())).temporaryRules).toMatchObject([{ value: MINE }]);
});

describe('taking a change back', () => {
  const shutIt = async () => {
    const world = laptop();
    world.put('Allow', OFFICE);
    await world.look();
    return { ...world, id: world.records().find(({ outcome }) => outcome === 'applied')?.id ?? '' };
  };

  test('is one write of the inverse alone, recorded as whoever did it', async () => {
    const world = await shutIt();
    expect(await world.cli.takeBack(world.id, true)).toMatchObject({
      kind: 'done',
      result: { outcome: 'planned' },
    });
    expect(await world.cli.takeBack(world.id, false)).toMatchObject({
      kind: 'done',
      result: { outcome: 'applied' },
    });
    expect(world.records().at(-1)).toMatchObject({
      trigger: 'cli',
      actor: ALICE,
      remediator: 'vault-firewall',
      edits: [{ before: 'Deny', after: 'Allow' }],
    });
    // A deployed Holdfast puts it back: the command line says how to hold it off.
    await world.look();
    expect(world.records().at(-1)).toMatchObject({
      trigger: 'http',
      edits: [{ before: 'Allow', after: 'Deny' }],
    });
  });

  test('of an address whose time was up is refused: it would stay for good', async () => {
    const world = laptop();
    await world.allow(HOUR_MS);
    world.later(2 * HOUR_MS);
    await world.look();
    const id = world.records().at(-1)?.id ?? '';
    expect(await world.cli.takeBack(id, false)).toMatchObject({ result: { outcome: 'refused' } });
    expect(world.rules()).toEqual([OFFICE]);
  });

  test.each(['nonsense', '01a2197e-81d0-7cc1-8441-0c6c738f4a47'])('of no record: %s', async (id) => {
    expect(await laptop().cli.takeBack(id, false)).toEqual({ kind: 'unknown' });
  });
});
