import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { getSecret, playbook, shut } from '../../demo/estate.js';
import type { Azure } from '../../simulator/azure.js';
import type { Edit } from '../../src/types/edit.js';
import { openFindings } from './open-findings.js';
import {
  addConnection,
  addVault,
  ALICE,
  BOB,
  CONNECTORS,
  freshName,
  OFFICE,
  outcomesOf,
  recordsOf,
  startScenario,
  sweep,
  textNow,
  withEvents,
  workflow,
  workflowPath,
  type Scenario,
} from './scenario.js';

/*
 * Secrets on their way through playbooks, and from one playbook to another: what the run history would show of them is
 * hidden in one write, and nothing else is.
 */

vi.setConfig({ testTimeout: 60_000 });

let scenario: Scenario;
let azure: Azure;
/** The Key Vault connection that the playbooks use. */
let connectionName: string;

beforeAll(async () => {
  scenario = await startScenario({ allRemediators: true });
  ({ azure } = scenario);
  const vault = await addVault(azure, shut(OFFICE, ...CONNECTORS));
  connectionName = await addConnection(azure, vault);
});
afterAll(() => scenario.stack.close());
afterEach(() => {
  azure.faults.clear();
});

const after = (...names: readonly string[]): object => ({
  runAfter: Object.fromEntries(names.map((name) => [name, ['Succeeded']])),
});
const http = (inputs: object, ...names: readonly string[]): object => ({
  type: 'Http',
  inputs: { method: 'POST', uri: 'https://api.example/', ...inputs },
  ...after(...names),
});
const SECRET = "@body('Get_secret')?['value']";
const get = (isSecured = true): object => ({ Get_secret: getSecret('api-token', isSecured) });

async function add(actions: object): Promise<string> {
  const id = workflowPath(freshName('wf-flow'));
  await save(id, actions);
  return id;
}

const save = (id: string, actions: object, who = ALICE): Promise<unknown> =>
  azure.as(who).put(id, playbook(actions, connectionName));

/** `Action: inputs`, for each member that Holdfast put into an action's list, in alphabetical order. */
async function hiddenIn(id: string): Promise<readonly string[]> {
  const records = await recordsOf(scenario, { resourceId: id, outcome: 'applied' });
  return records.flatMap(({ edits }) => edits.map(nameOf)).sort();
}

function nameOf({ path, after: member }: Edit): string {
  return `${path.split('/').at(-4) ?? ''}: ${JSON.stringify(member).replaceAll('"', '')}`;
}

async function findingsOn(resourceId: string): Promise<readonly string[]> {
  const found = await openFindings(scenario, { resourceId, remediator: 'workflow-secret-flow' });
  return found.map(({ reason }) => reason.replace(/ (takes|gives|hold|holds) .*/, ' $1')).sort();
}

const compose = (inputs: unknown, ...names: readonly string[]): object => ({
  type: 'Compose',
  inputs,
  ...after(...names),
});
const answer = (body: unknown, ...names: readonly string[]): object => ({
  type: 'Response',
  kind: 'Http',
  inputs: { statusCode: 200, body },
  ...after(...names),
});
const variable = (value: string): object => ({ variables: [{ name: 'token', type: 'string', value }] });

describe('a secret on its way', () => {
  type Way = readonly [string, object, hidden: readonly string[], findings?: readonly string[]];
  const ways: readonly Way[] = [
    [
      'that is used at once',
      { ...get(false), Call: http({ body: SECRET }, 'Get_secret') },
      ['Get_secret: outputs'],
    ],
    [
      'through a Compose',
      {
        ...get(false),
        Compose: compose(SECRET, 'Get_secret'),
        Call: http({ headers: { 'x-api-key': "@{outputs('Compose')}" } }, 'Compose'),
      },
      ['Call: inputs', 'Get_secret: outputs'],
    ],
    [
      'through two, with the name in another case',
      {
        ...get(false),
        Compose: compose(SECRET, 'Get_secret'),
        Twice: compose("@concat('x', outputs('cOMPOSE'))", 'Compose'),
        Call: http({ body: "@outputs('Twice')" }, 'Twice'),
      },
      ['Call: inputs', 'Get_secret: outputs', 'Twice: inputs'],
    ],
    [
      'to a login whose token signs in the next call',
      {
        ...get(false),
        Login: http({ body: { client_secret: SECRET } }, 'Get_secret'),
        Call: http({ headers: { Authorization: "Bearer @{body('Login')?['access_token']}" } }, 'Login'),
      },
      ['Get_secret: outputs', 'Login: outputs'],
    ],
    [
      'to a login whose answer is parsed first',
      {
        ...get(false),
        Login: http({ body: { client_secret: SECRET } }, 'Get_secret'),
        Parse: {
          type: 'ParseJson',
          inputs: { content: "@body('Login')", schema: {} },
          ...after('Login'),
        },
        Call: http({ headers: { Authorization: "Bearer @{body('Parse')?['access_token']}" } }, 'Parse'),
      },
      ['Call: inputs', 'Get_secret: outputs', 'Login: outputs'],
    ],
    [
      'through a variable, which nothing hides',
      {
        ...get(false),
        Keep: { type: 'InitializeVariable', inputs: variable(SECRET), ...after('Get_secret') },
        Call: http({ body: "@variables('token')" }, 'Keep'),
      },
      ['Call: inputs', 'Get_secret: outputs'],
      ['action "Keep" takes'],
    ],
    [
      'to whoever calls',
      { ...get(false), Answer: answer(SECRET, 'Get_secret') },
      ['Get_secret: outputs'],
      ['action "Answer" gives'],
    ],
    [
      'to whoever calls, through a Compose',
      {
        ...get(false),
        Compose: compose(SECRET, 'Get_secret'),
        Answer: answer("@outputs('Compose')", 'Compose'),
      },
      ['Answer: inputs', 'Get_secret: outputs'],
      ['action "Answer" gives'],
    ],
    [
      'through all that there is',
      {
        ...get(false),
        Keep: { type: 'InitializeVariable', inputs: variable(SECRET), ...after('Get_secret') },
        Loop: {
          type: 'Foreach',
          foreach: "@createArray(variables('token'))",
          actions: { Inner: { ...http({ body: "@items('Loop')" }), runAfter: {} } },
          ...after('Keep'),
        },
        Check: {
          type: 'If',
          expression: { and: [{ equals: ["@variables('token')", 'x'] }] },
          actions: { Nested: { ...compose("@variables('token')"), runAfter: {} } },
          ...after('Loop'),
        },
        Join: { type: 'Join', inputs: { from: ["@variables('token')"], joinWith: ',' }, ...after('Check') },
        End: {
          type: 'Terminate',
          inputs: { runStatus: 'Failed', runError: { message: "@variables('token')" } },
          ...after('Join'),
        },
      },
      ['Get_secret: outputs', 'Inner: inputs', 'Join: inputs', 'Join: outputs', 'Nested: inputs'],
      ['action "Check" takes', 'action "End" takes', 'action "Keep" takes', 'action "Loop" takes'],
    ],
  ];

  it.each(ways.map(([way, actions, hidden, findings = []]) => ({ way, actions, hidden, findings })))(
    '$way is hidden in one write, and nothing is left to do',
    async ({ actions, hidden, findings }) => {
      const id = await add(actions);
      const mark = azure.journal.mark();
      await sweep(scenario);
      expect(azure.journal.writes({ since: mark, under: id })).toHaveLength(1);
      expect(await hiddenIn(id)).toEqual(hidden);
      const records = await recordsOf(scenario, { resourceId: id });
      expect(new Set(records.map(({ outcome, writeId }) => `${outcome} ${writeId}`)).size).toBe(1);
      expect(await findingsOn(id)).toEqual(findings);

      const later = azure.journal.mark();
      await withEvents(scenario, () => sweep(scenario));
      expect(azure.journal.writes({ since: later, under: id })).toEqual([]);
      expect(await recordsOf(scenario, { resourceId: id })).toHaveLength(records.length);
      expect(await findingsOn(id)).toEqual(findings);
    },
  );

  it('is left alone where Azure hides it by itself, and so is whatever has no secret', async () => {
    const id = await add({
      ...get(),
      Compose: compose("@length(body('Get_secret')?['value'])", 'Get_secret'),
      Call: http({ headers: { Authorization: `Bearer @{${SECRET.slice(1)}}` }, body: SECRET }, 'Get_secret'),
      Note: http({ body: "@outputs('Compose')" }, 'Compose'),
      Other: http({ body: "@triggerBody()?['name']" }, 'Note'),
      Use: http({ body: "@body('Other')?['title']" }, 'Other'),
    });
    const text = textNow(azure, id);
    await withEvents(scenario, () =>
      save(id, (JSON.parse(text) as Saved).properties.definition.actions, BOB),
    );
    await sweep(scenario);
    expect(azure.journal.writes({ under: id })).toEqual([]);
    expect(await recordsOf(scenario, { resourceId: id })).toEqual([]);
  });

  it('is hidden again, within the event, where somebody saves the playbook without', async () => {
    const actions = {
      ...get(false),
      Compose: compose(SECRET, 'Get_secret'),
      Call: http({ body: "@outputs('Compose')" }, 'Compose'),
    };
    const id = await add(actions);
    await sweep(scenario);
    await withEvents(scenario, () => save(id, actions, BOB));
    const records = await recordsOf(scenario, { resourceId: id });
    expect(outcomesOf(records)).toEqual([
      'workflow-secret-flow applied',
      'workflow-secret-flow applied',
      'workflow-secure-outputs applied',
      'workflow-secure-outputs applied',
    ]);
    const again = records.filter(({ trigger }) => trigger === 'event');
    expect(again.map(({ actor }) => actor?.name)).toEqual([BOB, BOB]);
  });
});

interface Saved {
  readonly properties: { readonly definition: { readonly actions: object } };
}

describe('what is refused', () => {
  it('an action with tracked properties: the others are hidden, and it is said once', async () => {
    const untracked = http({ body: "@outputs('Compose')" }, 'Compose');
    const actions = {
      ...get(false),
      Compose: compose(SECRET, 'Get_secret'),
      Call: { ...untracked, trackedProperties: { id: "@{triggerBody()?['id']}" } },
      Other: untracked,
    };
    const id = await add(actions);
    for (let i = 0; i < 3; i += 1) await withEvents(scenario, () => sweep(scenario));
    expect(await hiddenIn(id)).toEqual(['Get_secret: outputs', 'Other: inputs']);
    expect(azure.journal.writes({ under: id })).toHaveLength(1);
    const refused = await recordsOf(scenario, { resourceId: id, outcome: 'refused' });
    expect(refused.map(({ remediator }) => remediator)).toEqual(['workflow-secret-flow']);
    expect(refused[0]?.edits.map(nameOf)).toEqual(['Call: inputs']);
    expect(refused[0]?.error).toContain('trackedProperties');
    expect(await findingsOn(id)).toEqual([expect.stringContaining('trackedProperties')]);

    await withEvents(scenario, () => save(id, { ...actions, Call: untracked }, BOB));
    expect(textNow(azure, id)).not.toContain('trackedProperties');
    expect(await hiddenIn(id)).toContain('Call: inputs');
    expect(await findingsOn(id)).toEqual([]);
  });

  it('a workflow with a secure parameter: nothing is written, and it is said once of each remediator', async () => {
    const id = workflowPath(freshName('wf-flow'));
    const actions = {
      ...get(false),
      Compose: compose("@parameters('key')", 'Get_secret'),
      Call: http({ body: "@outputs('Compose')" }, 'Compose'),
    };
    const document = playbook(actions, connectionName) as {
      properties: { definition: { parameters: object } };
    };
    const declared = { ...document.properties.definition.parameters, key: { type: 'SecureString' } };
    await azure.as(ALICE).put(id, {
      ...document,
      properties: {
        ...document.properties,
        definition: { ...document.properties.definition, parameters: declared },
        parameters: { ...(document.properties as { parameters?: object }).parameters, key: { value: 'v' } },
      },
    });
    for (let i = 0; i < 3; i += 1) await withEvents(scenario, () => sweep(scenario));
    expect(azure.journal.writes({ under: id })).toEqual([]);
    const records = await recordsOf(scenario, { resourceId: id });
    expect(outcomesOf(records)).toEqual(['workflow-secret-flow refused', 'workflow-secure-outputs refused']);
    for (const { error } of records) expect(error).toContain('secure parameters');
  });
});

describe('a secret between playbooks', () => {
  const call = (id: string, body: object, ...names: readonly string[]): object => ({
    type: 'Workflow',
    inputs: { host: { triggerName: 'manual', workflow: { id } }, body },
    ...after(...names),
  });
  const giving = (): object => ({ ...get(), Answer: answer({ token: SECRET }, 'Get_secret') });
  const caller = async (child: string): Promise<string> => {
    const id = workflowPath(freshName('wf-caller'));
    await azure.as(ALICE).put(id, workflow({ actions: { Ask: call(child, {}) } }));
    return id;
  };

  it('that a child gives back is hidden in whoever calls it, where the child is known first', async () => {
    const child = await add(giving());
    await sweep(scenario);
    let parent = '';
    await withEvents(scenario, async () => {
      parent = await caller(child);
    });
    expect(await hiddenIn(parent)).toEqual(['Ask: outputs']);
    expect(azure.journal.writes({ under: child })).toEqual([]);
  });

  it('and where its parent is known first: by the next sweep after the child has changed', async () => {
    const child = await add(get());
    const parent = await caller(child);
    await sweep(scenario);
    expect(await hiddenIn(parent)).toEqual([]);
    await withEvents(scenario, () => save(child, giving(), BOB));
    await sweep(scenario);
    expect(await hiddenIn(parent)).toEqual(['Ask: outputs']);
  });

  it('and where both are seen for the first time: by the second sweep', async () => {
    const parentFirst = workflowPath(freshName('wf-a-parent'));
    const child = workflowPath(freshName('wf-b-child'));
    await azure.as(ALICE).put(parentFirst, workflow({ actions: { Ask: call(child, {}) } }));
    await save(child, giving());
    const parentLast = await caller(child);
    await sweep(scenario);
    await sweep(scenario);
    expect(await hiddenIn(parentFirst)).toEqual(['Ask: outputs']);
    expect(await hiddenIn(parentLast)).toEqual(['Ask: outputs']);
    const mark = azure.journal.mark();
    await sweep(scenario);
    expect(azure.journal.writes({ since: mark })).toEqual([]);
  });

  it.each(['before', 'after'] as const)(
    'that a parent hands on is hidden in the trigger of the child, which was made %s, by the event alone',
    async (order) => {
      const child = workflowPath(freshName('wf-child'));
      const actions = { Note: { ...compose("@triggerBody()?['apiKey']"), runAfter: {} } };
      const make = (): Promise<unknown> => azure.as(ALICE).put(child, workflow({ actions }));
      const parent = await add(get());
      if (order === 'before') await make();
      await sweep(scenario);
      const handing = { ...get(), Ask: call(child, { apiKey: SECRET }, 'Get_secret') };
      await withEvents(scenario, async () => {
        await save(parent, handing, BOB);
        if (order === 'after') await make();
      });
      const [record, ...more] = await recordsOf(scenario, { resourceId: child, outcome: 'applied' });
      expect(more).toEqual([]);
      expect(record?.edits.map(({ path, after: member }) => [path, member])).toEqual([
        ['/properties/definition/triggers/manual/runtimeConfiguration/secureData/properties', 'outputs'],
      ]);
      expect(azure.journal.writes({ under: parent })).toEqual([]);
    },
  );

  it('stays hidden where the child gives it back no more: nothing is ever shown again', async () => {
    const child = await add(giving());
    await sweep(scenario);
    const parent = await caller(child);
    await sweep(scenario);
    await withEvents(scenario, () => save(child, get(), BOB));
    const mark = azure.journal.mark();
    await sweep(scenario);
    expect(azure.journal.writes({ since: mark })).toEqual([]);
    expect(textNow(azure, parent)).toContain('"secureData"');
  });
});
