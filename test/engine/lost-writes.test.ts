import { describe, expect, test } from 'vitest';
import type { Look, LookResult } from '../../src/engine/look/look.js';
import { lostIn } from '../../src/engine/lost-save/lost-memory.js';
import { NO_MEMORY } from '../../src/engine/ports/memory.js';
import { createRunLook } from '../../src/engine/look/run-look.js';
import { settlePending } from '../../src/engine/settle/settle-pending.js';
import type { JsonObject } from '../../src/types/json.js';
import { armError, fakeWorld, workflowId } from './fake-world.js';
import { lookOf } from './look-of.js';
import { sweepAll } from './sweep-all.js';

/* A workflow has no ETag: what somebody saves between Holdfast's read and its PUT is found in the version history. */

const getSecret = (name: string): JsonObject => ({
  type: 'ApiConnection',
  inputs: {
    host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
    method: 'get',
    path: `/secrets/@{encodeURIComponent('${name}')}/value`,
  },
});
const document = (actions: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: workflowId().id,
  location: 'westeurope',
  properties: {
    state: 'Enabled',
    definition: { triggers: { manual: { type: 'Request' } }, actions, ...more },
    parameters: {
      $connections: {
        value: {
          keyvault: { id: '/subscriptions/s/providers/Microsoft.Web/locations/w/managedApis/keyvault' },
        },
      },
    },
  },
});
const OPEN = document({ Get: getSecret('one') });
const THEIRS = document({
  Get: getSecret('one'),
  Get_two: getSecret('two'),
  Note: { type: 'Compose', inputs: 'hunter2' },
});

function worldOf(now = OPEN) {
  const world = fakeWorld();
  world.put(workflowId(), now);
  const runLook = createRunLook(world.deps);
  const look = (change: Partial<Look> = {}, confirmReleases = false): Promise<LookResult> =>
    runLook(lookOf(workflowId(), { correlationId: 'c-1', ...change }), {
      signal: AbortSignal.timeout(20_000),
      confirmReleases,
    });
  const save = (saved: JsonObject) => (): void => void world.put(workflowId(), saved);
  return { ...world, look, save };
}
type World = ReturnType<typeof worldOf>;

const actionsNow = (world: World): Readonly<Record<string, unknown>> =>
  (world.propertiesOf(workflowId()).definition as { actions: Record<string, unknown> }).actions;
const isHidden = (action: unknown): boolean =>
  JSON.stringify(action).includes('"secureData":{"properties":["outputs"]}');
const applied = (world: World) => world.records().filter(({ outcome }) => outcome === 'applied');

const recorded = (world: World) => world.memories.get(workflowId().key)?.recorded ?? {};

describe('a save that came between', () => {
  test('is taken up by a look from the queue, too, which counts the runs', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    expect(await world.look({}, true)).toMatchObject({ kind: 'done', outcome: 'applied' });
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
  });

  test('is taken up again with the edits planned anew on top, in a record of its own', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'applied' });
    const now = actionsNow(world);
    expect(Object.keys(now)).toEqual(['Get', 'Get_two', 'Note']);
    expect([isHidden(now.Get), isHidden(now.Get_two)]).toEqual([true, true]);
    const [first, second] = applied(world);
    expect(first?.warnings.join(' ')).toMatch(/The version \d+, .* was written over.*takes it up again/);
    expect(second?.edits.map(({ path }) => path)).toEqual([
      '/properties/version',
      '/properties/definition/actions/Get/runtimeConfiguration/secureData/properties',
      '/properties/definition/actions/Get_two/runtimeConfiguration/secureData/properties',
    ]);
    expect(JSON.stringify(world.history)).not.toContain('hunter2');
    expect(world.memories.get(workflowId().key)?.recorded).not.toHaveProperty('lost');
    expect(lostIn(world.memories.get(workflowId().key)?.recorded ?? {})).toBeNull();
  });

  test('is put back even where it needs no edit', async () => {
    const world = worldOf();
    const action = { ...getSecret('one'), runtimeConfiguration: { secureData: { properties: ['outputs'] } } };
    world.interlopers.push(world.save(document({ Renamed: action })));
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Renamed']);
    expect(applied(world)[1]?.edits).toMatchObject([{ op: 'set', path: '/properties/version' }]);
  });

  test('is taken up though ARM goes on to show it, saved in the same moment as Holdfast’s write', async () => {
    const world = worldOf();
    world.settings.savedAt = '2026-11-23T12:00:01.0000000Z';
    world.interlopers.push(world.save(THEIRS));
    const read = world.deps.reader.read.bind(world.deps.reader);
    let isBehind = true;
    world.deps.reader.read = async (...asked) => {
      const answer = await read(...asked);
      if (!isBehind || !world.calls.includes('VERSIONS play')) return answer;
      const theirs = world.versions.get(workflowId().key)?.at(-2) ?? {};
      return { ...answer, text: JSON.stringify(theirs), document: theirs };
    };
    expect(await world.look()).toMatchObject({ kind: 'later' });
    isBehind = false;
    expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'applied' });
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
  });

  test('is kept for the next look, where ARM refuses to show its version for now', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const readVersion = world.deps.reader.readWorkflowVersion.bind(world.deps.reader);
    world.deps.reader.readWorkflowVersion = () => Promise.reject(armError('rejected'));
    expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'failed' });
    expect(Object.keys(actionsNow(world))).toEqual(['Get']);
    world.deps.reader.readWorkflowVersion = readVersion;
    expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'applied' });
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
  });

  test('is found by the next sweep, however safe the workflow looks, where the look could not go on', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const read = world.deps.reader.read.bind(world.deps.reader);
    world.deps.reader.read = (...asked) =>
      world.calls.includes('VERSIONS play') ? Promise.reject(armError('rejected')) : read(...asked);
    await world.look();
    world.deps.reader.read = read;
    world.queue.length = 0;
    await sweepAll(world);
    expect(world.queue.map(({ message }) => message.resourceId)).toEqual([workflowId().id]);
  });

  test('again and again is taken up a bounded number of times, and then named', async () => {
    const world = worldOf();
    for (let n = 0; n < 10; n += 1)
      world.interlopers.push(world.save(document({ [`Get_${n}`]: getSecret('one') })));
    await world.look();
    expect(world.calls.filter((call) => call.startsWith('PUT'))).toHaveLength(4);
    expect(applied(world).at(-1)?.warnings.join(' ')).toMatch(/3 times in a row: restore it by hand/);
  });

  test('is left where somebody has saved since: that one counts', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const reader = { ...world.deps.reader };
    Object.assign(world.deps.reader, {
      listWorkflowVersions: (...args: Parameters<typeof reader.listWorkflowVersions>) => {
        if (world.calls.filter((call) => call.startsWith('VERSIONS')).length === 0)
          world.put(workflowId(), document({ Later: { type: 'Compose' } }));
        return reader.listWorkflowVersions(...args);
      },
    });
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Later']);
    expect(applied(world)[0]?.warnings.join(' ')).toContain('Somebody has saved another version since');
  });

  test('that must not be written as it is (secure parameters) is refused, and named', async () => {
    const world = worldOf();
    const parameters = { password: { type: 'SecureString' } };
    world.interlopers.push(world.save(document({ Get: getSecret('one') }, { parameters })));
    await world.look();
    const refused = world
      .records()
      .find(({ outcome, edits }) => outcome === 'refused' && edits[0]?.path === '/properties/version');
    expect(refused?.error).toMatch(/secure parameters.*restore it by hand/s);
    expect(lostIn(world.memories.get(workflowId().key)?.recorded ?? {})).toBeNull();
  });

  test('is not lost behind a lock: it is taken up once the lock is gone, and the refusal is recorded once', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const writer = { ...world.deps.writer };
    let [writes, isLocked] = [0, true];
    Object.assign(world.deps.writer, {
      putWorkflow: (...args: Parameters<typeof writer.putWorkflow>) => {
        writes += 1;
        return writes > 1 && isLocked ? Promise.reject(armError('locked')) : writer.putWorkflow(...args);
      },
    });
    for (let looks = 0; looks < 3; looks += 1) await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get']);
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['applied', 'refused']);
    isLocked = false;
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
    expect(applied(world)).toHaveLength(2);
    expect(lostIn(recorded(world))).toBeNull();
  });

  test.each([
    ['once: it is taken up by the next look', 1, [60_000], ['Get', 'Get_two', 'Note']],
    ['five times: it is named, and not tried again', 5, [60_000, 120_000, 240_000, 480_000], ['Get']],
  ])('is rejected by Azure %s', async (_, times, waits, actions) => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const writer = { ...world.deps.writer };
    let writes = 0;
    Object.assign(world.deps.writer, {
      putWorkflow: (...args: Parameters<typeof writer.putWorkflow>) => {
        writes += 1;
        const isRejected = writes > 1 && writes <= 1 + times;
        return isRejected ? Promise.reject(armError('rejected')) : writer.putWorkflow(...args);
      },
    });
    for (let looks = 0; looks < times + 1; looks += 1) await world.look({ askedForByName: true });
    // A workflow that a write would start is written for a person who has asked for it by name.
    expect(world.queue.every(({ message }) => message.askedForByName)).toBe(true);
    expect(world.queue.map(({ delayMs }) => delayMs).filter((delayMs) => delayMs >= 60_000)).toEqual(waits);
    expect(Object.keys(actionsNow(world))).toEqual(actions);
    expect(lostIn(recorded(world))).toBeNull();
    const failed = world.records().filter(({ outcome }) => outcome === 'failed');
    expect(failed).toHaveLength(1);
    expect(failed[0]?.edits[0]?.path).toBe('/properties/version');
  });

  test('is not lost to the limit of changes: the next sweep takes it up', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    world.settings.maxChanges = { kind: 'count', count: 1 };
    world.versionFaults.push(armError('throttled'));
    await world.look();
    expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'refused' });
    expect(Object.keys(actionsNow(world))).toEqual(['Get']);
    expect(lostIn(recorded(world))).not.toBeNull();
    world.settings.maxChanges = { kind: 'count', count: 50 };
    world.queue.length = 0;
    await sweepAll(world);
    expect(world.queue).toMatchObject([{ message: { resourceId: workflowId().id } }]);
  });

  test('is not lost with a throttled write: the queue takes it up', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const writer = { ...world.deps.writer };
    let writes = 0;
    Object.assign(world.deps.writer, {
      putWorkflow: (...args: Parameters<typeof writer.putWorkflow>) => {
        writes += 1;
        return writes === 2 ? Promise.reject(armError('throttled', 60_000)) : writer.putWorkflow(...args);
      },
    });
    expect(await world.look()).toMatchObject({ kind: 'later' });
    expect(Object.keys(actionsNow(world))).toEqual(['Get']);
    expect(world.queue).toHaveLength(1);
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
    expect(applied(world).map(({ edits }) => edits.length)).toEqual([1, 3]);
  });
});

/** Switching makes no version: the one that there is shows it. */
const switchTo = (world: World, state: string, seconds: number) => (): void => {
  const live = world.resources.get(workflowId().key) ?? {};
  const changedTime = new Date(world.settings.now.getTime() + seconds * 1000).toISOString();
  const properties = { ...(live.properties as JsonObject), state, changedTime };
  const kept = world.versions.get(workflowId().key) ?? [];
  world.resources.set(workflowId().key, { ...live, properties });
  world.versions.set(workflowId().key, [...kept.slice(0, -1), { ...live, properties }]);
};
const later = (world: World, ms: number): void => {
  world.settings.now = new Date(world.settings.now.getTime() + ms);
};

describe('a workflow that somebody switches off', () => {
  test('between the read and the write is switched off again, in a record of its own', async () => {
    const world = worldOf();
    world.interlopers.push(() => {
      switchTo(world, 'Disabled', 1)();
      later(world, 2000);
    });
    await world.look();
    expect(world.propertiesOf(workflowId()).state).toBe('Disabled');
    expect(isHidden(actionsNow(world).Get)).toBe(true);
    const [first, second] = applied(world);
    expect(first?.warnings.join(' ')).toMatch(
      /Somebody switched the workflow on or off at .* takes it up again/,
    );
    expect(second?.edits[0]).toMatchObject({
      path: '/properties/version',
      reason: expect.stringContaining('switched') as unknown,
    });
    await world.look();
    expect(world.calls.filter((call) => call.startsWith('PUT'))).toHaveLength(2);
  });

  test('after the write, stays off where a save from before it is taken up', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const reader = { ...world.deps.reader };
    Object.assign(world.deps.reader, { readWorkflowVersion: () => Promise.reject(new Error('killed')) });
    await expect(world.look()).rejects.toThrow('killed');
    Object.assign(world.deps.reader, reader);
    switchTo(world, 'Disabled', 1)();
    later(world, 2000);
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
    expect(world.propertiesOf(workflowId()).state).toBe('Disabled');
  });

  test('and on again after the write, stays on', async () => {
    const world = worldOf();
    world.interlopers.push(() => {
      switchTo(world, 'Disabled', 1)();
      later(world, 2000);
    });
    const reader = { ...world.deps.reader };
    Object.assign(world.deps.reader, { readWorkflowVersion: () => Promise.reject(new Error('killed')) });
    await expect(world.look()).rejects.toThrow('killed');
    Object.assign(world.deps.reader, reader);
    switchTo(world, 'Enabled', 1)();
    later(world, 2000);
    await world.look();
    expect(world.propertiesOf(workflowId()).state).toBe('Enabled');
    expect(applied(world)).toHaveLength(1);
  });
});

describe('a history that cannot be read', () => {
  test('leaves the write applied, with a warning', async () => {
    const world = worldOf();
    world.versionFaults.push(armError('unauthorized'));
    await world.look();
    expect(applied(world)).toHaveLength(1);
    expect(applied(world)[0]?.warnings.join(' ')).toMatch(/cannot be told: Azure said unauthorized/);
    expect(world.queue).toEqual([]);
  });

  test.each(['throttled', 'unavailable', 'rejected'] as const)(
    'for now (%s) is read again from the queue, and what was saved is taken up then',
    async (kind) => {
      const world = worldOf();
      world.interlopers.push(world.save(THEIRS));
      world.versionFaults.push(armError(kind));
      expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'applied' });
      expect(applied(world)[0]?.warnings.join(' ')).toMatch(/cannot be told: Azure said .* reads them again/);
      expect(world.queue).toMatchObject([{ message: { resourceId: workflowId().id } }]);
      await world.look();
      expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
      const [first] = applied(world);
      expect(first?.warnings.join(' ')).toMatch(/The version \d+, .* was written over.*takes it up again/);
      expect(first?.warnings.join(' ')).not.toContain('cannot be told');
      expect(Object.keys(recorded(world)).join(' ')).not.toMatch(/unread|lost/);
    },
  );

  test('because it does not show the write yet is read again', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const reader = { ...world.deps.reader };
    const older = world.versions.get(workflowId().key) ?? [];
    Object.assign(world.deps.reader, { listWorkflowVersions: () => Promise.resolve(older) });
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get']);
    Object.assign(world.deps.reader, reader);
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
  });

  test('that has lost nothing takes the warning back', async () => {
    const world = worldOf();
    world.versionFaults.push(armError('throttled'));
    await world.look();
    await world.look();
    expect(applied(world).map(({ warnings }) => warnings.join(' '))).toEqual([
      expect.not.stringContaining('cannot be told'),
    ]);
    expect(world.calls.filter((call) => call.startsWith('PUT'))).toHaveLength(1);
    expect(recorded(world)).not.toHaveProperty('unread:');
  });

  test('keeps the workflow from being written again, for some minutes', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    world.versionFaults.push(...Array.from({ length: 3 }, () => armError('unavailable')));
    await world.look();
    world.put(workflowId(), document({ Get_three: getSecret('three') }));
    expect(await world.look()).toMatchObject({ kind: 'later' });
    expect(world.calls.filter((call) => call.startsWith('PUT'))).toHaveLength(1);
    world.settings.now = new Date(world.settings.now.getTime() + 5 * 60_000);
    expect(await world.look()).toMatchObject({ kind: 'done' });
    expect(isHidden(actionsNow(world).Get_three)).toBe(true);
  });

  test('is not read by a dry run', async () => {
    const world = worldOf();
    world.versionFaults.push(armError('throttled'), armError('throttled'));
    await world.look();
    expect(await world.look({ dryRun: true })).toMatchObject({ kind: 'done' });
    expect(world.versionFaults).toHaveLength(1);
  });
});

describe('an answer that was lost', () => {
  test('does not hide the save that the write went over', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    world.writeFaults.push({ error: armError('unavailable'), isApplied: true });
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
    expect(applied(world)).toHaveLength(2);
  });
});

describe('a crash', () => {
  test('between the write and the look at the versions: the settled write’s save is taken up from the queue', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const reader = { ...world.deps.reader };
    Object.assign(world.deps.reader, { listWorkflowVersions: () => Promise.reject(new Error('killed')) });
    await expect(world.look()).rejects.toThrow('killed');
    Object.assign(world.deps.reader, reader);
    world.settings.now = new Date(world.settings.now.getTime() + 10 * 60_000);
    await settlePending(world.deps, AbortSignal.timeout(5000));
    expect(applied(world)).toHaveLength(1);
    expect(world.queue).toMatchObject([{ delayMs: 0, message: { resourceId: workflowId().id } }]);
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
    expect(lostIn(world.memories.get(workflowId().key)?.recorded ?? NO_MEMORY.recorded)).toBeNull();
  });

  test('after which the history cannot be read for now: it is read again from the queue', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const reader = { ...world.deps.reader };
    Object.assign(world.deps.reader, { listWorkflowVersions: () => Promise.reject(new Error('killed')) });
    await expect(world.look()).rejects.toThrow('killed');
    Object.assign(world.deps.reader, reader);
    world.settings.now = new Date(world.settings.now.getTime() + 10 * 60_000);
    world.versionFaults.push(armError('throttled'));
    await settlePending(world.deps, AbortSignal.timeout(5000));
    expect(world.queue).toMatchObject([{ message: { resourceId: workflowId().id } }]);
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
  });

  test('between the outcome and the taking up: the memory has it', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const reader = { ...world.deps.reader };
    Object.assign(world.deps.reader, { readWorkflowVersion: () => Promise.reject(new Error('killed')) });
    await expect(world.look()).rejects.toThrow('killed');
    expect(world.queue).toHaveLength(1);
    Object.assign(world.deps.reader, reader);
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
  });

  test('in the middle of the taking up: its intent is settled by the whole, not by who wrote last', async () => {
    const world = worldOf();
    world.interlopers.push(world.save(THEIRS));
    const writer = { ...world.deps.writer };
    let writes = 0;
    Object.assign(world.deps.writer, {
      putWorkflow: (...args: Parameters<typeof writer.putWorkflow>) => {
        writes += 1;
        return writes === 2 ? Promise.reject(new Error('killed')) : writer.putWorkflow(...args);
      },
    });
    await expect(world.look()).rejects.toThrow('killed');
    world.settings.now = new Date(world.settings.now.getTime() + 10 * 60_000);
    await settlePending(world.deps, AbortSignal.timeout(5000));
    expect(world.records().map(({ outcome }) => outcome)).toEqual(['applied', 'failed']);
    await world.look();
    expect(Object.keys(actionsNow(world))).toEqual(['Get', 'Get_two', 'Note']);
  });
});
