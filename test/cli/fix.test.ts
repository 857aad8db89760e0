import { writeFileSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SUBSCRIPTION } from '../../demo/stack.js';
import { principalNamed } from '../../simulator/principal.js';
import type { AuditRecord } from '../../src/types/record.js';
import {
  addVault,
  addWorkflow,
  aclsOf,
  eventually,
  hidesOutputs,
  httpGet,
  openVault,
  rulesOf,
  vaultNow,
  vaultPath,
  workflow,
  workflowPath,
} from '../scenarios/scenario.js';
import { MAIN, removeState, startLaptop, troubleWriting, type Laptop } from './laptop.js';
import type { Run } from './run-holdfast.js';

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop();
  laptop.simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
});
afterAll(() => laptop.close());
beforeEach(() => {
  laptop.simulator.azure.faults.clear();
  removeState(laptop);
  laptop.setAz({ as: 'alice@contoso.com' });
});

const OPEN = { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [], virtualNetworkRules: [] };
const SHUT = { ...OPEN, defaultAction: 'Deny' };
const azure = () => laptop.simulator.azure;
const json = ({ stdout }: Run) =>
  JSON.parse(stdout) as { outcome: string; remediations: { remediator: string; outcome: string }[] };
/** A workflow with an action that leaves a secret in the run history; it also starts by itself where `triggers` says so. */
async function openWorkflow(triggers?: object): Promise<string> {
  const action = { ...httpGet('kv-other'), runtimeConfiguration: undefined };
  return addWorkflow(
    azure(),
    workflow({ actions: { Get: action }, ...(triggers === undefined ? {} : { triggers }) }),
  );
}

describe('fix', () => {
  test('changes the one that is named, and records it', async () => {
    const name = await addVault(azure(), OPEN);
    const run = await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toMatch(/vault-firewall +applied +networkAcls\.defaultAction: "Allow" → "Deny"/);
    expect(aclsOf(azure(), name).defaultAction).toBe('Deny');
    expect(await laptop.records()).toMatchObject([
      { trigger: 'cli', outcome: 'applied', actor: { name: 'alice@contoso.com' } },
    ]);
    expect((await laptop.holdfast(['fix', vaultPath(name), '--yes'])).status).toBe(0);
  });

  test('--dry-run shows it, and changes nothing, and needs no --yes', async () => {
    const name = await addVault(azure(), OPEN);
    const run = await laptop.holdfast(['fix', vaultPath(name), '--dry-run', '--json']);
    expect([run.status, json(run).outcome]).toEqual([1, 'planned']);
    expect(aclsOf(azure(), name).defaultAction).toBe('Allow');
  });

  test('asks only the remediators that are named', async () => {
    const name = await addVault(azure(), OPEN);
    const run = await laptop.holdfast([
      'fix',
      vaultPath(name),
      '--yes',
      '--json',
      '--remediators',
      'vault-purge-protection',
    ]);
    expect(json(run).remediations.map(({ remediator }) => remediator)).toEqual(['vault-purge-protection']);
    expect(aclsOf(azure(), name).defaultAction).toBe('Allow');
  });

  test.each([
    ['the portal’s URL', (id: string) => `https://portal.azure.com/#@contoso.com/resource${id}/networking`],
    [
      '… of a sovereign cloud, encoded',
      (id: string) =>
        `https://portal.azure.us/#blade/x/resourceId/${encodeURIComponent(id)}`.replaceAll('%2F', '/'),
    ],
    ['an id in another case, with a slash at its end', (id: string) => `${id.toUpperCase()}/`],
  ])('takes %s', async (_name, spelled) => {
    const name = await addVault(azure(), SHUT);
    expect((await laptop.holdfast(['fix', spelled(vaultPath(name)), '--dry-run'])).status).toBe(0);
  });

  test('writes a workflow that starts when it is written, because somebody asks for it by name', async () => {
    const recurring = { Recurrence: { type: 'Recurrence', recurrence: { frequency: 'Day', interval: 1 } } };
    const name = await openWorkflow(recurring);
    const swept = await laptop.holdfast(['sweep', '--json'], MAIN);
    expect(swept.stdout).toContain('so the workflow would run at once when it is written');
    const run = await laptop.holdfast([
      'fix',
      workflowPath(name),
      '--yes',
      '--remediators',
      'workflow-secure-outputs',
    ]);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('Writing the workflow runs it once, at once');
    expect(hidesOutputs(azure(), name)).toBe(true);
  });

  test.each([
    ['no id', ['nonsense'], 2, /The resource id must read/],
    ['a vault that is not there', [vaultPath('kv-nowhere')], 2, /Azure has no .*kv-nowhere/],
    [
      'a remediator of another kind',
      [vaultPath('kv-nowhere'), '--remediators', 'workflow-secure-outputs'],
      2,
      /is not for a vault; vault-purge-protection/,
    ],
    [
      'another subscription than the one it is in',
      [vaultPath('kv-nowhere'), '--subscription', '99999999-9999-4999-8999-999999999999'],
      2,
      /lies in none of the scopes/,
    ],
    [
      'two ways of saying where',
      [vaultPath('kv-nowhere'), '--subscription', SUBSCRIPTION, '--scope', '/subscriptions/x'],
      2,
      /cannot be used with/,
    ],
    [
      'a tenant that is an option',
      [vaultPath('kv-nowhere'), '--tenant', '--debug'],
      2,
      /It is the id of a tenant/,
    ],
  ])('%s: an error that says so', async (_name, args, status, message) => {
    const run = await laptop.holdfast(['fix', ...args, '--yes']);
    expect(run.stderr).toMatch(message);
    expect(run.status).toBe(status);
  });

  test('without the right to write it, says which is missing, and ends as denied or failed', async () => {
    const name = await addVault(azure(), OPEN);
    const reader = principalNamed('reader@contoso.com').objectId;
    const role = azure().addRoleDefinition({ roleName: `Reader ${name}`, actions: ['*/read'] });
    azure().assignRole({ scope: `/subscriptions/${SUBSCRIPTION}`, principalId: reader, role });
    azure().permissions.govern(reader);
    laptop.setAz({ as: 'reader@contoso.com' });
    const run = await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    expect(run.stdout + run.stderr).toContain('reader@contoso.com lacks Microsoft.KeyVault/vaults/write');
    expect(run.status).toBe(3);
    expect(await laptop.records()).toMatchObject([
      { outcome: 'failed', error: expect.stringContaining('vaults/write') as string },
    ]);
  });

  test('where state cannot be kept, writes nothing to Azure', async () => {
    const name = await addVault(azure(), OPEN);
    const file = join(laptop.state, '..', 'a-file');
    writeFileSync(file, '');
    const run = await laptop.holdfast(['fix', vaultPath(name), '--yes', '--state', join(file, 'state')]);
    expect(run.stderr).toMatch(
      /cannot be written .*, so nothing is written to Azure\. Name one that can be with --state/,
    );
    expect(run.status).toBe(4);
    expect(aclsOf(azure(), name).defaultAction).toBe('Allow');
  });

  test('state of a newer version is left alone, and nothing is written', async () => {
    const name = await addVault(azure(), OPEN);
    mkdirSync(laptop.state, { recursive: true });
    writeFileSync(join(laptop.state, 'HoldfastMemory.jsonl'), '{"v":9,"put":[]}\n');
    const run = await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    expect(run.stderr).toContain('of version 9; this Holdfast knows 1. Update it.');
    expect(aclsOf(azure(), name).defaultAction).toBe('Allow');
  });
});

describe('ended in the middle of a write', () => {
  test('killed, it is settled by the next command: what Azure has done is applied', async () => {
    const name = await addVault(azure(), OPEN);
    // It is carried out, and nobody hears of it.
    troubleWriting(laptop, name, { kind: 'hang', when: 'after' });
    const { child, ended } = laptop.start(['fix', vaultPath(name), '--yes']);
    await eventually('the write', () => (aclsOf(azure(), name).defaultAction === 'Deny' ? true : null));
    child.kill('SIGKILL');
    await ended;
    expect(await laptop.records()).toMatchObject([{ outcome: 'pending' }]);
    const next = await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    expect(next.stderr).toMatch(/An earlier command was ended in the middle of a write to .*: it is applied/);
    expect(next.status).toBe(0);
    expect(await laptop.records()).toMatchObject([{ outcome: 'applied' }]);
  });

  test('killed before Azure had it, it is not said to be done, and the next command does it', async () => {
    const name = await addVault(azure(), OPEN);
    troubleWriting(laptop, name, { kind: 'hang', when: 'before' });
    const { child, ended } = laptop.start(['fix', vaultPath(name), '--yes']);
    await eventually('the intent', async () => ((await laptop.records()).length > 0 ? true : null));
    child.kill('SIGKILL');
    await ended;
    const next = await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    expect(next.status).toBe(0);
    expect(aclsOf(azure(), name).defaultAction).toBe('Deny');
    const outcomes = (await laptop.records()).map(({ outcome }) => outcome).sort();
    expect(outcomes.filter((outcome) => outcome === 'applied')).toHaveLength(1);
    expect(outcomes).not.toContain('pending');
  });

  test('by Ctrl-C, it finishes what it has begun and ends with 130', async () => {
    const name = await addVault(azure(), OPEN);
    troubleWriting(laptop, name, { kind: 'delay', ms: 1500, when: 'after' });
    const { child, ended } = laptop.start(['fix', vaultPath(name), '--yes']);
    await eventually('the write', () => (aclsOf(azure(), name).defaultAction === 'Deny' ? true : null));
    child.kill('SIGINT');
    const run = await ended;
    expect(run.status).toBe(130);
    expect(run.stderr).toContain('Stopping when what is being written is done');
    expect(await laptop.records()).toMatchObject([{ outcome: 'applied' }]);
  });

  test('a second process is told that the state is in use, and what to do', async () => {
    const name = await addVault(azure(), OPEN);
    troubleWriting(laptop, name, { kind: 'delay', ms: 2000 });
    const first = laptop.start(['fix', vaultPath(name), '--yes']);
    await eventually('the intent', async () => ((await laptop.records()).length > 0 ? true : null));
    const second = await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    expect(second.stderr).toMatch(/Process \d+ on .* is using the state directory\. Wait until it has ended/);
    expect(second.status).toBe(4);
    expect((await first.ended).status).toBe(0);
  });
});

describe('audit', () => {
  test('shows the records newest first, by what they are about, as a table or as JSON lines', async () => {
    const [one, two] = [await addVault(azure(), OPEN), await addVault(azure(), OPEN)];
    for (const name of [one, two]) await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    const lines = async (...args: string[]) => {
      const { stdout } = await laptop.holdfast(['audit', '--json', ...args]);
      return stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as AuditRecord).resourceId.split('/').at(-1));
    };
    expect(await lines()).toEqual([two, one]);
    expect(await lines('--resource', vaultPath(one))).toEqual([one]);
    expect(await lines('--limit', '1')).toEqual([two]);
    expect(await lines('--outcome', 'failed')).toEqual([]);
    expect(await lines('--remediator', 'vault-firewall', '--since', '2020-01-01T00:00:00Z')).toEqual([
      two,
      one,
    ]);
    expect(await lines('--since', new Date(Date.now() + 60_000).toISOString())).toEqual([]);
    const table = await laptop.holdfast(['audit']);
    expect(table.stdout).toMatch(
      /^time +id +outcome +remediator +resource +by +what\n.*applied +vault-firewall/,
    );
  });

  test('needs neither az nor a network', async () => {
    expect(
      await laptop.holdfast(['audit'], {
        PATH: '/nonexistent',
        AZURE_RESOURCE_MANAGER_URL: 'https://arm.invalid',
      }),
    ).toMatchObject({ status: 0, stdout: 'There is no such record.\n' });
  });

  test.each([
    [['--outcome', 'great'], /--outcome: /],
    [['--limit', '0'], /--limit: /],
    [['--since', 'yesterday'], /--since: /],
    [['--app', 'http://example.com'], /--app takes the URL of the function app/],
    [['--app', 'https://example.com'], /Set HOLDFAST_KEY to a function key/],
  ])('%j is an error that names it', async (args, message) => {
    const run = await laptop.holdfast(['audit', ...args]);
    expect(run).toMatchObject({ status: 2, stderr: expect.stringMatching(message) as string });
  });

  test('of a deployed app, page by page, with the key in a header alone', async () => {
    const name = await addVault(azure(), OPEN);
    await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    const [record] = await laptop.records();
    const asked: { url: string; key: unknown }[] = [];
    const app = createServer((request, response) => {
      asked.push({ url: request.url ?? '', key: request.headers['x-functions-key'] });
      const isFirst = !(request.url ?? '').includes('continuationToken');
      response.end(JSON.stringify({ records: [record], continuationToken: isFirst ? 'next' : null }));
    });
    await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    const run = await laptop.holdfast(['audit', '--json', '--app', url, '--outcome', 'applied'], {
      HOLDFAST_KEY: 'k3y',
    });
    app.close();
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toBe(`${JSON.stringify(record)}\n`.repeat(2));
    expect(asked).toEqual([
      { url: '/api/audit?outcome=applied&limit=100', key: 'k3y' },
      { url: '/api/audit?outcome=applied&continuationToken=next&limit=99', key: 'k3y' },
    ]);
  });

  test.each([
    [401, 3, /does not take the key in HOLDFAST_KEY \(401\)/],
    [302, 4, /cannot be reached/],
    [200, 4, /does not answer as Holdfast does/],
  ])('an app that answers %i', async (status, exit, message) => {
    const app = createServer((_request, response) => {
      response.writeHead(status, { location: 'https://elsewhere.example' }).end('<html>');
    });
    await new Promise<void>((done) => app.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
    const run = await laptop.holdfast(['audit', '--app', url], { HOLDFAST_KEY: 'k3y' });
    app.close();
    expect(run).toMatchObject({ status: exit, stderr: expect.stringMatching(message) as string });
    expect(run.stderr).not.toContain('k3y');
  });

  test('ends quietly when nobody reads on', async () => {
    const name = await addVault(azure(), OPEN);
    await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    const { child, ended } = laptop.start(['audit', '--json']);
    child.stdout?.destroy();
    expect(await ended).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('undo', () => {
  const applied = async (): Promise<string> =>
    (await laptop.records()).find(({ outcome }) => outcome === 'applied')?.id ?? '';

  test('takes a vault’s change back, leaves what others have put in since, and says how to make it last', async () => {
    const name = await addVault(azure(), OPEN);
    await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    await azure()
      .as('bob@contoso.com')
      .patch(vaultPath(name), {
        properties: { networkAcls: { ...aclsOf(azure(), name), ipRules: [{ value: '198.51.100.0/24' }] } },
      });
    const id = await applied();
    const shown = await laptop.holdfast(['undo', id, '--dry-run']);
    expect([shown.status, aclsOf(azure(), name).defaultAction]).toEqual([1, 'Deny']);
    const told = await laptop.holdfast(['undo', id, '--dry-run', '--json']);
    expect(JSON.parse(told.stdout)).toMatchObject({ dryRun: true, outcome: 'planned' });
    const run = await laptop.holdfast(['undo', id, '--yes']);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/vault-firewall +applied +networkAcls\.defaultAction: "Deny" → "Allow"/);
    expect(run.stdout).toContain('az tag update');
    expect(aclsOf(azure(), name).defaultAction).toBe('Allow');
    expect(rulesOf(azure(), name)).toEqual(['198.51.100.0/24']);
    const [latest] = await laptop.records();
    expect(latest).toMatchObject({
      outcome: 'applied',
      trigger: 'cli',
      remediator: 'vault-firewall',
      edits: [{ before: 'Deny', after: 'Allow', reason: `takes back the change of record ${id}` }],
    });
    expect((await laptop.holdfast(['undo', id, '--yes'])).stdout).toContain(
      'Nothing of what Holdfast wrote is left',
    );
  });

  test('takes a workflow’s change back, every other byte as it was', async () => {
    const name = await openWorkflow();
    const before = JSON.stringify(
      (JSON.parse(azure().read(workflowPath(name)) ?? '') as { properties: { definition: object } })
        .properties.definition,
    );
    await laptop.holdfast(['fix', workflowPath(name), '--yes', '--remediators', 'workflow-secure-outputs']);
    expect(hidesOutputs(azure(), name)).toBe(true);
    expect((await laptop.holdfast(['undo', await applied(), '--yes'])).status).toBe(0);
    const after = JSON.stringify(
      (JSON.parse(azure().read(workflowPath(name)) ?? '') as { properties: { definition: object } })
        .properties.definition,
    );
    expect(after.replace('"runtimeConfiguration":{},', '').replace(',"runtimeConfiguration":{}', '')).toBe(
      before,
    );
  });

  test('does nothing where somebody has taken it back already', async () => {
    const name = await addVault(azure(), OPEN);
    await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    await openVault(azure(), name);
    const mark = azure().journal.mark();
    const run = await laptop.holdfast(['undo', await applied(), '--yes']);
    expect([run.status, run.stdout]).toEqual([
      0,
      expect.stringContaining('Nothing of what Holdfast wrote is left'),
    ]);
    expect(azure().journal.writes({ since: mark })).toEqual([]);
  });

  test('what cannot be taken back is said, and the rest not touched', async () => {
    const name = await addVault(azure(), SHUT, { enablePurgeProtection: undefined });
    await laptop.holdfast(['fix', vaultPath(name), '--yes', '--remediators', 'vault-purge-protection']);
    expect(vaultNow(azure(), name).properties.enablePurgeProtection).toBe(true);
    const run = await laptop.holdfast(['undo', await applied(), '--yes']);
    expect([run.status, run.stdout]).toEqual([1, expect.stringContaining('it is irreversible')]);
  });

  test.each([
    ['is no record', '01a2197e-81d0-7cc1-8441-0c6c738f4a47', /There is no such record here/],
    ['is no id at all', 'x', /There is no such record here/],
  ])('what %s is an error', async (_name, id, message) => {
    const run = await laptop.holdfast(['undo', id, '--yes']);
    expect(run).toMatchObject({ status: 2, stderr: expect.stringMatching(message) as string });
  });
});

test('what is written to a pipe that is closed is no error, and what is to be done is done', async () => {
  const name = await addVault(azure(), OPEN);
  const { child, ended } = laptop.start(['fix', vaultPath(name), '--yes']);
  child.stdout?.destroy();
  child.stderr?.destroy();
  expect((await ended).status).toBe(0);
  expect(aclsOf(azure(), name).defaultAction).toBe('Deny');
});
