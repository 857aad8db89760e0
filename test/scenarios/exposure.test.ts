import { ContainerClient } from '@azure/storage-blob';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { getSecret, playbook, shut } from '../../demo/estate.js';
import type { Azure } from '../../simulator/azure.js';
import { openFindings, type ListedFinding } from './open-findings.js';
import {
  addConnection,
  addVault,
  ALICE,
  BOB,
  CONNECTORS,
  eventually,
  freshName,
  OFFICE,
  recordsOf,
  remediate,
  settle,
  startScenario,
  sweep,
  textNow,
  withEvents,
  workflowPath,
  type Scenario,
} from './scenario.js';

/*
 * What an open action has put into the run history stays there: the finding says so until somebody has rotated the
 * secret, or it turns out that no run has written it. Runs are counted; what went through them is never asked for.
 */

vi.setConfig({ testTimeout: 60_000 });

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let scenario: Scenario;
let azure: Azure;
let vault: string;
let connectionName: string;

beforeAll(async () => {
  scenario = await startScenario({ allRemediators: true });
  ({ azure } = scenario);
  vault = await addVault(azure, shut(OFFICE, ...CONNECTORS));
  connectionName = await addConnection(azure, vault);
});
afterAll(() => scenario.stack.close());
afterEach(() => {
  azure.faults.clear();
  expect(azure.journal.runContentRequests()).toEqual([]);
});

async function save(id: string, isSecured: boolean, who = ALICE, secret = 'api-token'): Promise<void> {
  await azure.as(who).put(id, playbook({ Get_secret: getSecret(secret, isSecured) }, connectionName));
}

/** An open playbook that has run so often, evenly over the last ten days. */
async function addOpen(runs: number, secret = 'api-token'): Promise<string> {
  const id = workflowPath(freshName('wf-open'));
  await save(id, false, ALICE, secret);
  const now = Date.now();
  if (runs > 0) azure.addRuns(id, runs, now - 10 * DAY, now - HOUR);
  return id;
}

const findingsOn = (resourceId: string, accepted = false): Promise<readonly ListedFinding[]> =>
  openFindings(scenario, { resourceId, remediator: 'workflow-secret-exposure', accepted: String(accepted) });

async function changedTime(id: string): Promise<string> {
  const { properties } = JSON.parse(await azure.as(ALICE).get(id)) as { properties: { changedTime: string } };
  return new Date(properties.changedTime).toISOString();
}

async function accept(id: string): Promise<number> {
  const answer = await fetch(`${scenario.stack.hostUrl}/api/findings/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, reason: 'The token was rotated.' }),
  });
  await answer.arrayBuffer();
  return answer.status;
}

describe.each(['sweep', 'event', 'request'] as const)(
  'an action that stood open, put right by a %s',
  (way) => {
    let id: string;
    let since: string;

    const putRight = async (): Promise<void> => {
      switch (way) {
        case 'sweep':
          return sweep(scenario);
        case 'event':
          return withEvents(scenario, () => save(id, false, BOB));
        case 'request':
          await remediate(scenario, { resourceId: id });
          return settle(scenario);
      }
    };

    beforeAll(async () => {
      id = await addOpen(7);
      since = await changedTime(id);
      await putRight();
    });

    it('is a finding that says what to rotate, and since when', async () => {
      expect(textNow(azure, id)).toContain('"secureData":{"properties":["outputs"]}');
      const [finding, ...more] = await findingsOn(id);
      expect(more).toEqual([]);
      expect(finding?.severity).toBe('high');
      expect(finding?.reason).toContain('"Get_secret" has stood open since');
      expect(finding?.reason).toContain(`the secret "api-token" of the vault ${vault}`);
      expect(finding?.step).toContain('Rotate it');
      expect(finding?.step).toContain('POST /api/findings/accept');
      if (way !== 'event') expect(finding?.reason).toContain(since);
    });

    it('and, from the next sweep on, in how many runs, and the first of them', async () => {
      const [before] = await findingsOn(id);
      await sweep(scenario);
      const [finding, ...more] = await findingsOn(id);
      expect(more).toEqual([]);
      expect(finding?.id).toBe(before?.id);
      expect(finding?.since).toBe(before?.since);
      expect(finding?.reason).toMatch(/: 7 runs \(the first at \d{4}-\d\d-\d\dT/);
      const lists = azure.journal.reads({ under: `${id}/runs` });
      expect(lists.length).toBeGreaterThan(0);
      expect(new Set(lists.map(({ path }) => path.toLowerCase()))).toEqual(
        new Set([`${id}/runs`.toLowerCase()]),
      );
    });

    it('stays, and is counted once, however often it is looked at', async () => {
      const [before] = await findingsOn(id);
      const mark = azure.journal.mark();
      for (let i = 0; i < 2; i += 1) await withEvents(scenario, () => sweep(scenario));
      await remediate(scenario, { resourceId: id });
      expect(await findingsOn(id)).toEqual([before]);
      expect(azure.journal.reads({ since: mark, under: `${id}/runs` })).toEqual([]);
      expect(azure.journal.writes({ since: mark, under: id })).toEqual([]);
    });

    it('until somebody says that it was rotated; then it is listed as accepted, with the reason', async () => {
      const [before] = await findingsOn(id);
      expect(await accept(before?.id ?? '')).toBe(200);
      expect(await findingsOn(id)).toEqual([]);
      await sweep(scenario);
      expect(await findingsOn(id)).toEqual([]);
      const [accepted, ...more] = await findingsOn(id, true);
      expect([accepted?.id, accepted?.accepted?.reason, more]).toEqual([
        before?.id,
        'The token was rotated.',
        [],
      ]);
    });
  },
);

describe('what stood open is remembered', () => {
  it('where the answer to the write that shut it was lost', async () => {
    const id = await addOpen(2);
    azure.faults.add({ method: 'PUT', path: id, times: 1, action: { kind: 'reset', when: 'after' } });
    await sweep(scenario);
    await sweep(scenario);
    expect(textNow(azure, id)).toContain('"secureData"');
    const [finding] = await findingsOn(id);
    expect(finding?.reason).toContain('2 runs');
  });

  it('where somebody else shut it: Holdfast may not write', async () => {
    const id = await addOpen(4);
    azure.locks.add({ name: 'freeze', scope: id, level: 'ReadOnly' });
    await sweep(scenario);
    await sweep(scenario);
    const [open] = await findingsOn(id);
    expect(open?.reason).toContain('and still stands open: 4 runs');
    expect(open?.step).toContain('Let workflow-secure-outputs hide the outputs of the action');
    azure.locks.remove(id);
    await withEvents(scenario, () => save(id, true, BOB));
    await sweep(scenario);
    const [shut] = await findingsOn(id);
    // Another one, that can be accepted: nobody has rotated anything yet by accepting that it stands open.
    expect(shut?.id).not.toBe(open?.id);
    expect(shut?.reason).toMatch(/until it was seen shut at \S+: 4 runs/);
  });

  it('since the first time, where it is opened again', async () => {
    const id = await addOpen(1);
    const since = await changedTime(id);
    await sweep(scenario);
    await withEvents(scenario, () => save(id, false, BOB));
    const found = await findingsOn(id);
    expect(found.map(({ reason }) => reason)).toEqual([
      expect.stringContaining(`has stood open since ${since} at the latest, until it was seen shut at`),
    ]);
  });

  it('and is not accepted any more, where it is opened again', async () => {
    const id = await addOpen(1);
    await sweep(scenario);
    const [first] = await findingsOn(id);
    expect(await accept(first?.id ?? '')).toBe(200);
    expect(await findingsOn(id)).toEqual([]);
    await withEvents(scenario, () => save(id, false, BOB));
    const [again, ...more] = await findingsOn(id);
    expect([again?.id === first?.id, more]).toEqual([false, []]);
    expect(again?.step).toContain('Rotate it');
  });

  it('of each secret by itself, where the open action came to read another one', async () => {
    const id = await addOpen(1, 'first-token');
    await sweep(scenario);
    await withEvents(scenario, () => save(id, false, BOB, 'second-token'));
    await sweep(scenario);
    const reasons = (await findingsOn(id)).map(({ reason }) => /the secret "([^"]+)"/.exec(reason)?.[1]);
    expect([...reasons].sort()).toEqual(['first-token', 'second-token']);
  });

  it('where its runs cannot be listed: the finding says so, and the sweep goes on', async () => {
    const id = await addOpen(5);
    azure.faults.add({
      method: 'GET',
      path: `${id}/runs`,
      action: { kind: 'error', status: 403, code: 'AuthorizationFailed' },
    });
    await sweep(scenario);
    await sweep(scenario);
    const [before] = await findingsOn(id);
    expect(before?.reason).toContain('how many runs is not counted yet');
    azure.faults.clear();
    await sweep(scenario);
    const [after] = await findingsOn(id);
    expect([after?.id, after?.reason]).toEqual([before?.id, expect.stringContaining('5 runs')]);
  });

  it('with the least number, where there are too many runs to count', async () => {
    const id = await addOpen(40);
    await sweep(scenario);
    azure.pageSize = 3;
    try {
      const mark = azure.journal.mark();
      await remediate(scenario, { resourceId: id });
      expect(azure.journal.reads({ since: mark, under: `${id}/runs` }).length).toBeLessThan(13);
    } finally {
      azure.pageSize = 100;
    }
    expect((await findingsOn(id)).map(({ reason }) => reason)).toEqual([
      expect.stringContaining('at least 30 runs'),
    ]);
  });

  it('but not in a dry run', async () => {
    const id = await addOpen(1);
    await remediate(scenario, { resourceId: id, dryRun: true });
    expect(await findingsOn(id)).toEqual([]);
  });
});

describe('an action that no run has shown', () => {
  it('is a finding for as long as the list of runs may lag, and then none', async () => {
    const silent = await addOpen(0);
    const ran = await addOpen(1);
    await sweep(scenario);
    await sweep(scenario);
    const [finding] = await findingsOn(silent);
    expect(finding?.reason).toContain('how many runs is not counted yet');

    await changeHost({ NODE_OPTIONS: `--import=${clockAhead(10 * 60_000)}` });
    await sweep(scenario);
    expect(await findingsOn(silent)).toEqual([]);
    expect(await findingsOn(ran)).toHaveLength(1);
    await sweep(scenario);
    expect(await findingsOn(silent)).toEqual([]);
    await changeHost({});
  });
});

describe('a host that is killed while it shuts an action', () => {
  it.each(['before', 'after'] as const)(
    '%s Azure has carried it out: the next one knows that it stood open',
    async (when) => {
      const id = await addOpen(6);
      azure.faults.add({ method: 'PUT', path: id, times: 1, action: { kind: 'hang', when } });
      await scenario.stack.sweep();
      await eventually('the write to hang', () =>
        azure.faults.all.some(({ struck }) => struck === 1) ? true : null,
      );
      if (when === 'after') {
        await eventually('it to be carried out', () =>
          textNow(azure, id).includes('"secureData"') ? true : null,
        );
      }
      await changeHost({}, 'SIGKILL');
      azure.faults.clear();
      await sweep(scenario);
      await sweep(scenario);
      expect((await findingsOn(id)).map(({ reason }) => reason)).toEqual([expect.stringContaining('6 runs')]);
    },
  );
});

describe('in audit', () => {
  beforeAll(() => changeHost({ HOLDFAST_MODE: 'audit' }));

  it('an open action is a finding that says to hide it first, from the first sweep on', async () => {
    const id = await addOpen(3);
    const since = await changedTime(id);
    await sweep(scenario);
    const [finding, ...more] = await findingsOn(id);
    expect(more).toEqual([]);
    expect(finding?.reason).toContain(`has stood open since ${since} at the latest, and still stands open`);
    await sweep(scenario);
    expect((await findingsOn(id)).map((one) => [one.id, one.reason])).toEqual([
      [finding?.id, expect.stringContaining('3 runs')],
    ]);
    expect(azure.journal.writes({ under: id })).toEqual([]);
    const records = await recordsOf(scenario, { resourceId: id });
    expect(records.map(({ remediator, outcome }) => [remediator, outcome])).toEqual([
      ['workflow-secure-outputs', 'planned'],
    ]);
  });
});

/** Ends the present host, and all that it held, and starts one with other settings. */
async function changeHost(
  settings: Readonly<Record<string, string>>,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  await scenario.stack.stopHost(signal);
  if (signal === 'SIGKILL') await letGo();
  const host = await scenario.stack.startHost({ settings });
  scenario = { ...scenario, stack: { ...scenario.stack, ...host } };
}

/** A killed host's leases end by themselves after a minute, and its messages come back after ten. */
async function letGo(): Promise<void> {
  const container = new ContainerClient(scenario.stack.storage, 'holdfast-leases');
  for await (const { name } of container.listBlobsFlat()) {
    const blob = container.getBlobClient(name);
    const { leaseState } = await blob.getProperties();
    if (leaseState === 'leased') await blob.getBlobLeaseClient().breakLease(0);
  }
  await new QueueClient(scenario.stack.storage, 'reconcile').clearMessages();
}

/** A module that lets a process live this much later. */
function clockAhead(ms: number): string {
  const source = `const Now = Date;
globalThis.Date = class extends Now {
  constructor(...given) { super(...(given.length === 0 ? [Now.now() + ${ms}] : given)); }
  static now() { return Now.now() + ${ms}; }
};`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
