import { describe, expect, test } from 'vitest';
import type { Look, LookResult } from '../../src/engine/look/look.js';
import { currentReads } from '../../src/engine/readers/note-reads.js';
import { createRunLook } from '../../src/engine/look/run-look.js';
import { NO_MEMORY, type RememberedSurroundings } from '../../src/engine/ports/memory.js';
import type { JsonObject } from '../../src/types/json.js';
import { armError, fakeWorld, vaultId, workflowId } from './fake-world.js';
import { lookOf } from './look-of.js';
import { sweepAll } from './sweep-all.js';

/*
 * What stands apart is written apart: the vault, each principal's access policy, the diagnostic setting.
 */

const TENANT = 'eeeeeeee-0000-4000-8000-00000000000e';
const WORKSPACE =
  '/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/logs';
const principal = (n: number): string => `bbbbbbbb-0000-4000-8000-${String(n).padStart(12, '0')}`;

const policy = (n: number, ...secrets: readonly string[]): JsonObject => ({
  tenantId: TENANT,
  objectId: principal(n),
  permissions: { secrets },
});

const vaultWith = (
  defaultAction: 'Allow' | 'Deny',
  ...accessPolicies: readonly JsonObject[]
): JsonObject => ({
  location: 'westeurope',
  properties: {
    tenantId: TENANT,
    enableSoftDelete: true,
    enablePurgeProtection: true,
    networkAcls: { bypass: 'AzureServices', defaultAction, ipRules: [], virtualNetworkRules: [] },
    accessPolicies,
  },
});

const KNOWN: RememberedSurroundings = {
  roleAssignments: [],
  diagnosticSettings: [],
  hidden: [],
  recentCallers: [],
  callersAskedAt: '2026-11-23T11:59:00.000Z',
  readAt: '2026-11-23T11:59:00.000Z',
};

/** A world with one vault, and as many Logic Apps that get a secret of it, each as itself. */
function worldOf(vault: JsonObject, readers = 1) {
  const world = fakeWorld();
  Object.assign(world.settings.modes, {
    'vault-least-privilege': 'enforce',
    'vault-logging': 'enforce',
    'vault-logic-app-ips': 'off',
  });
  const deps = { ...world.deps, policy: { ...world.deps.policy, logWorkspace: WORKSPACE } };
  world.put(vaultId(), vault);
  world.vaults.set('kv-one', vaultId());
  for (let n = 0; n < readers; n += 1) addReader(world, n);
  const runLook = createRunLook(deps);
  const look = (change: Partial<Look> = {}): Promise<LookResult> =>
    runLook(lookOf(vaultId(), { correlationId: 'c-1', ...change }), {
      signal: AbortSignal.timeout(20_000),
      confirmReleases: false,
    });
  return { ...world, deps, look };
}

function addReader(world: ReturnType<typeof fakeWorld>, n: number): void {
  const id = workflowId(`play-${n}`);
  const document = {
    id: id.id,
    identity: { type: 'SystemAssigned', principalId: principal(n) },
    properties: { definition: { actions: { Get_secret: GET_SECRET } } },
  };
  world.put(id, document);
  const between = { returnsSecret: new Set<string>(), receivesSecret: false };
  world.workflows.set(id.key, currentReads(id, document, new Map(), null, between));
}

const GET_SECRET = {
  type: 'Http',
  inputs: {
    method: 'GET',
    uri: 'https://kv-one.vault.azure.net/secrets/token?api-version=7.4',
    authentication: { type: 'ManagedServiceIdentity', audience: 'https://vault.azure.net' },
  },
  runtimeConfiguration: { secureData: { properties: ['outputs'] } },
};

type World = ReturnType<typeof worldOf>;

/** As if the vault had been seen before, shut, and its surroundings known. */
function remember({ memories }: World, surroundings: RememberedSurroundings | null = KNOWN): void {
  const networkAcls = {
    bypass: 'AzureServices',
    defaultAction: 'Deny',
    ipRules: [],
    virtualNetworkRules: [],
  };
  memories.set(vaultId().key, {
    ...NO_MEMORY,
    knownGood: { seenAt: '2026-11-23T11:00:00.000Z', networkAcls },
    surroundings,
  });
}

const writesIn = ({ calls }: World): readonly string[] =>
  calls.filter((call) => /^(?:PATCH|POLICY|SETTING) /.test(call));
const outcomesIn = ({ records }: World): readonly string[] =>
  records()
    .map(({ remediator, outcome }) => `${remediator} ${outcome}`)
    .sort();
const policiesIn = (world: World): readonly JsonObject[] =>
  world.propertiesOf(vaultId()).accessPolicies as readonly JsonObject[];

/** Everything is wrong at once. */
function allWrong(): World {
  const world = worldOf(vaultWith('Allow', policy(0, 'get', 'set'), policy(7, 'get')));
  remember(world);
  return world;
}

describe('a vault of which everything is wrong', () => {
  test('has the vault written first, then the policy, then the setting, each with its own id', async () => {
    const world = allWrong();
    const result = await world.look({ isOfSurroundings: true });
    expect(result).toMatchObject({ kind: 'done', outcome: 'applied' });
    expect(writesIn(world)).toEqual(['PATCH kv-one', 'POLICY kv-one', 'SETTING kv-one/holdfast-audit']);
    expect(outcomesIn(world)).toEqual([
      'vault-firewall applied',
      'vault-least-privilege applied',
      'vault-logging applied',
    ]);
    expect(new Set(world.records().map(({ writeId }) => writeId)).size).toBe(3);
    expect(new Set(world.records().map(({ correlationId }) => correlationId))).toEqual(new Set(['c-1']));
    expect(policiesIn(world).toSorted(byText)).toEqual([policy(0, 'get'), policy(7, 'get')].toSorted(byText));
  });

  test('has each write’s intent recorded before it, and its outcome before the next', async () => {
    const world = allWrong();
    await world.look({ isOfSurroundings: true });
    expect(world.history.map(({ remediator, outcome }) => `${remediator} ${outcome}`)).toEqual([
      'vault-firewall pending',
      'vault-firewall applied',
      'vault-least-privilege pending',
      'vault-least-privilege applied',
      'vault-logging pending',
      'vault-logging applied',
    ]);
  });

  test('shows all parts in a dry run, and has none written', async () => {
    const world = allWrong();
    const result = await world.look({ dryRun: true, isOfSurroundings: true });
    const planned =
      result.kind === 'done'
        ? result.remediations
            .filter(({ outcome }) => outcome === 'planned')
            .map(({ remediator }) => remediator)
        : [];
    expect(planned).toEqual(['vault-firewall', 'vault-least-privilege', 'vault-logging']);
    expect([writesIn(world), world.history, world.standings.size]).toEqual([[], [], 0]);
  });

  test('leaves nothing for a second look to do', async () => {
    const world = allWrong();
    await world.look({ isOfSurroundings: true });
    world.calls.length = 0;
    expect(await world.look({ isOfSurroundings: true })).toMatchObject({
      kind: 'done',
      outcome: 'compliant',
    });
    expect(writesIn(world)).toEqual([]);
    expect(world.records()).toHaveLength(3);
  });

  test('is written in those parts alone that were asked for', async () => {
    const world = allWrong();
    await world.look({ remediators: ['vault-least-privilege'] });
    expect(writesIn(world)).toEqual(['POLICY kv-one']);
  });

  test.each([
    [
      'the vault',
      'patchVault',
      ['vault-firewall refused', 'vault-least-privilege applied', 'vault-logging applied'],
    ],
    [
      'the policy',
      'replaceAccessPolicies',
      ['vault-firewall applied', 'vault-least-privilege refused', 'vault-logging applied'],
    ],
    [
      'the setting',
      'putDiagnosticSetting',
      ['vault-firewall applied', 'vault-least-privilege applied', 'vault-logging refused'],
    ],
  ] as const)(
    'has the other parts written where %s is locked, and says so once',
    async (_what, write, outcomes) => {
      const world = allWrong();
      const unlocked = { ...world.deps.writer };
      Object.assign(world.deps.writer, { [write]: () => Promise.reject(armError('locked')) });
      for (let i = 0; i < 2; i += 1) {
        expect(await world.look({ isOfSurroundings: true })).toMatchObject({
          kind: 'done',
          outcome: 'refused',
        });
        expect(outcomesIn(world)).toEqual(outcomes);
      }
      Object.assign(world.deps.writer, unlocked);
      await world.look({ isOfSurroundings: true });
      expect(outcomesIn(world).filter((one) => one.endsWith('applied'))).toHaveLength(3);
      expect(outcomesIn(world).filter((one) => one.endsWith('refused'))).toHaveLength(1);
    },
  );

  test('has a part that is forbidden recorded once, although a later part keeps the look from its end', async () => {
    const world = allWrong();
    for (let i = 0; i < 2; i += 1) {
      world.writeFaults.push({ error: armError('unauthorized'), isApplied: false });
      world.writeFaults.push({ error: armError('throttled', 60_000), isApplied: false });
      expect(await world.look()).toMatchObject({ kind: 'later', retryAfterMs: 60_000 });
    }
    expect(outcomesIn(world)).toEqual(['vault-firewall failed', 'vault-least-privilege failed']);
  });
});

function byText(a: JsonObject, b: JsonObject): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

describe('what a look costs', () => {
  test('one read and one write, where an event tells of an open firewall and nothing else is wrong', async () => {
    const world = worldOf(vaultWith('Allow', policy(0, 'get')));
    const logs = [{ category: 'AuditEvent', enabled: true }];
    const audited = { name: 'of-the-team', properties: { workspaceId: WORKSPACE, logs } };
    remember(world, { ...KNOWN, diagnosticSettings: [audited] });
    await world.look();
    expect(world.calls).toEqual(['GET kv-one', 'PATCH kv-one']);
  });

  test('one read, where nothing is wrong', async () => {
    const world = worldOf(vaultWith('Deny', policy(0, 'get')));
    remember(world, null);
    await world.look();
    expect(world.calls).toEqual(['GET kv-one']);
  });

  test('its Logic Apps asked before a policy is trimmed, and the vault read again before and after', async () => {
    const world = worldOf(vaultWith('Deny', policy(0, 'get', 'set')));
    remember(world, null);
    await world.look();
    expect(world.calls).toEqual(['GET kv-one', 'GET play-0', 'GET kv-one', 'POLICY kv-one', 'GET kv-one']);
  });
});

describe('a diagnostic setting', () => {
  test.each([
    [0, []],
    // Somebody may have written the vault while its settings were asked for.
    [501, ['GET kv-one']],
  ])(
    'is never written from what is remembered: the settings are read before, in %i ms',
    async (ms, again) => {
      const world = worldOf(vaultWith('Deny', policy(0, 'get')));
      remember(world);
      const list = world.deps.reader.listDiagnosticSettings.bind(world.deps.reader);
      world.deps.reader.listDiagnosticSettings = (...given) => {
        world.settings.now = new Date(world.settings.now.getTime() + ms);
        return list(...given);
      };
      const logs = [{ categoryGroup: 'allLogs', enabled: true }];
      const theirs: JsonObject = { name: 'theirs', properties: { workspaceId: WORKSPACE, logs } };
      world.surroundings.diagnosticSettings.set('theirs', theirs);
      expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'compliant' });
      expect(world.calls).toEqual(['GET kv-one', 'GET kv-one', 'SETTINGS kv-one', ...again]);
      expect(world.records()).toEqual([]);
    },
  );
});

describe('several principals', () => {
  test('are written one by one, each with its own record, and nobody else is named', async () => {
    const before = [policy(0, 'get', 'set'), policy(9, 'all'), policy(1, 'get', 'list'), policy(2, 'get')];
    const world = worldOf(vaultWith('Deny', ...before), 3);
    remember(world, null);
    await world.look();
    expect(writesIn(world)).toEqual(['POLICY kv-one', 'POLICY kv-one']);
    const applied = world.records().filter(({ outcome }) => outcome === 'applied');
    expect(applied.map(({ edits }) => edits.map(({ after, before: was }) => after ?? was))).toEqual([
      [policy(0, 'get', 'set'), policy(0, 'get')],
      [policy(1, 'get', 'list'), policy(1, 'get')],
    ]);
    expect(policiesIn(world).toSorted(byText)).toEqual(
      [policy(0, 'get'), policy(9, 'all'), policy(1, 'get'), policy(2, 'get')].toSorted(byText),
    );
  });

  test('are fifty at most in one look; the next goes on', async () => {
    const count = 60;
    const policies = Array.from({ length: count }, (_, n) => policy(n, 'get', 'set'));
    const world = worldOf(vaultWith('Deny', ...policies), count);
    remember(world, null);
    await world.look();
    expect(writesIn(world)).toHaveLength(50);
    await world.look();
    expect(writesIn(world)).toHaveLength(count);
    expect(world.records().filter(({ outcome }) => outcome === 'applied')).toHaveLength(count);
  });
});

describe('a permission that is in use', () => {
  const lists = {
    ...GET_SECRET,
    inputs: { ...GET_SECRET.inputs, uri: 'https://kv-one.vault.azure.net/secrets' },
  };

  test('is not taken away because the index has not heard of the use yet', async () => {
    const world = worldOf(vaultWith('Deny', policy(0, 'get', 'list')));
    remember(world, null);
    const play = world.resources.get(workflowId('play-0').key) as JsonObject;
    const actions = { Get_secret: GET_SECRET, List_secrets: lists };
    world.put(workflowId('play-0'), { ...play, properties: { definition: { actions } } });
    expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'compliant' });
    expect(writesIn(world)).toEqual([]);
  });

  test('is not taken away where a Logic App that uses the vault as this principal is not shown', async () => {
    const world = worldOf(vaultWith('Deny', policy(0, 'get', 'list')));
    remember(world, null);
    const reader = { ...world.deps.reader };
    Object.assign(world.deps.reader, {
      read: (...given: Parameters<typeof reader.read>) =>
        given[0].kind === 'workflow' ? Promise.reject(armError('unauthorized')) : reader.read(...given),
    });
    expect(await world.look()).toMatchObject({ kind: 'done', outcome: 'refused' });
    await world.look();
    expect(writesIn(world)).toEqual([]);
    expect(outcomesIn(world)).toEqual(['vault-least-privilege refused']);
  });
});

describe('a policy whose write was taken', () => {
  test.each([
    ['throttled', 60_000],
    ['unavailable', null],
  ] as const)(
    'is never said not to be changed, where the read after it is %s',
    async (kind, retryAfterMs) => {
      const world = worldOf(vaultWith('Deny', policy(0, 'get', 'set')));
      remember(world, null);
      const reader = { ...world.deps.reader };
      let reads = 0;
      Object.assign(world.deps.reader, {
        read: (...given: Parameters<typeof reader.read>) => {
          reads += 1;
          // The vault, its Logic App, the vault again, and then what the write has made of it.
          return reads === 4 ? Promise.reject(armError(kind, retryAfterMs)) : reader.read(...given);
        },
      });
      await world.look();
      expect(world.history.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
      await world.look();
      expect(outcomesIn(world)).toEqual(['vault-least-privilege applied']);
      expect(writesIn(world)).toEqual(['POLICY kv-one']);
    },
  );

  test('is not judged by a look right after it, where Azure does not show it yet', async () => {
    const before = vaultWith('Deny', policy(0, 'get', 'set'));
    const world = worldOf(before);
    remember(world, null);
    const reader = { ...world.deps.reader };
    let isBehind = true;
    Object.assign(world.deps.reader, {
      read: async (...given: Parameters<typeof reader.read>) => {
        const answer = await reader.read(...given);
        const isShownLater = isBehind && given[0].kind === 'vault';
        return isShownLater ? { ...answer, text: JSON.stringify(before), document: before } : answer;
      },
    });
    expect(await world.look()).toMatchObject({ kind: 'later' });
    expect(await world.look()).toMatchObject({ kind: 'later' });
    expect(outcomesIn(world)).toEqual(['vault-least-privilege pending']);
    isBehind = false;
    await world.look();
    expect(outcomesIn(world)).toEqual(['vault-least-privilege applied']);
    expect(writesIn(world)).toEqual(['POLICY kv-one']);
  });

  test('is applied once the vault shows it, where Azure took it but ARM does not say who wrote last', async () => {
    const before = vaultWith('Deny', policy(0, 'get', 'set'));
    const world = worldOf(before);
    remember(world, null);
    const read = world.deps.reader.read.bind(world.deps.reader);
    let isDown = false;
    world.deps.reader.read = async (...given) => {
      if (isDown) throw armError('throttled');
      const answer = await read(...given);
      const document = {
        ...answer.document,
        systemData: { lastModifiedBy: 'bob', lastModifiedAt: '2026-11-20T00:00:00Z' },
      };
      return { ...answer, text: JSON.stringify(document), document };
    };
    const replace = world.deps.writer.replaceAccessPolicies.bind(world.deps.writer);
    world.deps.writer.replaceAccessPolicies = async (...given) => {
      isDown = true;
      return replace(...given);
    };
    expect(await world.look()).toMatchObject({ kind: 'later' });
    expect(outcomesIn(world)).toEqual(['vault-least-privilege pending']);
    isDown = false;
    await world.look();
    expect(outcomesIn(world)).toEqual(['vault-least-privilege applied']);
  });
});

describe('a sweep over many vaults that were never seen shut', () => {
  test('asks a log that does not answer once, and not for every vault', async () => {
    const world = worldOf(vaultWith('Allow'), 0);
    for (let n = 0; n < 5; n += 1) world.put(vaultId(`kv-${n}`), vaultWith('Allow'));
    const asked: string[] = [];
    const callers = {
      callersOf: ({ name }: { readonly name: string }) => {
        asked.push(name);
        return Promise.resolve(null);
      },
    };
    const deps = { ...world.deps, callers };
    await sweepAll({ ...world, deps });
    expect(world.queue).toHaveLength(6);
    // The looks from the queue ask; a sweep does only for what it records itself.
    expect(asked).toHaveLength(0);
    const policy = { ...deps.policy, modeOf: () => 'audit' as const };
    await sweepAll({ ...world, deps: { ...deps, policy } });
    expect(asked).toHaveLength(1);
  });

  test('leaves what belongs to them to the looks at those that have to be written', async () => {
    const world = worldOf(vaultWith('Deny'), 0);
    for (let n = 0; n < 5; n += 1) world.put(vaultId(`kv-${n}`), vaultWith('Allow'));
    world.calls.length = 0;
    await sweepAll(world);
    expect(world.calls.filter((call) => call.startsWith('SETTINGS'))).toEqual(['SETTINGS kv-one']);
  });
});
