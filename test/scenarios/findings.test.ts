import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  getSecret,
  OPEN,
  playbook,
  shut,
  vault as vaultBody,
  vaultPath,
  workflowPath,
} from '../../demo/estate.js';
import type { FindingsPage } from '../../src/engine/findings.js';
import type { Posture } from '../../src/engine/posture.js';
import { openFindings, type ListedFinding } from './open-findings.js';
import {
  addConnection,
  addVault,
  addWorkflow,
  aclsOf,
  ALICE,
  BOB,
  CONNECTORS,
  freshName,
  GROUP,
  OFFICE,
  openVault,
  remediate,
  setAcls,
  setTags,
  startScenario,
  SUBSCRIPTION,
  sweep,
  vaultNow,
  withEvents,
  workflow,
  type Scenario,
} from './scenario.js';

/*
 * What stands open, and how the estate stands, as a person asks for it.
 */

const SECOND_GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-second`;
const secondVault = (name: string): string => `${SECOND_GROUP}/providers/Microsoft.KeyVault/vaults/${name}`;
const WIDE = '20.0.0.0/8';

let scenario: Scenario;

beforeAll(async () => {
  scenario = await startScenario({
    allRemediators: true,
    settings: { HOLDFAST_SCOPES: `${GROUP},${SECOND_GROUP}` },
    simulator: { events: { timeScale: 0.02 } },
  });
  scenario.azure.addResourceGroup(SUBSCRIPTION, 'rg-second', 'westeurope');
});
afterAll(() => scenario.stack.close());

async function ask(path: string, body?: unknown): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(
    `${scenario.stack.hostUrl}/api/${path}`,
    body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: text },
  );
}

async function page(query: string): Promise<FindingsPage> {
  const answer = await ask(`findings?${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as FindingsPage;
}

async function posture(): Promise<Posture> {
  const answer = await ask('posture');
  expect(answer.status).toBe(200);
  return (await answer.json()) as Posture;
}

const firewallFindings = (vault: string, accepted = false): Promise<readonly ListedFinding[]> =>
  openFindings(scenario, {
    resourceId: vaultPath(vault),
    remediator: 'vault-firewall',
    accepted: String(accepted),
  });

const accept = (id: string, reason = 'it is ours'): Promise<Response> =>
  ask('findings/accept', { id, reason });

describe('a finding', () => {
  it('keeps its id and its age as long as it stands, and has both anew when it comes back', async () => {
    const vault = await addVault(scenario.azure, shut(OFFICE, WIDE));
    await sweep(scenario);
    const [first, ...more] = await firewallFindings(vault);
    expect([first?.severity, first?.accepted, more]).toEqual(['high', null, []]);
    expect(first?.reason).toContain(WIDE);
    await sweep(scenario);
    await withEvents(scenario, () => setTags(scenario.azure, vaultPath(vault), { team: 'one' }));
    await remediate(scenario, { resourceId: vaultPath(vault) });
    expect(await firewallFindings(vault)).toEqual([first]);

    await withEvents(scenario, () => setAcls(scenario.azure, vault, shut(OFFICE)));
    expect(await firewallFindings(vault)).toEqual([]);
    await withEvents(scenario, () => setAcls(scenario.azure, vault, shut(OFFICE, WIDE)));
    const [again] = await firewallFindings(vault);
    expect(again?.id).toBe(first?.id);
    expect(Date.parse(again?.since ?? '')).toBeGreaterThan(Date.parse(first?.since ?? ''));
  });

  it('of a rule that came in while the vault stood open stands until the rule goes', async () => {
    const vault = await addVault(scenario.azure, shut(OFFICE));
    await sweep(scenario);
    await withEvents(scenario, async () => {
      const { ipRules } = aclsOf(scenario.azure, vault);
      await setAcls(scenario.azure, vault, { ...OPEN, ipRules: [...ipRules, { value: '203.0.113.9' }] });
    });
    expect(aclsOf(scenario.azure, vault).defaultAction).toBe('Deny');
    const [finding, ...more] = await firewallFindings(vault);
    expect([finding?.severity, finding?.reason.includes('203.0.113.9'), more]).toEqual(['high', true, []]);
    expect(finding?.reason).toContain('while the vault stood open');
    await sweep(scenario);
    expect(await firewallFindings(vault)).toEqual([finding]);
    await withEvents(scenario, () => setAcls(scenario.azure, vault, shut(OFFICE), ALICE));
    expect(await firewallFindings(vault)).toEqual([]);
    // Put in again by somebody who leaves the vault shut, it is a decision.
    await withEvents(scenario, () => setAcls(scenario.azure, vault, shut(OFFICE, '203.0.113.9'), ALICE));
    expect(await firewallFindings(vault)).toEqual([]);
  });

  it('says that audit events go nowhere where no workspace is set, until somebody sends them somewhere', async () => {
    const vault = await addVault(scenario.azure, shut(OFFICE));
    await sweep(scenario);
    const query = { resourceId: vaultPath(vault), remediator: 'vault-logging' };
    expect((await openFindings(scenario, query)).map(({ severity }) => severity)).toEqual(['medium']);
    const workspaceId = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs`;
    scenario.azure.logs.addWorkspace(workspaceId);
    const path = `${vaultPath(vault)}/providers/Microsoft.Insights/diagnosticSettings/audit`;
    const logs = [{ categoryGroup: 'audit', enabled: true }];
    await withEvents(scenario, () =>
      scenario.azure.as(ALICE).put(path, { properties: { workspaceId, logs } }),
    );
    expect(await openFindings(scenario, query)).toEqual([]);
    await withEvents(scenario, () => scenario.azure.as(ALICE).delete(path));
    expect(await openFindings(scenario, query)).toHaveLength(1);
  });

  it('is what Holdfast refuses to do as well, for as long as it does', async () => {
    const vault = await addVault(scenario.azure, shut(OFFICE, ...CONNECTORS));
    const connection = await addConnection(scenario.azure, vault);
    const declared = { $connections: { type: 'Object', defaultValue: {} }, key: { type: 'SecureString' } };
    const { properties } = playbook({ Get_secret: getSecret('token') }, connection) as {
      properties: { parameters: object };
    };
    const document = workflow({
      actions: { Get_secret: getSecret('token') },
      declared,
      parameters: { ...properties.parameters, key: { value: 'not for anybody' } },
    });
    const name = await addWorkflow(scenario.azure, document);
    await sweep(scenario);
    const query = { resourceId: workflowPath(name), remediator: 'workflow-secure-outputs' };
    const [finding, ...more] = await openFindings(scenario, query);
    expect([finding?.severity, more]).toEqual(['medium', []]);
    expect(finding?.reason).toMatch(/secure parameter/i);
    expect(JSON.stringify(finding)).not.toContain('not for anybody');
    await withEvents(scenario, () =>
      scenario.azure
        .as(BOB)
        .put(workflowPath(name), playbook({ Get_secret: getSecret('token', true) }, connection)),
    );
    expect(await openFindings(scenario, query)).toEqual([]);
  });

  it('is neither made nor taken back by a dry run', async () => {
    const vault = await addVault(scenario.azure, shut(OFFICE));
    await sweep(scenario);
    await setAcls(scenario.azure, vault, shut(OFFICE, WIDE));
    await remediate(scenario, { resourceId: vaultPath(vault), dryRun: true });
    expect(await firewallFindings(vault)).toEqual([]);
    await remediate(scenario, { resourceId: vaultPath(vault) });
    expect(await firewallFindings(vault)).toHaveLength(1);
    await setAcls(scenario.azure, vault, shut(OFFICE));
    await remediate(scenario, { resourceId: vaultPath(vault), dryRun: true });
    expect(await firewallFindings(vault)).toHaveLength(1);
  });

  it('is told of a vault that only one remediator was asked to look at, too', async () => {
    const vault = await addVault(scenario.azure, shut(OFFICE, WIDE));
    await remediate(scenario, { resourceId: vaultPath(vault), remediators: ['vault-purge-protection'] });
    expect(await firewallFindings(vault)).toHaveLength(1);
  });

  it('goes with its resource', async () => {
    const vault = await addVault(scenario.azure, shut(OFFICE, ...CONNECTORS));
    const connection = await addConnection(scenario.azure, vault);
    const name = await addWorkflow(
      scenario.azure,
      playbook({ Get_secret: getSecret('token', true), Leak: leak }, connection),
    );
    await sweep(scenario);
    const query = { resourceId: workflowPath(name) };
    expect(await openFindings(scenario, query)).not.toEqual([]);
    const before = resourcesIn(await posture(), GROUP);
    await scenario.azure.as(ALICE).delete(workflowPath(name));
    await sweep(scenario);
    expect(await openFindings(scenario, query)).toEqual([]);
    expect(resourcesIn(await posture(), GROUP)).toBe(before - 1);
  });
});

/** An action with a password in it. */
const leak = {
  type: 'Http',
  runAfter: {},
  inputs: {
    method: 'GET',
    uri: 'https://example.com',
    authentication: { type: 'Basic', username: 'somebody', password: 'Pa55w0rd-in-plain-text' },
  },
};

function resourcesIn({ scopes }: Posture, scope: string): number {
  return scopes.find((one) => one.scope === scope.toLowerCase())?.resources ?? -1;
}

describe('a finding that somebody accepts', () => {
  async function addWideVault(): Promise<{ vault: string; finding: ListedFinding }> {
    const vault = await addVault(scenario.azure, shut(OFFICE, WIDE));
    await sweep(scenario);
    const [finding] = await firewallFindings(vault);
    if (finding === undefined) throw new Error('There is no finding.');
    return { vault, finding };
  }

  const highIn = async (): Promise<number> =>
    (await posture()).scopes.find(({ scope }) => scope === GROUP.toLowerCase())?.remediators['vault-firewall']
      ?.findings.high ?? 0;

  it('is listed with the accepted ones only, with the reason, and counts no more', async () => {
    const { vault, finding } = await addWideVault();
    const before = await highIn();
    const answer = await accept(finding.id, '  the whole of our cloud, until May  ');
    expect([answer.status, await answer.json()]).toEqual([200, { id: finding.id, accepted: true }]);
    expect(await firewallFindings(vault)).toEqual([]);
    const [accepted] = await firewallFindings(vault, true);
    expect({ ...accepted, accepted: null }).toEqual(finding);
    expect(accepted?.accepted?.reason).toBe('the whole of our cloud, until May');
    expect(Date.now() - Date.parse(accepted?.accepted?.at ?? '')).toBeLessThan(60_000);
    expect(await highIn()).toBe(before - 1);
    await sweep(scenario);
    await withEvents(scenario, () => setTags(scenario.azure, vaultPath(vault), { team: 'one' }));
    expect(await firewallFindings(vault, true)).toEqual([accepted]);
    expect(await firewallFindings(vault)).toEqual([]);
  });

  it('is open again when it comes back after it was gone', async () => {
    const { vault, finding } = await addWideVault();
    await accept(finding.id);
    await withEvents(scenario, () => setAcls(scenario.azure, vault, shut(OFFICE)));
    expect([await firewallFindings(vault), await firewallFindings(vault, true)]).toEqual([[], []]);
    await withEvents(scenario, () => setAcls(scenario.azure, vault, shut(OFFICE, WIDE)));
    expect((await firewallFindings(vault)).map(({ id }) => id)).toEqual([finding.id]);
    expect(await firewallFindings(vault, true)).toEqual([]);
  });

  it('speaks for itself alone: another rule of the same vault is open', async () => {
    const { vault, finding } = await addWideVault();
    await accept(finding.id);
    await withEvents(scenario, () => setAcls(scenario.azure, vault, shut(OFFICE, WIDE, '30.0.0.0/8')));
    const open = await firewallFindings(vault);
    expect(open.map(({ reason }) => reason.includes('30.0.0.0/8'))).toEqual([true]);
    expect(await firewallFindings(vault, true)).toHaveLength(1);
  });

  it('changes nothing in Azure and asks for nothing there', async () => {
    const { finding } = await addWideVault();
    const mark = scenario.azure.journal.mark();
    await accept(finding.id);
    expect(requestsSince(mark)).toEqual([]);
  });
});

function requestsSince(mark: number): readonly string[] {
  const { journal } = scenario.azure;
  return (['arm', 'identity', 'logs'] as const).flatMap((endpoint) =>
    journal.requests({ since: mark, endpoint }).map(({ method, path }) => `${method} ${path}`),
  );
}

describe('the list of findings', () => {
  beforeAll(async () => {
    for (let i = 0; i < 3; i += 1) await addVault(scenario.azure, shut(OFFICE, WIDE, '30.0.0.0/8'));
    await scenario.azure
      .as(ALICE)
      .put(secondVault('kv-second-wide'), vaultBody(scenario.azure, { networkAcls: shut(WIDE) }));
    await sweep(scenario);
  });

  it('costs Azure nothing, and neither does the posture', async () => {
    const mark = scenario.azure.journal.mark();
    await page('limit=1000');
    await posture();
    expect(requestsSince(mark)).toEqual([]);
  });

  it('has the worst first, and of those the oldest', async () => {
    const { findings } = await page('limit=1000');
    const rank = { high: 0, medium: 1, low: 2 };
    const keys = findings.map(({ severity, since }) => `${rank[severity]} ${since}`);
    expect(keys).toEqual([...keys].sort());
    expect(new Set(findings.map(({ severity }) => severity)).size).toBeGreaterThan(1);
  });

  it.each([1, 3, 7, 1000])('comes in pages of %i that give each finding once, in order', async (limit) => {
    const whole = (await page('limit=1000')).findings;
    expect(whole.length).toBeGreaterThan(9);
    const pages: (readonly ListedFinding[])[] = [];
    for (let token: string | null = ''; token !== null;) {
      const suffix = token === '' ? '' : `&continuationToken=${encodeURIComponent(token)}`;
      const next = await page(`limit=${limit}${suffix}`);
      pages.push(next.findings);
      token = next.continuationToken;
    }
    expect(pages.flat()).toEqual(whole);
    expect(pages.slice(0, -1).every((one) => one.length === limit)).toBe(true);
    expect(pages.at(-1)).not.toEqual([]);
  });

  it('goes on after the same finding although the one before it is gone', async () => {
    const whole = (await page('limit=1000')).findings;
    const first = await page('limit=2');
    const gone = whole[1];
    if (gone === undefined) throw new Error('There are too few findings.');
    await accept(gone.id);
    const token = encodeURIComponent(first.continuationToken ?? '');
    expect((await page(`limit=1000&continuationToken=${token}`)).findings).toEqual(whole.slice(2));
  });

  it.each<[string, (finding: ListedFinding) => boolean]>([
    ['severity=high', ({ severity }) => severity === 'high'],
    ['severity=low', ({ severity }) => severity === 'low'],
    ['remediator=vault-logging', ({ remediator }) => remediator === 'vault-logging'],
    ['remediator=vault-logging&severity=high', () => false],
    [
      `resourceId=${encodeURIComponent(secondVault('kv-second-wide').toUpperCase())}`,
      ({ resourceId }) => resourceId.endsWith('kv-second-wide'),
    ],
  ])('gives with %s what it says', async (query, isWanted) => {
    const whole = (await page('limit=1000')).findings;
    expect((await page(`limit=1000&${query}`)).findings).toEqual(whole.filter(isWanted));
  });

  it('is of the scopes that a host has, and so is its posture', async () => {
    const host = await scenario.stack.startHost({ settings: { HOLDFAST_SCOPES: SECOND_GROUP } });
    try {
      const narrow = { stack: { ...scenario.stack, ...host } };
      const found = await openFindings(narrow);
      expect(found.length).toBeGreaterThan(0);
      expect(found.filter(({ resourceId }) => !resourceId.startsWith(SECOND_GROUP))).toEqual([]);
      const answer = await fetch(`${host.hostUrl}/api/posture`);
      const { scopes } = (await answer.json()) as Posture;
      expect(scopes.map(({ scope }) => scope)).toEqual([SECOND_GROUP.toLowerCase()]);
    } finally {
      await host.stopHost();
    }
  });
});

describe('the posture', () => {
  interface Counted {
    readonly compliant: number;
    readonly drifted: number;
    readonly exempt: number;
    readonly refused: number;
  }
  const firewallOf = async (scope: string): Promise<Counted> => {
    const own = (await posture()).scopes.find((one) => one.scope === scope.toLowerCase());
    const counted = own?.remediators['vault-firewall'];
    if (counted === undefined) throw new Error(`Nothing is counted in ${scope}.`);
    const { compliant, drifted, exempt, refused } = counted;
    return { compliant, drifted, exempt, refused };
  };
  const inEstate = (group: string, type: string): number =>
    scenario.azure.resourceIds().filter((id) => id.startsWith(`${group}/`) && id.includes(`/${type}/`))
      .length;

  it('counts every vault and workflow of each scope once, with each remediator that is for it', async () => {
    await sweep(scenario);
    const { scopes, sweptAt } = await posture();
    expect(Date.now() - Date.parse(sweptAt ?? '')).toBeLessThan(60_000);
    expect(scopes.map(({ scope }) => scope)).toEqual([GROUP.toLowerCase(), SECOND_GROUP.toLowerCase()]);
    for (const [i, group] of [GROUP, SECOND_GROUP].entries()) {
      const own = scopes[i];
      const [vaults, workflows] = [inEstate(group, 'vaults'), inEstate(group, 'workflows')];
      expect(own?.resources).toBe(vaults + workflows);
      for (const [remediator, counted] of Object.entries(own?.remediators ?? {})) {
        const { compliant, drifted, exempt, refused } = counted;
        const expected = remediator.startsWith('workflow')
          ? workflows
          : remediator === 'vault-readers'
            ? vaults + workflows
            : vaults;
        expect([group, remediator, compliant + drifted + exempt + refused]).toEqual([
          group,
          remediator,
          expected,
        ]);
      }
    }
  });

  it('counts findings as they are listed', async () => {
    const { findings } = await page('limit=1000');
    const { scopes } = await posture();
    for (const { scope, remediators } of scopes) {
      for (const [remediator, { findings: counted }] of Object.entries(remediators)) {
        for (const severity of ['high', 'medium', 'low'] as const) {
          const listed = findings.filter(
            (one) =>
              one.resourceId.toLowerCase().startsWith(`${scope}/`) &&
              one.remediator === remediator &&
              one.severity === severity,
          );
          expect([scope, remediator, severity, counted[severity]]).toEqual([
            scope,
            remediator,
            severity,
            listed.length,
          ]);
        }
      }
    }
  });

  it('has a vault that is locked open as drifted, one that is exempt as exempt, and both as compliant in the end', async () => {
    const before = await firewallOf(SECOND_GROUP);
    const [locked, exempt] = [secondVault(freshName('kv-locked')), secondVault(freshName('kv-exempt'))];
    const until = new Date(Date.now() + 5 * 86_400_000).toISOString().slice(0, 10);
    const body = vaultBody(scenario.azure, { networkAcls: OPEN });
    await scenario.azure.as(ALICE).put(locked, body);
    await scenario.azure
      .as(ALICE)
      .put(exempt, { ...body, tags: { 'holdfast-exempt': `vault-firewall; until=${until}` } });
    scenario.azure.locks.add({ name: 'freeze', scope: locked, level: 'ReadOnly' });
    await sweep(scenario);
    expect(await firewallOf(SECOND_GROUP)).toEqual({
      ...before,
      drifted: before.drifted + 1,
      exempt: before.exempt + 1,
    });
    scenario.azure.locks.remove(locked);
    await scenario.azure.as(ALICE).patch(exempt, { tags: {} });
    await sweep(scenario);
    expect(await firewallOf(SECOND_GROUP)).toEqual({ ...before, compliant: before.compliant + 2 });
  });

  it('follows an event at once', async () => {
    const vault = await addVault(scenario.azure, shut(OFFICE));
    await sweep(scenario);
    const before = await firewallOf(GROUP);
    scenario.azure.locks.add({ name: 'freeze', scope: vaultPath(vault), level: 'CanNotDelete' });
    await withEvents(scenario, () => openVault(scenario.azure, vault));
    expect(vaultNow(scenario.azure, vault).properties.networkAcls?.defaultAction).toBe('Deny');
    expect(await firewallOf(GROUP)).toEqual(before);
  });
});

describe('bad input', () => {
  it.each([
    'limit=0',
    'limit=1001',
    'limit=many',
    'limit=1.5',
    'severity=critical',
    'remediator=vault-everything',
    'accepted=perhaps',
    'resourceId=kv-one',
    'continuationToken=nothing',
    'continuationToken=%00',
    'colour=red',
    'limit=1&limit=2',
  ])('to the list, %s, is answered with 400 and a problem', async (query) => {
    const mark = scenario.azure.journal.mark();
    const answer = await ask(`findings?${query}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    const { status, title, detail } = (await answer.json()) as Readonly<Record<string, unknown>>;
    expect([status, typeof title, typeof detail]).toEqual([400, 'string', 'string']);
    expect(requestsSince(mark)).toEqual([]);
  });

  it.each<[string, unknown, number]>([
    ['no JSON', '{', 400],
    ['a list', [], 400],
    ['null', 'null', 400],
    ['no reason', { id: 'a' }, 400],
    ['an empty reason', { id: 'a', reason: '   ' }, 400],
    ['a reason that is too long', { id: 'a', reason: 'x'.repeat(1001) }, 400],
    ['no id', { reason: 'ours' }, 400],
    ['an id that is too long', { id: 'a'.repeat(101), reason: 'ours' }, 400],
    ['something else beside', { id: 'a', reason: 'ours', forever: true }, 400],
    ['an id of nothing', { id: '0'.repeat(32), reason: 'ours' }, 404],
    ['an id out of a prototype', { id: '__proto__', reason: 'ours' }, 404],
  ])('to the acceptance, %s, is answered with a problem', async (_what, body, status) => {
    const answer = await ask('findings/accept', body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  });
});
