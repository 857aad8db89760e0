import { ContainerClient } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OPEN, shut, vault as vaultBody, vaultPath } from '../../demo/estate.js';
import type { RunningHost } from '../../demo/stack.js';
import type { FaultAction } from '../../simulator/faults.js';
import type { AuditRecord } from '../../src/types/record.js';
import { openFindings, type ListedFinding } from './open-findings.js';
import {
  addVault,
  ALICE,
  BOB,
  eventually,
  freshName,
  GROUP,
  OFFICE,
  recordsOf,
  remediate,
  settle,
  startScenario,
  SUBSCRIPTION,
  sweep,
  withEvents,
  type Scenario,
} from './scenario.js';

/*
 * Vaults that somebody deletes: what is said, what is brought back, and in which state.
 */

const WORKSPACE = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs`;
const ELSEWHERE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-elsewhere`;

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({
    allRemediators: true,
    settings: { HOLDFAST_SCOPES: GROUP, HOLDFAST_LOG_WORKSPACE: WORKSPACE },
    simulator: { events: { timeScale: 0.02 } },
  });
  scenario.azure.logs.addWorkspace(WORKSPACE);
  scenario.azure.addResourceGroup(SUBSCRIPTION, 'rg-elsewhere', 'westeurope');
});
afterAll(() => scenario.stack.close());
afterEach(() => {
  scenario.azure.switches.reset();
  scenario.azure.faults.clear();
});

const remove = (id: string, who = BOB): Promise<unknown> => scenario.azure.as(who).delete(id);
const isThere = (name: string): boolean => scenario.azure.read(vaultPath(name)) !== undefined;

function recover(name: string): Promise<unknown> {
  const body = vaultBody(scenario.azure, { createMode: 'recover' });
  return scenario.azure.as(ALICE).put(vaultPath(name), body);
}

const findingsOf = (name: string, of = scenario): Promise<readonly ListedFinding[]> =>
  openFindings(of, { resourceId: vaultPath(name) });

const deletedFindings = async (name: string, of = scenario): Promise<readonly ListedFinding[]> =>
  (await findingsOf(name, of)).filter(({ remediator }) => remediator === 'vault-deleted');

/** What Holdfast has written at or below a vault. */
const ownWrites = (name: string, since = 0): readonly string[] =>
  scenario.azure.journal
    .writes({ since, under: vaultPath(name) })
    .filter(({ principal }) => principal?.objectId === scenario.appId)
    .map(({ method, path }) => `${method} ${path.split('/').at(-1) ?? ''}`);

describe('where recovering is not asked for', () => {
  it('a deleted vault is a high finding at once, in place of all others of it, and nothing is written', async () => {
    const name = await addVault(scenario.azure, shut(OFFICE, '0.0.0.0/1'));
    await sweep(scenario);
    expect((await findingsOf(name)).map(({ remediator }) => remediator)).toContain('vault-firewall');
    const mark = scenario.azure.journal.mark();
    await withEvents(scenario, () => remove(vaultPath(name)));
    const [finding, ...more] = await findingsOf(name);
    expect([finding?.remediator, finding?.severity, more]).toEqual(['vault-deleted', 'high', []]);
    expect(finding?.step).toContain(`az keyvault recover --subscription ${SUBSCRIPTION}`);
    await sweep(scenario);
    expect(await findingsOf(name)).toEqual([finding]);
    expect(ownWrites(name, mark)).toEqual([]);
    expect(await recordsOf(scenario, { resourceId: vaultPath(name), remediator: 'vault-deleted' })).toEqual(
      [],
    );
    expect(isThere(name)).toBe(false);
  });

  it('a sweep finds what no event has told', async () => {
    const name = await addVault(scenario.azure, shut(OFFICE));
    await remove(vaultPath(name));
    await sweep(scenario);
    expect(await deletedFindings(name)).toHaveLength(1);
  });

  it('the finding is gone, and the vault’s own are back, when somebody recovers the vault', async () => {
    const name = await addVault(scenario.azure, shut(OFFICE, '0.0.0.0/1'));
    await withEvents(scenario, () => remove(vaultPath(name)));
    expect(await deletedFindings(name)).toHaveLength(1);
    await withEvents(scenario, () => recover(name));
    const after = await findingsOf(name);
    expect(after.map(({ remediator }) => remediator)).toContain('vault-firewall');
    expect(after.map(({ remediator }) => remediator)).not.toContain('vault-deleted');
  });

  it('the finding is gone with the next sweep when the vault is purged', async () => {
    const name = freshName('kv-purged');
    await scenario.azure
      .as(ALICE)
      .put(vaultPath(name), vaultBody(scenario.azure, { networkAcls: shut(OFFICE) }));
    await withEvents(scenario, () => remove(vaultPath(name)));
    expect(await deletedFindings(name)).toHaveLength(1);
    const deleted = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/${name}`;
    await scenario.azure.as(BOB).post(`${deleted}/purge`);
    await sweep(scenario);
    expect(await findingsOf(name)).toEqual([]);
  });

  it('asking for it by name does not answer that all is well', async () => {
    const name = await addVault(scenario.azure, shut(OFFICE));
    await remove(vaultPath(name));
    const answer = await remediate(scenario, { resourceId: vaultPath(name) });
    expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('deleted')]);
    expect(await deletedFindings(name)).toHaveLength(1);
  });

  it('asking for the recovery by name is refused, because it is off', async () => {
    const name = await addVault(scenario.azure, shut(OFFICE));
    await remove(vaultPath(name));
    const remediators = ['vault-deleted'];
    const answer = await remediate(scenario, { resourceId: vaultPath(name), remediators });
    expect([answer.status, answer.body.outcome]).toEqual([200, 'refused']);
    expect(isThere(name)).toBe(false);
  });

  it('a vault that was out of scope is nobody’s business here', async () => {
    const name = freshName('kv-elsewhere');
    const id = `${ELSEWHERE}/providers/Microsoft.KeyVault/vaults/${name}`;
    await scenario.azure.as(ALICE).put(id, vaultBody(scenario.azure, { networkAcls: OPEN }));
    await withEvents(scenario, () => remove(id));
    await sweep(scenario);
    expect(await openFindings(scenario, { resourceId: id })).toEqual([]);
    expect(scenario.azure.journal.writes({ under: id })).toEqual([]);
  });
});

describe('where recovering is asked for', () => {
  let host: RunningHost;
  /** The same Azure and storage account, with the recovery on. */
  let recovering: Scenario;

  beforeAll(async () => {
    await scenario.stack.stopHost();
    host = await startRecovering();
    recovering = { ...scenario, stack: { ...scenario.stack, ...host } };
  });

  function startRecovering(more: Readonly<Record<string, string>> = {}, port = 0): Promise<RunningHost> {
    return scenario.stack.startHost({
      port,
      settings: { HOLDFAST_REMEDIATORS: 'vault-deleted=enforce', ...more },
    });
  }

  interface VaultNow {
    readonly tags?: object;
    readonly properties: {
      readonly enablePurgeProtection?: boolean;
      readonly networkAcls: { readonly defaultAction: string };
      readonly accessPolicies: readonly unknown[];
    };
  }

  const vaultNow = (name: string): VaultNow =>
    JSON.parse(scenario.azure.read(vaultPath(name)) ?? 'null') as VaultNow;

  /** A vault that is open and may be purged, with somebody's permissions. */
  async function addWeakVault(tags: object = {}): Promise<string> {
    const { azure } = scenario;
    const name = freshName('kv-weak');
    const policy = {
      tenantId: azure.tenantId,
      objectId: 'aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa',
      permissions: { secrets: ['Get', 'List'] },
    };
    const properties = {
      networkAcls: OPEN,
      accessPolicies: [policy],
      enableRbacAuthorization: false,
      enableSoftDelete: true,
    };
    await azure.as(ALICE).put(vaultPath(name), { ...vaultBody(azure, properties), tags });
    return name;
  }

  async function recoveries(name: string): Promise<readonly AuditRecord[]> {
    return recordsOf(recovering, { resourceId: vaultPath(name), remediator: 'vault-deleted' });
  }

  /** The ids of the recoveries that Azure carried out. */
  const recoveryWrites = (name: string): readonly (string | null)[] =>
    scenario.azure.journal
      .changes({ resourceId: vaultPath(name), principal: scenario.appId })
      .filter(({ before, after }) => before === null && after !== null)
      .map(({ clientRequestId }) => clientRequestId);

  const expectSafe = (name: string): void => {
    const { enablePurgeProtection, networkAcls } = vaultNow(name).properties;
    expect([enablePurgeProtection, networkAcls.defaultAction]).toEqual([true, 'Deny']);
  };

  it('it is recovered by the event of its deletion, and made safe next, with all that it had', async () => {
    const name = await addWeakVault({ team: 'payments' });
    const was = vaultNow(name);
    await withEvents(recovering, () => remove(vaultPath(name)));
    const now = vaultNow(name);
    expect(now.properties.accessPolicies).toEqual(was.properties.accessPolicies);
    expect(now.tags).toEqual(was.tags);
    expectSafe(name);
    const [record, ...more] = await recoveries(name);
    expect([record?.outcome, record?.actor?.name, more]).toEqual(['applied', BOB, []]);
    expect(recoveryWrites(name)).toEqual([record?.writeId]);
    expect(record?.warnings.join(' ')).toContain('not its role assignments');
    const applied = (await recordsOf(recovering, { resourceId: vaultPath(name), outcome: 'applied' })).map(
      ({ remediator }) => remediator,
    );
    expect(applied).toEqual(expect.arrayContaining(['vault-firewall', 'vault-purge-protection']));
    expect(await deletedFindings(name, recovering)).toEqual([]);
  });

  it('it is recovered by a sweep, and made safe next, where no event tells of anything', async () => {
    const name = await addWeakVault();
    await remove(vaultPath(name));
    await sweep(recovering);
    await settle(recovering);
    expectSafe(name);
    expect((await recoveries(name)).map(({ outcome, trigger }) => [outcome, trigger])).toEqual([
      ['applied', 'sweep'],
    ]);
  });

  it('it is recovered once, however often its deletion is announced', async () => {
    const name = await addWeakVault();
    scenario.azure.switches.set({ eventDuplicates: 3, eventDelayMaxMs: 2000 });
    await withEvents(recovering, () => remove(vaultPath(name)));
    expectSafe(name);
    expect(await recoveries(name)).toHaveLength(1);
    expect(recoveryWrites(name)).toHaveLength(1);
  });

  it('where its diagnostic settings are lost, its audit log is kept again at once', async () => {
    const name = await addWeakVault();
    await sweep(recovering);
    const settings = `${vaultPath(name)}/providers/Microsoft.Insights/diagnosticSettings`;
    expect(await scenario.azure.as(ALICE).get(settings)).toContain('holdfast-audit');
    scenario.azure.switches.set({ diagnosticSettingsOfDeleted: 'lost' });
    await withEvents(recovering, () => remove(vaultPath(name)));
    expect(isThere(name)).toBe(true);
    expect(await scenario.azure.as(ALICE).get(settings)).toContain('holdfast-audit');
  });

  it('one that says at first that it is registering its name is looked at all the same', async () => {
    const name = await addWeakVault();
    scenario.azure.switches.set({ vaultRegistrationMs: 2000 });
    await withEvents(recovering, () => remove(vaultPath(name)));
    expectSafe(name);
    expect((await recoveries(name)).map(({ outcome }) => outcome)).toEqual(['applied']);
  });

  it('one that is exempt stays deleted, and that is recorded once', async () => {
    const until = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    const name = await addWeakVault({ 'holdfast-exempt': `vault-deleted; until=${until}` });
    await withEvents(recovering, () => remove(vaultPath(name)));
    await sweep(recovering);
    expect(isThere(name)).toBe(false);
    expect((await recoveries(name)).map(({ outcome }) => outcome)).toEqual(['exempt']);
    expect(ownWrites(name).filter((write) => write.startsWith('PUT kv'))).toEqual([]);
  });

  it('one that was out of scope stays deleted', async () => {
    const name = freshName('kv-elsewhere');
    const id = `${ELSEWHERE}/providers/Microsoft.KeyVault/vaults/${name}`;
    await scenario.azure.as(ALICE).put(id, vaultBody(scenario.azure, { networkAcls: OPEN }));
    await withEvents(recovering, () => remove(id));
    await sweep(recovering);
    expect(scenario.azure.read(id)).toBeUndefined();
    expect(scenario.azure.journal.writes({ under: id })).toEqual([]);
  });

  it.each<[string, FaultAction, readonly string[]]>([
    ['429 with Retry-After', { kind: 'error', status: 429, retryAfter: 6 }, ['failed', 'applied']],
    ['409', { kind: 'error', status: 409 }, ['applied']],
    ['500 before anything is done', { kind: 'error', status: 500 }, ['applied']],
    ['500 although it was done', { kind: 'error', status: 500, when: 'after' }, ['applied']],
    ['a connection that is cut before', { kind: 'reset', when: 'before' }, ['applied']],
    ['a connection that is cut after', { kind: 'reset', when: 'after' }, ['applied']],
    ['half an answer', { kind: 'truncate' }, ['applied']],
  ])('%s in the way: it is recovered once, and the record says so', async (_what, action, outcomes) => {
    const name = await addWeakVault();
    scenario.azure.faults.add({ method: 'PUT', path: vaultPath(name), skip: 0, times: 1, action });
    await withEvents(recovering, () => remove(vaultPath(name)));
    expectSafe(name);
    const records = await recoveries(name);
    expect(records.map(({ outcome }) => outcome).sort()).toEqual([...outcomes].sort());
    expect(records.filter(({ outcome }) => outcome === 'applied').map(({ writeId }) => writeId)).toEqual(
      recoveryWrites(name),
    );
  });

  describe('a host that is killed in the middle of it', () => {
    const names = { before: '', after: '' };
    let next: RunningHost;
    let then: Scenario;

    beforeAll(async () => {
      names.before = await addWeakVault();
      names.after = await addWeakVault();
      const doomed = await startRecovering();
      await host.stopHost();
      await doomed.subscribe();
      const mark = scenario.azure.journal.mark();
      for (const when of ['before', 'after'] as const) {
        const action = { kind: 'hang', when } as const;
        scenario.azure.faults.add({ method: 'PUT', path: vaultPath(names[when]), times: 1, action });
        await remove(vaultPath(names[when]));
      }
      await eventually('both recoveries are under way', () =>
        scenario.azure.journal
          .writes({ since: mark })
          .filter(({ method, durationMs }) => method === 'PUT' && durationMs === null).length === 2
          ? true
          : null,
      );
      await eventually('one of them is done', () => (isThere(names.after) ? true : null));
      await doomed.stopHost('SIGKILL');
      scenario.azure.faults.clear();
      await letLeasesEnd();
      next = await startRecovering(
        { NODE_OPTIONS: `--import=${clockAhead(3 * 60_000)}` },
        Number(new URL(doomed.hostUrl).port),
      );
      then = { ...scenario, stack: { ...scenario.stack, ...next } };
      // A sweep settles no write of a vault that an event is at just then.
      await settle(then);
      await sweep(then);
      await eventually(
        'both vaults are safe',
        () =>
          Object.values(names).every(
            (name) => isThere(name) && vaultNow(name).properties.networkAcls.defaultAction === 'Deny',
          )
            ? true
            : null,
        60_000,
      );
      await settle(then);
    }, 180_000);
    afterAll(async () => {
      for (const { name } of scenario.azure.events.subscriptions) scenario.azure.events.unsubscribe(name);
      await next.stopHost();
    });

    const recorded = async (name: string): Promise<readonly AuditRecord[]> =>
      recordsOf(then, { resourceId: vaultPath(name), remediator: 'vault-deleted' });

    it('leaves two vaults that are recovered and safe in the end', () => {
      for (const name of Object.values(names)) expectSafe(name);
    });

    it('what was done without an answer is recorded once: as unconfirmed, because the vault was shut before that was settled', async () => {
      const [record, ...more] = await recorded(names.after);
      expect([record?.writeId, more]).toEqual([recoveryWrites(names.after)[0], []]);
      // Who wrote last is told by a write with records of its own; whether it was settled before is a matter of moments.
      const isUnconfirmed = record?.outcome === 'failed' && record.warnings.includes('unconfirmed');
      expect(record?.outcome === 'applied' || isUnconfirmed).toBe(true);
    });

    it('what was not done is recorded as failed, and its repetition as applied', async () => {
      const records = await recorded(names.before);
      expect(records.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'failed']);
      const [failed] = records.filter(({ outcome }) => outcome === 'failed');
      const [applied] = records.filter(({ outcome }) => outcome === 'applied');
      expect(failed?.warnings).toContain('unconfirmed');
      expect(recoveryWrites(names.before)).toEqual([applied?.writeId]);
    });
  });
});

/** The leases of a host that is dead would last for a minute. */
async function letLeasesEnd(): Promise<void> {
  const container = new ContainerClient(scenario.stack.storage, 'holdfast-leases');
  for await (const { name } of container.listBlobsFlat()) {
    const blob = container.getBlobClient(name);
    const { leaseState } = await blob.getProperties();
    if (leaseState === 'leased') await blob.getBlobLeaseClient().breakLease(0);
  }
}

/** A module that lets a process live this much later, so that what is young to others is old to it. */
function clockAhead(ms: number): string {
  const source = `const Now = Date;
globalThis.Date = class extends Now {
  constructor(...given) { super(...(given.length === 0 ? [Now.now() + ${ms}] : given)); }
  static now() { return Now.now() + ${ms}; }
};`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
