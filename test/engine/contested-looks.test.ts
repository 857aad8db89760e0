import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editKey } from '../../src/engine/contested/contested.js';
import { createEngine } from '../../src/engine/engine.js';
import type { Look, LookResult } from '../../src/engine/look/look.js';
import { planResource } from '../../src/engine/plan-resource.js';
import { createRunLook } from '../../src/engine/look/run-look.js';
import type { EditHistory } from '../../src/engine/ports/memory.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { JsonObject } from '../../src/types/json.js';
import type { Actor } from '../../src/types/record.js';
import { addressChanges } from '../../src/vault/address-changes.js';
import { readNetworkRules } from '../../src/vault/network-rules.js';
import { acls, observe, reader } from '../vault/vault-observation.js';
import { fakeWorld, OWN_ID, vaultId, workflowId } from './fake-world.js';
import { sweepAll } from './sweep-all.js';

const MALLORY: Actor = { id: 'mallory-id', name: 'mallory@contoso.com', ip: '203.0.113.1' };
const OWN: Actor = { id: OWN_ID, name: 'holdfast', ip: null };
const open = (more: JsonObject = {}): JsonObject => ({
  location: 'westeurope',
  properties: {
    enableSoftDelete: true,
    enablePurgeProtection: true,
    networkAcls: {
      bypass: 'AzureServices',
      defaultAction: 'Allow',
      ipRules: [],
      virtualNetworkRules: [],
      ...more,
    },
  },
});

/** One vault, and somebody who puts it back as it was before each look. */
function contestedWorld(template: JsonObject = open()) {
  const world = fakeWorld();
  const runLook = createRunLook(world.deps);
  const engine = createEngine(world.deps);
  const look = (change: Partial<Look> = {}): Promise<LookResult> =>
    runLook(
      {
        id: vaultId(),
        trigger: 'event',
        correlationId: 'c-1',
        actor: MALLORY,
        remediators: null,
        askedForByName: false,
        dryRun: false,
        causedAt: null,
        ...change,
      },
      { signal: AbortSignal.timeout(20_000), confirmReleases: true },
    );
  const pass = (minutes: number): void => {
    world.settings.now = new Date(world.settings.now.getTime() + minutes * 60_000);
  };
  const revert = (): void => {
    pass(2);
    world.put(vaultId(), template);
  };
  /** Reverted and looked at, this many times. */
  const fight = async (rounds: number, change: Partial<Look> = {}): Promise<LookResult | undefined> => {
    let last: LookResult | undefined;
    for (let i = 0; i < rounds; i += 1) {
      revert();
      last = await look(change);
    }
    return last;
  };
  const writes = (): number => world.calls.filter((call) => call.startsWith('PATCH')).length;
  const isShut = (): boolean =>
    (world.propertiesOf(vaultId()).networkAcls as JsonObject).defaultAction === 'Deny';
  const contested = () => world.records().filter(({ outcome }) => outcome === 'contested');
  return { ...world, engine, look, pass, revert, fight, writes, isShut, contested };
}

describe('an edit that somebody else reverts each time', () => {
  test('is made three times and then left alone, and the record says who, how long and what to change', async () => {
    const world = contestedWorld();
    const result = await world.fight(4);
    expect(world.writes()).toBe(3);
    expect(result).toMatchObject({ kind: 'done', outcome: 'contested' });
    const [record, ...others] = world.contested();
    expect(others).toEqual([]);
    expect(record).toMatchObject({
      remediator: 'vault-firewall',
      mode: 'enforce',
      actor: MALLORY,
      error: null,
    });
    expect(record?.edits.map(({ path }) => path)).toEqual(['/properties/networkAcls/defaultAction']);
    const text = record?.warnings.join('\n') ?? '';
    expect(text).toMatch(/from 2026-11-23T12:08:00.000Z until 2026-11-23T13:08:00.000Z \(pause 1\)/);
    expect(text).toContain("defaultAction: 'Deny'");
    expect(text).toContain('default_action = "Deny"');
  });

  test('is recorded once for each pause, however often it is looked at, by event or sweep', async () => {
    const world = contestedWorld();
    await world.fight(4);
    for (let i = 0; i < 5; i += 1) {
      world.pass(5);
      expect(await world.look()).toMatchObject({ outcome: 'contested' });
      await sweepAll(world, world.engine);
      expect(world.queue).toEqual([]);
    }
    expect(world.contested()).toHaveLength(1);
    expect(world.writes()).toBe(3);
  });

  test('is one record with all that came back with it, and stays that', async () => {
    const world = contestedWorld();
    world.put(vaultId(), open({ defaultAction: 'Deny', ipRules: [{ value: '198.51.100.0/24' }] }));
    await world.look();
    await world.fight(7);
    expect(world.writes()).toBe(3);
    const [record, ...others] = world.contested();
    expect(others).toEqual([]);
    expect(record?.edits.map(({ op }) => op)).toEqual(['set', 'add']);
  });

  test('stays one record where it was compliant in between', async () => {
    const world = contestedWorld();
    await world.fight(4);
    world.put(vaultId(), open({ defaultAction: 'Deny' }));
    expect(await world.look()).toMatchObject({ outcome: 'compliant' });
    await world.fight(1);
    expect(world.contested()).toHaveLength(1);
    expect(world.writes()).toBe(3);
  });

  test('is tried once more by the sweep after the pause, and then left alone for twice as long', async () => {
    const world = contestedWorld();
    await world.fight(4);
    world.pass(61);
    await sweepAll(world, world.engine);
    for (const { message } of world.queue.splice(0)) await world.engine.reconcile(message);
    expect(world.writes()).toBe(4);
    expect(world.isShut()).toBe(true);
    await world.fight(1);
    expect(world.writes()).toBe(4);
    expect(
      world
        .contested()
        .map(({ warnings }) => /\(pause (\d)\)/.exec(warnings.join(' '))?.[1])
        .sort(),
    ).toEqual(['1', '2']);
    world.pass(119);
    await sweepAll(world, world.engine);
    expect(world.queue).toEqual([]);
    world.pass(3);
    await sweepAll(world, world.engine);
    expect(world.queue).toHaveLength(1);
  });

  test('is forgotten where it was quiet for as long as the pause lasted', async () => {
    const world = contestedWorld();
    await world.fight(4);
    world.pass(61);
    await world.look();
    world.pass(61);
    await world.fight(3);
    expect(world.writes()).toBe(7);
  });

  test('is made all the same for a person who asks for it by name', async () => {
    const world = contestedWorld();
    await world.fight(4);
    expect(await world.look({ trigger: 'http', askedForByName: true, actor: null })).toMatchObject({
      outcome: 'applied',
    });
    expect(world.isShut()).toBe(true);
    await world.fight(1);
    expect(world.writes()).toBe(4);
  });

  test('is found by the sweep as well, with who was seen to revert it last', async () => {
    const world = contestedWorld();
    await world.fight(3);
    world.revert();
    await sweepAll(world, world.engine);
    expect(world.queue).toEqual([]);
    expect(world.contested()).toMatchObject([{ actor: MALLORY, trigger: 'sweep' }]);
  });

  test('is not said to be reverted by Holdfast, whose own write was heard of late', async () => {
    const world = contestedWorld();
    await world.fight(3);
    await world.fight(1, { actor: OWN });
    expect(world.contested()).toMatchObject([{ actor: MALLORY }]);
  });

  test('stands as drifted, with a finding that goes when it is put right', async () => {
    const world = contestedWorld();
    await world.fight(4);
    const standing = () => world.standings.get(vaultId().key);
    expect(standing()?.remediators['vault-firewall']).toBe('drifted');
    expect(standing()?.findings).toMatchObject([{ severity: 'high', remediator: 'vault-firewall' }]);
    expect(standing()?.findings[0]?.reason).toContain('"mallory@contoso.com" keeps reverting');
    const id = standing()?.findings[0]?.id;
    world.pass(61);
    await world.look();
    await world.fight(1);
    expect(standing()?.findings[0]?.id).toBe(id);
    world.put(vaultId(), open({ defaultAction: 'Deny' }));
    await world.look();
    expect(standing()?.findings).toEqual([]);
    expect(standing()?.remediators['vault-firewall']).toBe('compliant');
  });
});

describe('what is not contested', () => {
  test('an edit that failed', async () => {
    const world = contestedWorld();
    const patchVault = world.deps.writer.patchVault.bind(world.deps.writer);
    world.deps.writer.patchVault = async (...args) => {
      const answer = await patchVault(...args);
      return { ...answer, document: open() };
    };
    expect(await world.fight(6)).toMatchObject({ outcome: 'failed' });
    expect(world.contested()).toEqual([]);
  });

  test('what is new each time', async () => {
    const world = contestedWorld();
    world.put(vaultId(), open({ defaultAction: 'Deny' }));
    for (let i = 0; i < 6; i += 1) {
      world.pass(2);
      const addresses = Array.from({ length: i + 1 }, (_, n) => `20.1.${n}.0/28`);
      world.workflows.set(workflowId().key, {
        workflowId: workflowId().id,
        connectionIds: [],
        reads: [{ vaultName: 'kv-one', ...readOf(addresses) }],
        isEnabled: true,
        returnsSecret: false,
        handsSecretTo: [],
        calls: [],
        listed: true,
      });
      expect(await world.look()).toMatchObject({ outcome: 'applied' });
    }
    expect(world.contested()).toEqual([]);
  });

  test('what is reverted more seldom', async () => {
    const world = contestedWorld();
    for (let i = 0; i < 6; i += 1) {
      world.pass(30);
      await world.fight(1);
    }
    expect(world.writes()).toBe(6);
    expect(world.contested()).toEqual([]);
  });

  test('the other edits of the same vault, which go on', async () => {
    const world = contestedWorld();
    await world.fight(4);
    const { properties } = open();
    world.put(vaultId(), {
      location: 'westeurope',
      properties: { ...(properties as JsonObject), enablePurgeProtection: false },
    });
    const result = await world.look();
    expect(result).toMatchObject({ outcome: 'contested' });
    expect(world.propertiesOf(vaultId())).toMatchObject({ enablePurgeProtection: true });
    expect(world.isShut()).toBe(false);
  });
});

describe('the history', () => {
  test('holds digests, and neither values nor texts of anybody', async () => {
    const world = contestedWorld(open({ ipRules: [] }));
    await world.fight(4);
    const [entry] = world.memories.get(vaultId().key)?.editHistory ?? [];
    expect(Object.keys(entry ?? {}).sort()).toEqual(['appliedAt', 'edit', 'pause', 'revertedBy']);
    expect(entry?.edit).toMatch(/^[0-9a-f]{24}$/);
  });

  test('is bounded: what is over drops out', async () => {
    const world = contestedWorld();
    for (let i = 0; i < 40; i += 1) {
      world.pass(90);
      world.put(vaultId(), open({ bypass: undefined as never }));
      await world.look();
    }
    const history = world.memories.get(vaultId().key)?.editHistory ?? [];
    expect(history.length).toBeLessThanOrEqual(2);
    for (const { appliedAt } of history) expect(appliedAt.length).toBeLessThanOrEqual(20);
  });
});

describe('law: whatever is contested, a vault is never shut without the addresses of its Logic Apps', () => {
  const NOW = new Date('2026-11-26T12:00:00.000Z');
  const block = fc.nat(40).map((n) => `20.0.${n}.0/28`);
  const estate = fc.record({
    action: fc.constantFrom('Allow', 'Allow', 'Deny'),
    hasBypass: fc.boolean(),
    rules: fc.uniqueArray(block, { maxLength: 6 }),
    needed: fc.array(fc.uniqueArray(block, { minLength: 1, maxLength: 4 }), { maxLength: 3 }),
    good: fc.option(fc.uniqueArray(block, { maxLength: 6 }), { nil: null }),
    contested: fc.infiniteStream(fc.boolean()),
  });

  test('planned with any part of the plan contested', () => {
    let shut = 0;
    let refused = 0;
    fc.assert(
      fc.property(estate, ({ action, hasBypass, rules, needed, good, contested }) => {
        const { bypass, ...bare } = acls(action, ...rules);
        const observed = observe(hasBypass ? { bypass: bypass ?? null, ...bare } : bare, {
          readers: needed.map((addresses, i) => reader(`la-${i}`, addresses)),
          knownGood: good === null ? null : { seenAt: NOW.toISOString(), networkAcls: acls('Deny', ...good) },
        });
        const { policy } = fakeWorld().deps;
        const plan = (history: readonly EditHistory[]) => planResource(observed, policy, null, NOW, history);
        const picked = contested[Symbol.iterator]();
        const history = plan([]).remediations.flatMap(({ remediator, plan: { edits } }) =>
          edits.flatMap((edit): readonly EditHistory[] => {
            if (picked.next().value !== true) return [];
            const appliedAt = Array.from({ length: 3 }, () => NOW.toISOString());
            return [{ edit: editKey(remediator, edit), appliedAt, revertedBy: null, pause: null }];
          }),
        );
        const { remediations } = plan(history);
        const edits = remediations.flatMap(({ plan: own }) => own.edits);
        const before = readNetworkRules(observed.vault);
        const after = readNetworkRules(applyEdits(observed.vault, edits));
        if (before?.isShut === true || after?.isShut !== true) {
          if (remediations.some(({ plan: { refusals } }) => refusals.length > 0)) refused += 1;
          return;
        }
        shut += 1;
        const { fit } = addressChanges(after.ipRules, observed);
        expect(fit.added).toEqual([]);
      }),
      { numRuns: 1000 },
    );
    // The law is empty where nothing is ever shut, and where nothing is ever kept from it.
    expect(shut).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(20);
  });
});

function readOf(addresses: readonly string[]) {
  const { via, signIn, uses, hasUnknownUse } = reader('x', []);
  return { via, signIn, uses, hasUnknownUse, addresses };
}
