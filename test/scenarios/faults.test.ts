import { QueueClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { getSecret, playbook, PIPELINE, vault, vaultPath, workflowPath } from '../../demo/estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, SUBSCRIPTION, type Stack } from '../../demo/stack.js';
import type { Azure } from '../../simulator/azure.js';
import type { FaultAction } from '../../simulator/faults.js';
import {
  CONNECTORS,
  connectionPath,
  eventually,
  expectRecordedOnce,
  firewall,
  hidesOutputs,
  isShut,
  keyVaultConnection,
  lookMessage,
  messagesIn,
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

vi.setConfig({ testTimeout: 180_000, maxConcurrency: 12 });

let stack: Stack;
let azure: Azure;
const log: string[] = [];

const ALICE = 'alice@contoso.com';
const LAPTOP = '203.0.113.9/32';

/** What goes wrong in a row of the table. */
interface Trouble {
  readonly name: string;
  readonly action: FaultAction;
  /** Once, unless said otherwise. */
  readonly times?: number;
  /** In seconds; Azure named it, so nothing may be asked before it is over. */
  readonly wait?: number;
  /** Whether the event's own function has to leave it to the queue. */
  readonly isQueued?: boolean;
  /** It takes about as long as Event Grid is kept waiting: on a slow machine the event is queued, too. */
  readonly isLong?: boolean;
  /** Whether the write is given up for a while, which is recorded as failed. */
  readonly isGivenUp?: boolean;
}

const ON_BOTH: readonly Trouble[] = [
  {
    name: '429 with a short Retry-After is waited for',
    action: { kind: 'error', status: 429, retryAfter: 1 },
    wait: 1,
  },
  {
    name: '429 with a long Retry-After goes to the queue with that delay',
    action: { kind: 'error', status: 429, retryAfter: 6 },
    wait: 6,
    isQueued: true,
    isGivenUp: true,
  },
  { name: '429 without Retry-After is tried again', action: { kind: 'error', status: 429 } },
  { name: '500 is tried again', action: { kind: 'error', status: 500 }, times: 2 },
  { name: '503 is tried again', action: { kind: 'error', status: 503 } },
  {
    name: "a proxy's HTML page is no answer",
    action: { kind: 'error', status: 502, body: '<html>Bad gateway</html>' },
  },
  { name: 'a connection that is cut before anything is applied', action: { kind: 'reset', when: 'before' } },
  { name: 'an answer that takes two seconds', action: { kind: 'delay', ms: 2000 } },
];

/** Of a read the queue makes a second try; after a write a look shows what became of it. */
const BROKEN_ANSWERS: readonly Trouble[] = [
  {
    name: 'a connection that is cut in the middle of the answer',
    action: { kind: 'reset', when: 'mid-body' },
  },
  { name: 'an answer that ends in the middle of its JSON', action: { kind: 'truncate' } },
  { name: 'an answer without a body', action: { kind: 'truncate', bytes: 0 } },
];

const ON_READ: readonly Trouble[] = [
  ...ON_BOTH,
  ...BROKEN_ANSWERS.map((trouble) => ({ ...trouble, isQueued: true })),
  { name: 'no answer at all goes to the queue', action: { kind: 'hang' }, isQueued: true },
  {
    name: '503 with a long Retry-After goes to the queue with that delay',
    action: { kind: 'error', status: 503, retryAfter: 6 },
    wait: 6,
    isQueued: true,
  },
];

const ON_WRITE: readonly Trouble[] = [
  ...ON_BOTH,
  ...BROKEN_ANSWERS,
  {
    name: '409 ConflictError before anything is applied',
    action: { kind: 'error', status: 409, code: 'ConflictError' },
  },
  {
    name: '409 ConflictError although it was applied',
    action: { kind: 'error', status: 409, code: 'ConflictError', when: 'after' },
  },
  {
    name: '409 three times in a row is left to the queue',
    action: { kind: 'error', status: 409, code: 'ConflictError' },
    times: 3,
    isQueued: true,
    isGivenUp: true,
  },
  { name: '412 is looked at again', action: { kind: 'error', status: 412, code: 'PreconditionFailed' } },
  { name: '500 although it was applied', action: { kind: 'error', status: 500, when: 'after' } },
  { name: 'a connection that is cut after it was applied', action: { kind: 'reset', when: 'after' } },
  { name: 'an answer two seconds after it was applied', action: { kind: 'delay', ms: 2000, when: 'after' } },
  { name: 'no answer at all, and nothing applied', action: { kind: 'hang' }, isLong: true },
  { name: 'no answer at all, though it was applied', action: { kind: 'hang', when: 'after' }, isLong: true },
];

/** A kind of resource, how it breaks, and when it is right again. */
interface Subject {
  readonly kind: string;
  readonly prefix: string;
  readonly pathOf: (name: string) => string;
  /** What there is before the first sweep. */
  readonly prepare: (name: string) => Promise<void>;
  readonly breakIt: (name: string) => Promise<unknown>;
  readonly isFixed: (id: string) => boolean;
  /** Whose records there must be, one of each. */
  readonly remediators: readonly string[];
  readonly method: 'PATCH' | 'PUT';
}

const KNOWN_VAULT: Subject = {
  kind: 'a vault that somebody opens and whose rules he replaces',
  prefix: 'kv-known',
  pathOf: vaultPath,
  async prepare(name) {
    await reader(name);
    const acls = {
      networkAcls: firewall('Deny', OFFICE),
      enableSoftDelete: true,
      enablePurgeProtection: true,
    };
    await azure.as(PIPELINE).put(vaultPath(name), vault(azure, acls));
  },
  breakIt: (name) =>
    azure.as(ALICE).patch(vaultPath(name), {
      properties: {
        networkAcls: { defaultAction: 'Allow', ipRules: [{ value: LAPTOP }], virtualNetworkRules: [] },
      },
    }),
  isFixed: isShutWithEverybody,
  remediators: ['vault-firewall'],
  method: 'PATCH',
};

const NEW_VAULT: Subject = {
  kind: 'a new vault with the defaults of the portal',
  prefix: 'kv-new',
  pathOf: vaultPath,
  prepare: reader,
  breakIt: (name) =>
    azure
      .as(ALICE)
      .put(
        vaultPath(name),
        vault(azure, { networkAcls: firewall('Allow', OFFICE, LAPTOP), enableSoftDelete: true }),
      ),
  isFixed: isShutWithEverybody,
  remediators: ['vault-firewall', 'vault-logic-app-ips', 'vault-purge-protection'],
  method: 'PATCH',
};

const WORKFLOW: Subject = {
  kind: 'a workflow that is saved without secure outputs',
  prefix: 'la',
  pathOf: workflowPath,
  prepare: (name) => save(name, true),
  breakIt: (name) => save(name, false),
  isFixed: (id) => hidesOutputs(azure, id),
  remediators: ['workflow-secure-outputs'],
  method: 'PUT',
};

async function save(name: string, isSecured: boolean): Promise<void> {
  const actions = { Get_secret: getSecret('token', isSecured) };
  await azure.as(ALICE).put(workflowPath(name), playbook(actions, 'keyvault-faults'));
}

/** A Logic App that reads the vault of that name, whether there is one yet or not. */
async function reader(name: string): Promise<void> {
  const pipeline = azure.as(PIPELINE);
  await pipeline.put(connectionPath(`to-${name}`), keyVaultConnection(name));
  const actions = { Get_secret: getSecret('token', true) };
  await pipeline.put(workflowPath(`reads-${name}`), playbook(actions, `to-${name}`));
}

function isShutWithEverybody(id: string): boolean {
  const wanted = [...CONNECTORS, OFFICE, LAPTOP].sort();
  return (
    isShut(azure, id) &&
    JSON.stringify(rulesOf(azure, id)) === JSON.stringify(wanted) &&
    subnetsOf(azure, id).join() === SUBNET
  );
}

/** Every row: what it is about, the name of its resource, and what happens to the first read or write of it. */
const SUBJECTS = [
  { subject: KNOWN_VAULT, on: 'read', troubles: ON_READ },
  { subject: KNOWN_VAULT, on: 'write', troubles: ON_WRITE },
  { subject: NEW_VAULT, on: 'write', troubles: ON_WRITE },
  { subject: WORKFLOW, on: 'read', troubles: ON_READ },
  { subject: WORKFLOW, on: 'write', troubles: ON_WRITE },
] as const;
const rowsOf = ({ subject, on, troubles }: (typeof SUBJECTS)[number]) =>
  troubles.map((trouble, i) => ({ subject, on, trouble, name: `${subject.prefix}-${on}-${i + 1}` }));
type Row = ReturnType<typeof rowsOf>[number];
const ROWS = SUBJECTS.flatMap(rowsOf);
/** What the scenarios below the table are about. */
const EXTRAS = [
  ...[KNOWN_VAULT, NEW_VAULT, WORKFLOW].map((subject) => ({ subject, name: `${subject.prefix}-unknown` })),
  { subject: KNOWN_VAULT, name: 'kv-known-read-lasting' },
  { subject: KNOWN_VAULT, name: 'kv-known-write-lasting' },
  { subject: WORKFLOW, name: 'la-write-lasting' },
  { subject: KNOWN_VAULT, name: 'kv-known-locked' },
  { subject: WORKFLOW, name: 'la-locked' },
  { subject: KNOWN_VAULT, name: 'kv-behind' },
];

beforeAll(async () => {
  stack = await startStack({
    onLog: (line) => log.push(line),
    settings: { ...onlyMainJob(), AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:00' },
  });
  azure = stack.simulator.azure;
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
  await azure.as(PIPELINE).put(connectionPath('keyvault-faults'), keyVaultConnection('kv-nowhere'));
  for (const { subject, name } of [...ROWS, ...EXTRAS]) await subject.prepare(name);
  await stack.sweep();
  await settle(stack);
  await stack.subscribe();
});
afterAll(() => stack.close());

/** Everything in a subscription waits for Azure then: nothing else can be told apart beside it. */
function holdsUpOthers({ trouble }: Row): boolean {
  return trouble.action.kind === 'error' && (trouble.action.status === 429 || trouble.wait !== undefined);
}

describe.concurrent.each(SUBJECTS)('$subject.kind, and trouble on the $on', (group) => {
  it.each(rowsOf(group).filter((row) => !holdsUpOthers(row)))('$trouble.name', isMended);
});

describe.each(SUBJECTS)('$subject.kind, and Azure asks to wait on the $on', (group) => {
  it.each(rowsOf(group).filter(holdsUpOthers))('$trouble.name', isMended);
});

async function isMended({ subject, on, trouble, name }: Row): Promise<void> {
  const id = subject.pathOf(name);
  const since = new Date();
  const mark = azure.journal.mark();
  const { action, times = 1, wait } = trouble;
  const method = on === 'read' ? 'GET' : subject.method;
  const fault = azure.faults.add({ method, path: id, times, action });
  await subject.breakIt(name);

  await eventually(`${name} is right again`, () => subject.isFixed(id));
  const records = await eventually(`the change of ${name} is recorded`, async () => {
    const found = await recordsOf(stack, id, since);
    const isDone = subject.remediators.every((remediator) =>
      withOutcome(found, 'applied').some((record) => record.remediator === remediator),
    );
    return isDone && withOutcome(found, 'pending').length === 0 && found;
  });

  expectRecordedOnce(records, ownChanges(stack, id, mark), subject.remediators);
  const failed = withOutcome(records, 'failed');
  const isGivenUp = on === 'write' && trouble.isGivenUp === true;
  expect(failed.map(({ remediator }) => remediator).sort()).toEqual(
    isGivenUp ? [...subject.remediators].sort() : [],
  );
  const others = records.filter(({ outcome }) => outcome !== 'applied' && outcome !== 'failed');
  expect(others).toEqual([]);

  const asked = azure.journal.requests({ since: mark, under: id, origin: 'client' });
  const struck = asked.filter((request) => request.fault === fault);
  expect(struck).toHaveLength(times);
  const last = struck.at(-1);
  if (wait !== undefined && last !== undefined) {
    const answeredAt = Date.parse(last.time) + (last.durationMs ?? 0);
    const next = asked.find(({ sequence }) => sequence > last.sequence);
    expect(Date.parse(next?.time ?? '') - answeredAt).toBeGreaterThanOrEqual(wait * 1000);
  }
  const isQueued = log.some((line) => line.includes(`Queued ${id}:`));
  if (trouble.isLong !== true) expect(isQueued).toBe(trouble.isQueued === true);
}

describe('a write that Azure answers with 503 and a long Retry-After, though it was applied', () => {
  it.each([KNOWN_VAULT, NEW_VAULT, WORKFLOW])(
    'is found out about, and recorded as what it was: $kind',
    async (subject) => {
      const name = `${subject.prefix}-unknown`;
      const id = subject.pathOf(name);
      const since = new Date();
      const mark = azure.journal.mark();
      const action = { kind: 'error', status: 503, retryAfter: 6, when: 'after' } as const;
      const fault = azure.faults.add({ method: subject.method, path: id, times: 1, action });
      await subject.breakIt(name);

      const records = await eventually('its outcome is recorded', async () => {
        const found = await recordsOf(stack, id, since);
        return withOutcome(found, 'applied').length === subject.remediators.length && found;
      });
      expect(azure.faults.all.find((standing) => standing.id === fault)?.struck).toBe(1);
      expect(withOutcome(records, 'applied')).toEqual(records);
      expectRecordedOnce(records, ownChanges(stack, id, mark), subject.remediators);
      expect(subject.isFixed(id)).toBe(true);
    },
  );
});

describe.concurrent('a failure that lasts', () => {
  it.each([
    { on: 'read', subject: KNOWN_VAULT, all: NEW_VAULT.remediators },
    { on: 'write', subject: KNOWN_VAULT, all: NEW_VAULT.remediators },
    { on: 'write', subject: WORKFLOW, all: WORKFLOW.remediators },
  ])(
    'ends in the poison queue and in failed records: $subject.kind, and every $on fails',
    async ({ on, subject, all }) => {
      const name = `${subject.prefix}-${on}-lasting`;
      const id = subject.pathOf(name);
      const since = new Date();
      const mark = azure.journal.mark();
      const method = on === 'read' ? 'GET' : subject.method;
      const fault = azure.faults.add({ method, path: id, action: { kind: 'error', status: 500 } });
      await subject.breakIt(name);

      // After each try, ten seconds may pass until Azure is sure to show that it came to nothing.
      const poisoned = await eventually(
        'the message is on the poison queue',
        async () => (await messagesIn(stack, 'reconcile-poison')).find((text) => text.includes(id)),
        150_000,
      );
      expect(JSON.parse(poisoned)).toMatchObject({ v: 1, resourceId: id, trigger: 'event', attempt: 5 });
      const records = await recordsOf(stack, id, since);
      expect([...withOutcome(records, 'applied'), ...withOutcome(records, 'pending')]).toEqual([]);
      const failed = withOutcome(records, 'failed');
      const last = failed.filter(({ error }) => /^Tried 5 times\. .*Azure answered 500/.test(error ?? ''));
      expect(last.map(({ remediator }) => remediator).sort()).toEqual(all);
      expect(ownChanges(stack, id, mark)).toEqual([]);
      expect(azure.journal.writes({ since: mark, under: id }).length > 0).toBe(on === 'write');
      expect(azure.faults.all.find((standing) => standing.id === fault)?.struck).toBeGreaterThanOrEqual(6);
      // From now on it works again: the sweep at the end of this file finds it.
      azure.faults.remove(fault);
    },
  );
});

describe.concurrent('what cannot be a message of Holdfast’s', () => {
  const id = vaultPath('kv-behind');
  const MALFORMED: readonly (readonly [string, string])[] = [
    ['words', 'look at kv-sentinel, please'],
    ['a number', '123'],
    ['null', 'null'],
    ['a list', JSON.stringify([lookMessage(id)])],
    ['half of a message', lookMessage(id).slice(0, 60)],
    ['an object that says nothing', '{}'],
    ['a message without its trigger', lookMessage(id, { trigger: undefined })],
    ['a remediator that there is not', lookMessage(id, { remediators: ['vault-everything'] })],
    ['a negative attempt', lookMessage(id, { attempt: -1 })],
    ['an id that leads elsewhere', lookMessage(`${id}/../../../evil`)],
    ['the id of another provider', lookMessage(id.replace('KeyVault', 'Storage'))],
    ['a newer version', lookMessage(id, { v: 2 })],
  ];

  it('ends on the poison queue as it was, and the good message behind is handled', async () => {
    const since = new Date();
    const mark = azure.journal.mark();
    const queue = new QueueClient(stack.storage, 'reconcile');
    await queue.sendMessage('this is not even base64 %%%');
    for (const [, text] of MALFORMED) await putOnQueue(stack, text);
    openSilently(azure, id, firewall('Allow', OFFICE, LAPTOP));
    await putOnQueue(stack, lookMessage(id));

    await eventually('the good message was handled', () => isShutWithEverybody(id));
    const wanted = ['this is not even base64 %%%', ...MALFORMED.map(([, text]) => text)].sort();
    const poisoned = await eventually('the others are on the poison queue', async () => {
      const found = (await messagesIn(stack, 'reconcile-poison')).filter((text) => wanted.includes(text));
      return found.length >= wanted.length && found;
    });
    expect([...poisoned].sort()).toEqual(wanted);
    // What was written is known to have been a moment later.
    await eventually('the change is recorded', async () =>
      (await recordsOf(stack, id, since)).every(({ outcome }) => outcome !== 'pending'),
    );
    const [record, ...more] = await recordsOf(stack, id, since);
    expect([record?.outcome, record?.trigger, more]).toEqual(['applied', 'sweep', []]);
    expect(azure.journal.reads({ since: mark }).filter(({ path }) => /evil|Storage/.test(path))).toEqual([]);
    expect((await fetch(`${stack.hostUrl}/api/audit?limit=1`)).status).toBe(200);
  });
});

it('what failed for good is put right by a sweep once Azure works again', async () => {
  await settle(stack);
  const mark = azure.journal.mark();
  const since = new Date();
  await stack.sweep();
  await settle(stack);
  for (const { name, subject } of EXTRAS.filter((row) => row.name.endsWith('-lasting'))) {
    const id = subject.pathOf(name);
    expect(subject.isFixed(id)).toBe(true);
    const records = await recordsOf(stack, id);
    expect(withOutcome(records, 'pending')).toEqual([]);
    const applied = withOutcome(records, 'applied').filter(({ time }) => Date.parse(time) >= since.getTime());
    expectRecordedOnce(applied, ownChanges(stack, id, mark), subject.remediators);
  }
});

describe('a locked resource', () => {
  it.each([KNOWN_VAULT, WORKFLOW])(
    'is refused once however many sweeps see it, and put right when the lock is gone: $kind',
    async (subject) => {
      const name = `${subject.prefix}-locked`;
      const id = subject.pathOf(name);
      const since = new Date();
      const mark = azure.journal.mark();
      const delay = { kind: 'delay', ms: 500 } as const;
      azure.faults.add({ method: subject.method, path: id, times: 1, action: delay });
      await subject.breakIt(name);
      await eventually('the write is under way', () => azure.journal.writes({ since: mark, under: id })[0]);
      azure.locks.add({ name: 'audit', scope: id, level: 'ReadOnly' });
      await settle(stack);
      for (let sweeps = 0; sweeps < 3; sweeps += 1) {
        await stack.sweep();
        await settle(stack);
      }
      expect(ownChanges(stack, id, mark)).toEqual([]);
      const tries = azure.journal.writes({ since: mark, under: id });
      expect(tries.map(({ status, errorCode }) => [status, errorCode])).toEqual(
        Array.from({ length: 4 }, () => [409, 'ScopeLocked']),
      );
      const locked = await recordsOf(stack, id, since);
      const [refusal, ...others] = withOutcome(locked, 'refused');
      expect([refusal?.remediator, refusal?.trigger, refusal?.actor?.name, others]).toEqual([
        subject.remediators[0],
        'event',
        ALICE,
        [],
      ]);
      expect(refusal?.error).toMatch(/ScopeLocked.*resource lock/);

      azure.locks.remove(id);
      await stack.sweep();
      await settle(stack);
      expect(subject.isFixed(id)).toBe(true);
      const after = await recordsOf(stack, id, since);
      expect(withOutcome(after, 'refused')).toEqual([refusal]);
      const applied = withOutcome(after, 'applied').filter(({ trigger }) => trigger === 'sweep');
      expectRecordedOnce(applied, ownChanges(stack, id, mark), subject.remediators);
    },
  );
});

it('what was put right stays as it is: nothing more is written, at once or by a sweep', async () => {
  await settle(stack);
  const writes = ROWS.map(({ name, subject }) => [name, ownChanges(stack, subject.pathOf(name)).length]);
  const mark = azure.journal.mark();
  await stack.sweep();
  await settle(stack);
  expect(azure.journal.writes({ since: mark })).toEqual([]);
  expect(ROWS.map(({ name, subject }) => [name, ownChanges(stack, subject.pathOf(name)).length])).toEqual(
    writes,
  );
  expect(ROWS.filter(({ subject, name }) => !subject.isFixed(subject.pathOf(name)))).toEqual([]);
});
