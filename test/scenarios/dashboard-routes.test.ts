import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getSecret, playbook, shut } from '../../demo/estate.js';
import type { Exempting } from '../../src/engine/exempting.js';
import type { ListedResource, ResourcesPage } from '../../src/engine/resources.js';
import type { FlowMap } from '../../src/workflow/flow/flow-map.js';
import {
  addConnection,
  addVault,
  addWorkflow,
  ALICE,
  namesOf,
  OFFICE,
  openVault,
  setTags,
  startScenario,
  SUBSCRIPTION,
  sweep,
  textNow,
  trafficOf,
  vaultPath,
  workflowPath,
  type Scenario,
} from './scenario.js';

/*
 * What the dashboard asks for, as somebody with curl meets it.
 */

let scenario: Scenario;
let open: string;
let exempt: string;
let read: string;
let hostile: string;

beforeAll(async () => {
  scenario = await startScenario({
    settings: { HOLDFAST_MODE: 'audit', HOLDFAST_REMEDIATORS: 'vault-logging=off' },
  });
  const { azure } = scenario;
  open = await addVault(azure, shut(OFFICE));
  await openVault(azure, open);
  exempt = await addVault(azure, { ...shut(OFFICE), defaultAction: 'Allow' });
  const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  await setTags(azure, vaultPath(exempt), { 'holdfast-exempt': `vault-firewall; until=${until}` });
  read = await addVault(azure, shut(OFFICE));
  const connection = await addConnection(azure, read);
  const kept = {
    type: 'SetVariable',
    inputs: { name: 'token', value: "@{body('Get')?['value']}" },
    runAfter: {},
  };
  hostile = await addWorkflow(azure, playbook({ Get: getSecret('c4n4ry-name'), Keep: kept }, connection));
  await sweep(scenario);
});
afterAll(() => scenario.stack.close());

interface Told<T> {
  readonly status: number;
  readonly body: T & { readonly detail?: string };
}

async function ask<T>(path: string): Promise<Told<T>> {
  const answer = await fetch(`${scenario.stack.hostUrl}/api/${path}`);
  return { status: answer.status, body: (await answer.json()) as Told<T>['body'] };
}

async function allResources(query = ''): Promise<readonly ListedResource[]> {
  const found: ListedResource[] = [];
  for (let token: string | null = ''; token !== null;) {
    const next: string = token === '' ? '' : `&continuationToken=${encodeURIComponent(token)}`;
    const { status, body } = await ask<ResourcesPage>(`resources?limit=2${query}${next}`);
    expect(status).toBe(200);
    expect(body.resources.length).toBeLessThanOrEqual(2);
    found.push(...body.resources);
    token = body.continuationToken;
  }
  return found;
}

describe('GET /api/resources', () => {
  it('has every resource once, page by page, and how it stands, and asks nothing of Azure', async () => {
    let all: readonly ListedResource[] = [];
    const traffic = await trafficOf(scenario, async () => {
      all = await allResources();
    });
    expect(namesOf(traffic)).toEqual([]);
    expect(new Set(all.map(({ resourceId }) => resourceId)).size).toBe(all.length);
    const standingOf = (id: string) => all.find(({ resourceId }) => resourceId === id);
    expect(standingOf(vaultPath(open))).toMatchObject({
      kind: 'vault',
      remediators: { 'vault-firewall': 'drifted' },
    });
    expect(standingOf(vaultPath(exempt))?.remediators['vault-firewall']).toBe('exempt');
    expect(standingOf(workflowPath(hostile))?.kind).toBe('workflow');
  });

  it('takes what is wanted alone', async () => {
    const drifted = await allResources('&standing=drifted&kind=vault');
    // The third lacks the address of the Logic App that reads it.
    expect(drifted.map(({ resourceId }) => resourceId).sort()).toEqual([open, read].map(vaultPath).sort());
    expect((await allResources('&kind=workflow')).map(({ resourceId }) => resourceId)).toEqual([
      workflowPath(hostile),
    ]);
  });

  it.each([
    ['a limit of nothing', 'limit=0', 'limit'],
    ['a limit too large', 'limit=1001', 'limit'],
    ['a kind that is none', 'kind=disk', 'kind'],
    ['a token of somebody else', 'continuationToken=abc', 'continuation token'],
    ['a parameter that nobody knows', 'colour=red', 'colour'],
  ])('answers 400 for %s', async (_name, query, text) => {
    const { status, body } = await ask(`resources?${query}`);
    expect(status).toBe(400);
    expect(body.detail).toContain(text);
  });
});

describe('GET /api/secret-flow', () => {
  const of = (id: string): string => `secret-flow?resourceId=${encodeURIComponent(id)}`;

  it('has the ways of a workflow’s secrets, reads it once, and writes nothing', async () => {
    let flow: FlowMap | undefined;
    const traffic = await trafficOf(scenario, async () => {
      flow = (await ask<FlowMap>(of(workflowPath(hostile)))).body;
    });
    expect(namesOf(traffic)).toEqual([`GET ${hostile}`]);
    expect(flow?.nodes.map(({ kind, name }) => `${kind} ${name}`)).toEqual(
      expect.arrayContaining(['action Get', 'action Keep', 'variable token']),
    );
    expect(flow?.nodes.find(({ name }) => name === 'Keep')?.leaks).toEqual(
      expect.arrayContaining([expect.objectContaining({ where: 'inputs', canBeHidden: false })]),
    );
  });

  it.each([
    ['no workflow', () => vaultPath(open), 400],
    ['no id', () => 'x', 400],
    ['a workflow that is not there', () => workflowPath('wf-nowhere'), 404],
    [
      'a workflow out of scope',
      () => workflowPath(hostile).replace(SUBSCRIPTION, '33333333-3333-4333-8333-333333333333'),
      403,
    ],
  ])('answers for %s with why', async (_name, id, status) => {
    const answer = await ask(of(id()));
    expect(answer.status).toBe(status);
    expect(answer.body.detail).toMatch(/\S/);
  });
});

describe('GET /api/exemption', () => {
  const of = (id: string, more = ''): string => `exemption?resourceId=${encodeURIComponent(id)}${more}`;

  it('gives a tag that holds Holdfast off, and changes nothing', async () => {
    const { azure } = scenario;
    const before = textNow(azure, vaultPath(open));
    const { status, body } = await ask<Exempting>(of(vaultPath(open), '&remediator=vault-firewall&days=90'));
    expect(status).toBe(200);
    expect(body.command.az).toContain(`--tags 'holdfast-exempt=vault-firewall; until=${body.until}'`);
    expect(body.setting).toBe(`${vaultPath(open)}=vault-firewall`);
    expect(textNow(azure, vaultPath(open))).toBe(before);
    // What it says is what Holdfast takes.
    const value = `vault-firewall; until=${body.until}`;
    await setTags(azure, vaultPath(open), { 'holdfast-exempt': value });
    await sweep(scenario);
    const now = (await allResources()).find(({ resourceId }) => resourceId === vaultPath(open));
    expect(now?.remediators['vault-firewall']).toBe('exempt');
    await setTags(azure, vaultPath(open), { other: 'tag' });
    await sweep(scenario);
  });

  it('exempts from all where no remediator is named, for thirty days unless said otherwise', async () => {
    const { body } = await ask<Exempting>(of(vaultPath(open)));
    expect(body.until).toBe(new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10));
    expect(body.command.az).toContain(`'holdfast-exempt=*; until=${body.until}'`);
    expect(body.setting).toBe(vaultPath(open));
  });

  it.each([
    ['a day too many', '&days=91'],
    ['no day', '&days=0'],
    ['a remediator that is none', '&remediator=x'],
  ])('answers 400 for %s', async (_name, more) => {
    expect((await ask(of(vaultPath(open), more))).status).toBe(400);
  });
});

describe('GET /api/policy', () => {
  it('says what is watched, and what each remediator may do', async () => {
    const { status, body } = await ask<{
      scopes: string[];
      modes: Record<string, string>;
      portal: string | null;
      signIn: string | null;
    }>('policy');
    expect(status).toBe(200);
    expect(body.scopes).toEqual([`/subscriptions/${SUBSCRIPTION}`]);
    expect(body.modes).toMatchObject({ 'vault-firewall': 'audit', 'vault-logging': 'off' });
    // The simulated Azure is no cloud whose portal is known.
    expect(body.portal).toBeNull();
    // Nor does App Service say who asks.
    expect(body.signIn).toBeNull();
  });
});

describe('GET /api/dashboard', () => {
  it('is a page without data, for anybody, and is sent once', async () => {
    const url = `${scenario.stack.hostUrl}/api/dashboard`;
    const first = await fetch(url);
    expect(first.status).toBe(200);
    expect(first.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await first.text();
    for (const told of [SUBSCRIPTION, open, hostile, ALICE]) expect(html).not.toContain(told);
    const again = await fetch(url, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
    expect(again.status).toBe(304);
  });
});
