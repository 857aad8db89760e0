import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { getSecret, playbook, PIPELINE, vault, vaultPath, workflowPath } from '../../demo/estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, SUBSCRIPTION, type RunningHost, type Stack } from '../../demo/stack.js';
import type { Azure } from '../../simulator/azure.js';
import { evidenceDigest } from '../../src/engine/record/record-digest.js';
import { createAuditLog } from '../../src/state/audit-log.js';
import { createStorageAccount } from '../../src/state/storage-account.js';
import type { JsonObject } from '../../src/types/json.js';
import { propertiesOf } from '../../src/types/observation.js';
import type { AuditRecord } from '../../src/types/record.js';
import { NO_CREDENTIAL } from '../state/azurite.js';
import {
  CONNECTORS,
  connectionPath,
  eventually,
  firewall,
  hidesOutputs,
  isShut,
  keyVaultConnection,
  live,
  lookMessage,
  OFFICE,
  openSilently,
  ownChanges,
  putOnQueue,
  recordsOf,
  rulesOf,
  SUBNET,
  subnetsOf,
  withOutcome,
} from './fault-scenario.js';
import { onlyMainJob } from './main-job.js';

vi.setConfig({ testTimeout: 120_000 });

const ALICE = 'alice@contoso.com';
const CAROL = 'carol@contoso.com';
const GUEST = '203.0.113.60/32';

let stack: Stack;
let azure: Azure;

/** A vault as it is to be, and a Logic App that reads it. */
async function deployVault(name: string): Promise<string> {
  const pipeline = azure.as(PIPELINE);
  await pipeline.put(connectionPath(`to-${name}`), keyVaultConnection(name));
  const actions = { Get_secret: getSecret('token', true) };
  await pipeline.put(workflowPath(`reads-${name}`), playbook(actions, `to-${name}`));
  const networkAcls = firewall('Deny', OFFICE, ...CONNECTORS);
  const body = vault(azure, { networkAcls, enableSoftDelete: true, enablePurgeProtection: true });
  await pipeline.put(vaultPath(name), body);
  return vaultPath(name);
}

async function saveWorkflow(
  name: string,
  isSecured: boolean,
  who = ALICE,
  secret = 'token',
): Promise<string> {
  const actions = { Get_secret: getSecret(secret, isSecured) };
  await azure.as(who).put(workflowPath(name), playbook(actions, 'to-kv-before'));
  return workflowPath(name);
}

/** Somebody opens the firewall, with these rules in it. */
function open(id: string, ...addresses: readonly string[]): Promise<unknown> {
  return azure.as(ALICE).patch(id, { properties: { networkAcls: firewall('Allow', ...addresses) } });
}

beforeAll(async () => {
  // A second of Event Grid's retries takes a fiftieth.
  stack = await startStack({ settings: onlyMainJob(), simulator: { events: { timeScale: 0.02 } } });
  azure = stack.simulator.azure;
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
});
afterAll(() => stack.close());

describe('a host that is killed while its writes are under way', () => {
  const vaults = {
    before: vaultPath('kv-before'),
    after: vaultPath('kv-after'),
    touched: vaultPath('kv-touched'),
  };
  const workflows = { before: workflowPath('la-before'), after: workflowPath('la-after') };
  const all = [...Object.values(vaults), ...Object.values(workflows)];
  let host: RunningHost;
  let since: Date;
  let mark: number;
  /** The id of the write that was under way, by resource. */
  let dead: ReadonlyMap<string, string | null>;

  beforeAll(async () => {
    for (const id of Object.values(vaults)) await deployVault(id.split('/').at(-1) ?? '');
    for (const id of Object.values(workflows)) await saveWorkflow(id.split('/').at(-1) ?? '', true);
    await stack.sweep();
    await settle(stack);
    await stack.subscribe();

    since = new Date();
    mark = azure.journal.mark();
    for (const id of all) {
      const when = id === vaults.before || id === workflows.before ? 'before' : 'after';
      azure.faults.add({ method: ['PATCH', 'PUT'], path: id, times: 1, action: { kind: 'hang', when } });
    }
    for (const id of Object.values(vaults)) await open(id);
    for (const id of Object.values(workflows)) {
      // The one whose write never comes about has had a version that looked as that write would have left it.
      await saveWorkflow(
        id.split('/').at(-1) ?? '',
        false,
        ALICE,
        id === workflows.before ? 'token' : 'new-token',
      );
    }
    const hanging = await eventually('every write is under way', () => {
      const writes = azure.journal.writes({ since: mark }).filter(({ durationMs }) => durationMs === null);
      return writes.length === all.length && writes;
    });
    dead = new Map(hanging.map(({ path, clientRequestId }) => [path, clientRequestId]));
    await eventually(
      'what is to be applied was applied',
      () => ownChanges(stack, vaults.after, mark).length === 1,
    );
    await eventually(
      'what is to be applied was applied',
      () => ownChanges(stack, workflows.after, mark).length === 1,
    );
    await stack.stopHost('SIGKILL');
    azure.faults.clear();

    // While nobody watches: a rule comes into a vault that still stands open, and into one that was shut meanwhile.
    await open(vaults.before, GUEST);
    const shut = firewall('Deny', GUEST, ...rulesOf(azure, vaults.touched));
    await azure.as(CAROL).patch(vaults.touched, { properties: { networkAcls: shut } });
    await letLeasesEnd();

    host = await stack.startHost({
      port: Number(new URL(stack.hostUrl).port),
      settings: { NODE_OPTIONS: `--import=${clockAhead(3 * 60_000)}` },
    });
    await host.sweep();
    await settle(stack);
    await eventually('the estate is right again', () => all.every(isRight));
    await settle(stack);
    await host.sweep();
    await settle(stack);
  });

  afterAll(async () => {
    for (const { name } of azure.events.subscriptions) azure.events.unsubscribe(name);
    await host.stopHost();
  });

  const isRight = (id: string): boolean =>
    id.includes('/vaults/') ? isShut(azure, id) : hidesOutputs(azure, id);

  it('every resource is right again, with all rules, whoever brought them', () => {
    const usual = [OFFICE, ...CONNECTORS];
    expect(rulesOf(azure, vaults.before)).toEqual([...usual, GUEST].sort());
    expect(rulesOf(azure, vaults.after)).toEqual([...usual].sort());
    expect(rulesOf(azure, vaults.touched)).toEqual([...usual, GUEST].sort());
    for (const id of Object.values(vaults)) expect(subnetsOf(azure, id)).toEqual([SUBNET]);
    for (const id of all) expect([id, isRight(id)]).toEqual([id, true]);
  });

  it('what was applied before the crash is not written again, and what was not is written once', () => {
    for (const id of all) expect([id, ownChanges(stack, id, mark).length]).toEqual([id, 1]);
  });

  it.each([
    ['a vault’s', () => vaults.before],
    ['a workflow’s', () => workflows.before],
  ])('%s write that never was is recorded as failed, and its repetition as applied', async (_whose, id) => {
    const records = await recordsOf(stack, id(), since);
    expect(withOutcome(records, 'pending')).toEqual([]);
    const [applied, ...more] = withOutcome(records, 'applied');
    expect([applied?.writeId, more]).toEqual([ownChanges(stack, id(), mark)[0]?.clientRequestId, []]);
    const [failed, ...others] = withOutcome(records, 'failed');
    expect([failed?.writeId, failed?.warnings.includes('unconfirmed'), others]).toEqual([
      dead.get(id()),
      true,
      [],
    ]);
  });

  it.each([
    ['a vault’s', () => vaults.after],
    ['a workflow’s', () => workflows.after],
  ])('%s write that was carried out without an answer is recorded as applied, once', async (_whose, id) => {
    const records = await recordsOf(stack, id(), since);
    expect(records.map(({ outcome, writeId }) => [outcome, writeId])).toEqual([['applied', dead.get(id())]]);
    expect(ownChanges(stack, id(), mark)[0]?.clientRequestId).toBe(dead.get(id()));
  });

  it('a vault that somebody has written since: the record does not claim what nothing shows any more', async () => {
    const [record, ...more] = await recordsOf(stack, vaults.touched, since);
    expect([record?.outcome, record?.writeId, more]).toEqual(['failed', dead.get(vaults.touched), []]);
    expect(record?.warnings).toContain('unconfirmed');
  });

  it('nothing is left to do', async () => {
    const after = azure.journal.mark();
    await host.sweep();
    await settle(stack);
    expect(azure.journal.writes({ since: after })).toEqual([]);
  });
});

describe('a record that was left pending long ago', () => {
  const TEN_MINUTES = 10 * 60_000;
  const OWN_NAME = 'holdfast';
  let host: RunningHost;

  beforeAll(async () => {
    host = await stack.startHost();
    await deployVault('kv-of-workflows');
  });
  afterAll(() => host.stopHost());

  const audit = () =>
    createAuditLog(
      createStorageAccount({ kind: 'connection-string', connectionString: stack.storage }, NO_CREDENTIAL),
    );

  /** Leaves the intent of a write in the audit log, as a host does that ends before it knows the outcome. */
  async function leavePending(
    about: Partial<AuditRecord>,
    ago: number,
    intended?: JsonObject,
    basedOn?: JsonObject,
  ): Promise<AuditRecord> {
    const record: AuditRecord = {
      id: randomUUID(),
      writeId: randomUUID(),
      time: new Date(Date.now() - ago).toISOString(),
      correlationId: randomUUID(),
      trigger: 'event',
      actor: null,
      resourceId: '',
      remediator: 'vault-firewall',
      mode: 'enforce',
      outcome: 'pending',
      edits: [],
      warnings: [],
      error: null,
      armRequestId: null,
      durationMs: 1,
      ...about,
    };
    const digest = intended === undefined ? 'of nothing' : evidenceDigest('workflow', intended);
    const { version, changedTime } = basedOn === undefined ? {} : propertiesOf(basedOn);
    const told = typeof version === 'string' && typeof changedTime === 'string';
    await audit().write([record], told ? { digest, version, basedOn: changedTime } : { digest });
    return record;
  }

  const shutting: AuditRecord['edits'] = [
    {
      op: 'set',
      path: '/properties/networkAcls/defaultAction',
      before: 'Allow',
      after: 'Deny',
      reason: 'the vault is open to all networks',
    },
  ];
  const securing: AuditRecord['edits'] = [
    {
      op: 'add',
      path: '/properties/definition/actions/Get_secret/runtimeConfiguration/secureData/properties',
      before: null,
      after: 'outputs',
      reason: 'it returns a secret',
    },
  ];

  /** A vault that is shut, as written last by somebody at some time. */
  async function vaultWrittenBy(name: string, author: string, ago: number): Promise<string> {
    const id = await deployVault(name);
    const time = new Date(Date.now() - ago).toISOString();
    const systemData = { lastModifiedBy: author, lastModifiedByType: 'Application', lastModifiedAt: time };
    azure.place(JSON.stringify({ ...live(azure, id), systemData }));
    return id;
  }
  const ownAppId = (): string => stack.simulator.identity.clientId;

  async function settled(record: AuditRecord): Promise<AuditRecord | undefined> {
    await host.sweep();
    await settle(stack);
    return (await recordsOf({ hostUrl: host.hostUrl }, record.resourceId)).find(({ id }) => id === record.id);
  }

  it('is applied where the vault shows the change and ARM names Holdfast as its last author', async () => {
    const resourceId = await vaultWrittenBy('kv-ours', ownAppId(), TEN_MINUTES - 1000);
    const record = await leavePending({ resourceId, edits: shutting }, TEN_MINUTES);
    expect(await settled(record)).toEqual({ ...record, outcome: 'applied' });
  });

  it.each([
    ['somebody else wrote the vault last', 'kv-theirs', () => 'bob@contoso.com', TEN_MINUTES - 1000],
    ['Holdfast wrote the vault last, but long before', 'kv-earlier', ownAppId, 2 * TEN_MINUTES],
  ])('is unconfirmed where %s', async (_why, name, author, ago) => {
    const resourceId = await vaultWrittenBy(name, author(), ago);
    const record = await leavePending({ resourceId, edits: shutting }, TEN_MINUTES);
    expect(await settled(record)).toMatchObject({ outcome: 'failed', warnings: ['unconfirmed'] });
    expect(ownChanges(stack, resourceId)).toEqual([]);
  });

  it('is unconfirmed where the vault stands open, which the same sweep puts right', async () => {
    const resourceId = await deployVault('kv-still-open');
    await host.sweep();
    await settle(stack);
    await open(resourceId, OFFICE);
    const record = await leavePending({ resourceId, edits: shutting }, TEN_MINUTES);
    expect(await settled(record)).toMatchObject({ outcome: 'failed', warnings: ['unconfirmed'] });
    const records = await recordsOf({ hostUrl: host.hostUrl }, resourceId);
    const [applied, ...more] = withOutcome(records, 'applied');
    expect([applied?.writeId, more]).toEqual([ownChanges(stack, resourceId)[0]?.clientRequestId, []]);
    expect(rulesOf(azure, resourceId)).toEqual([...CONNECTORS, OFFICE].sort());
  });

  it('is no second record of a change that was made again and recorded since', async () => {
    const resourceId = await vaultWrittenBy('kv-repeated', ownAppId(), TEN_MINUTES - 60_000);
    const record = await leavePending({ resourceId, edits: shutting }, TEN_MINUTES);
    const time = new Date(Date.now() - TEN_MINUTES + 60_000).toISOString();
    const repeated = {
      ...record,
      id: randomUUID(),
      writeId: randomUUID(),
      time,
      outcome: 'applied' as const,
    };
    await audit().write([repeated]);
    expect((await settled(record))?.outcome).toBe('failed');
    const records = await recordsOf({ hostUrl: host.hostUrl }, resourceId);
    expect(withOutcome(records, 'applied').map(({ id }) => id)).toEqual([repeated.id]);
  });

  it('is unconfirmed where the resource is gone', async () => {
    const resourceId = vaultPath('kv-gone');
    const record = await leavePending({ resourceId, edits: shutting }, TEN_MINUTES);
    expect(await settled(record)).toMatchObject({ outcome: 'failed', warnings: ['unconfirmed'] });
  });

  it('stays pending while it is young: its write may still be under way', async () => {
    const resourceId = await vaultWrittenBy('kv-young', ownAppId(), 0);
    const record = await leavePending({ resourceId, edits: shutting }, 30_000);
    expect((await settled(record))?.outcome).toBe('pending');
  });

  it('stays pending where Azure cannot be asked, and is settled by the next sweep', async () => {
    const resourceId = await vaultWrittenBy('kv-not-now', ownAppId(), TEN_MINUTES - 1000);
    const record = await leavePending({ resourceId, edits: shutting }, TEN_MINUTES);
    const fault = azure.faults.add({
      method: 'GET',
      path: resourceId,
      action: { kind: 'error', status: 500 },
    });
    await settled(record).catch(() => undefined);
    const [still] = await recordsOf({ hostUrl: host.hostUrl }, resourceId);
    expect(still?.outcome).toBe('pending');
    azure.faults.remove(fault);
    expect((await settled(record))?.outcome).toBe('applied');
  });

  const securedWorkflow = async (name: string, who = OWN_NAME): Promise<string> =>
    saveWorkflow(name, true, who, 'a-token');

  it('is applied where the workflow is as the write was to leave it', async () => {
    const before = await saveWorkflow('la-ours', false, ALICE, 'a-token');
    const basedOn = live(azure, before) as unknown as JsonObject;
    // Within one millisecond nothing tells which came after the other.
    await pause(5);
    const resourceId = await securedWorkflow('la-ours');
    const intended = live(azure, resourceId) as unknown as JsonObject;
    const about = { resourceId, remediator: 'workflow-secure-outputs', edits: securing } as const;
    const record = await leavePending(about, TEN_MINUTES, intended, basedOn);
    expect(await settled(record)).toEqual({ ...record, outcome: 'applied' });
  });

  it('says so where the write does not tell which version of the workflow it was planned from', async () => {
    const resourceId = await securedWorkflow('la-ours-of-old');
    const intended = live(azure, resourceId) as unknown as JsonObject;
    const about = { resourceId, remediator: 'workflow-secure-outputs', edits: securing } as const;
    const record = await leavePending(about, TEN_MINUTES, intended);
    const warnings = [expect.stringContaining('cannot be told')];
    expect(await settled(record)).toEqual({ ...record, outcome: 'applied', warnings });
  });

  it('is applied where a version of the workflow shows it, though somebody has saved another since', async () => {
    const resourceId = await securedWorkflow('la-saved-since');
    const intended = live(azure, resourceId) as unknown as JsonObject;
    const mark = azure.journal.mark();
    await saveWorkflow('la-saved-since', false, 'bob@contoso.com', 'b-token');
    const about = { resourceId, remediator: 'workflow-secure-outputs', edits: securing } as const;
    const record = await leavePending(about, TEN_MINUTES, intended);
    expect((await settled(record))?.outcome).toBe('applied');
    expect(ownChanges(stack, resourceId, mark)).toHaveLength(1);
    expect(hidesOutputs(azure, resourceId)).toBe(true);
    const applied = withOutcome(await recordsOf({ hostUrl: host.hostUrl }, resourceId), 'applied');
    expect(applied.map(({ writeId }) => writeId).sort()).toEqual(
      [record.writeId, ownChanges(stack, resourceId, mark)[0]?.clientRequestId].sort(),
    );
  });

  it('is unconfirmed where no version of the workflow shows it', async () => {
    const resourceId = await saveWorkflow('la-never', false, 'bob@contoso.com', 'c-token');
    const intended = live(azure, await securedWorkflow('la-never-else')) as unknown as JsonObject;
    const about = { resourceId, remediator: 'workflow-secure-outputs', edits: securing } as const;
    const record = await leavePending(about, TEN_MINUTES, intended);
    expect(await settled(record)).toMatchObject({ outcome: 'failed', warnings: ['unconfirmed'] });
    expect(hidesOutputs(azure, resourceId)).toBe(true);
  });
});

describe('two hosts on one storage account', () => {
  let second: RunningHost;
  let first: RunningHost;

  beforeAll(async () => {
    [first, second] = await Promise.all([stack.startHost(), stack.startHost()]);
    await first.subscribe();
    await second.subscribe();
  });
  afterAll(async () => {
    azure.switches.reset();
    await Promise.all([first.stopHost(), second.stopHost()]);
  });

  it('twenty events of one change end in one write, of a vault and of a workflow', async () => {
    const vaultId = await deployVault('kv-two-hosts');
    const workflowId = await saveWorkflow('la-two-hosts', true);
    await settle(stack);
    // Two subscriptions, and ten deliveries to each; the same of the event that Holdfast's own write raises.
    azure.switches.set({ eventDuplicates: 9, eventDelayMaxMs: 200 });
    const since = new Date();
    const mark = azure.journal.mark();
    await open(vaultId, OFFICE);
    await saveWorkflow('la-two-hosts', false);
    await eventually('both are right again', () => isShut(azure, vaultId) && hidesOutputs(azure, workflowId));
    await settle(stack);

    for (const [id, remediator] of [
      [vaultId, 'vault-firewall'],
      [workflowId, 'workflow-secure-outputs'],
    ] as const) {
      const deliveries = azure.journal.deliveries(mark).filter(({ resourceUri }) => resourceUri === id);
      expect(deliveries.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 40 }, () => 'delivered'));
      expect(azure.journal.writes({ since: mark, under: id })).toHaveLength(1);
      const records = await recordsOf({ hostUrl: first.hostUrl }, id, since);
      expect(records.map((record) => [record.outcome, record.remediator])).toEqual([['applied', remediator]]);
    }
    // Both hosts had a part in it, each with a token of its own.
    const tokens = azure.journal.reads({ since: mark, under: vaultId }).map(({ tokenId }) => tokenId);
    expect(new Set(tokens).size).toBe(2);
  });

  it('sweeps of both at once, and messages that come twice, end in one write for each resource', async () => {
    azure.switches.reset();
    const names = Array.from({ length: 3 }, (_, i) => `kv-both-${i}`);
    const ids: string[] = [];
    for (const name of names) ids.push(await deployVault(name));
    await settle(stack);
    const since = new Date();
    const mark = azure.journal.mark();
    for (const id of ids) openSilently(azure, id);
    await Promise.all([
      first.sweep(),
      second.sweep(),
      ...ids.map((id) => putOnQueue(stack, lookMessage(id))),
    ]);
    await eventually('all are shut', () => ids.every((id) => isShut(azure, id)));
    await settle(stack);
    for (const id of ids) {
      expect(azure.journal.writes({ since: mark, under: id })).toHaveLength(1);
      const records = await recordsOf({ hostUrl: first.hostUrl }, id, since);
      expect(records.map(({ outcome, remediator }) => [outcome, remediator])).toEqual([
        ['applied', 'vault-firewall'],
      ]);
    }
  });
});

/** The killed host's leases are of the kind that ends by itself, after a minute; that minute is not waited for. */
async function letLeasesEnd(): Promise<void> {
  const container = new ContainerClient(stack.storage, 'holdfast-leases');
  let count = 0;
  for await (const { name } of container.listBlobsFlat()) {
    const blob = container.getBlobClient(name);
    const { leaseState, leaseDuration } = await blob.getProperties();
    if (leaseState !== 'leased') continue;
    expect(leaseDuration).toBe('fixed');
    await blob.getBlobLeaseClient().breakLease(0);
    count += 1;
  }
  expect(count).toBeGreaterThan(0);
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
