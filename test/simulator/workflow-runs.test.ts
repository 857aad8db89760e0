import { beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../simulator/actor.js';
import { Azure } from '../../simulator/azure.js';
import { manualClock, type ManualClock } from '../../simulator/clock.js';
import { refused } from './refused.js';
import { SUBSCRIPTION, WORKFLOW_ID, workflowBody } from './samples.js';

const DAY = 86_400_000;
const NOW = Date.parse('2026-03-01T08:00:00Z');

interface Run {
  readonly id: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

let azure: Azure;
let actor: Actor;
let clock: ManualClock;
beforeEach(() => {
  clock = manualClock(NOW);
  azure = new Azure(() => 'https://arm.example', { clock });
  azure.addResourceGroup(SUBSCRIPTION, 'rg');
  actor = azure.as('alice@contoso.com');
  azure.place(JSON.stringify({ id: WORKFLOW_ID, ...workflowBody() }));
});

/** The pages of runs, as nextLink leads through them. */
async function pages(query: Readonly<Record<string, string>> = {}): Promise<readonly (readonly Run[])[]> {
  const found: (readonly Run[])[] = [];
  const parameters = new URLSearchParams({ 'api-version': '2019-05-01', ...query });
  let next: string | undefined = `${WORKFLOW_ID}/runs?${parameters.toString()}`;
  while (next !== undefined) {
    const page = JSON.parse(await actor.get(next)) as { value: Run[]; nextLink?: string };
    found.push(page.value);
    next = page.nextLink?.replace('https://arm.example', '');
  }
  return found;
}

const startsIn = (found: readonly (readonly Run[])[]): readonly string[] =>
  found.flat().map(({ properties }) => String(properties.startTime).slice(0, 10));

describe('the runs of a workflow', () => {
  it('are shown with when, how and by what, and nothing of what went through them', async () => {
    const name = azure.run(WORKFLOW_ID, {
      startedAt: NOW - DAY,
      durationMs: 5000,
      status: 'Failed',
      trigger: 'timer',
    });
    const [run] = (await pages()).flat();
    expect(run).toMatchObject({
      id: `${WORKFLOW_ID}/runs/${name}`,
      name,
      type: 'Microsoft.Logic/workflows/runs',
      properties: {
        startTime: '2026-02-28T08:00:00.0000000Z',
        endTime: '2026-02-28T08:00:05.0000000Z',
        status: 'Failed',
        trigger: { name: 'timer', status: 'Succeeded' },
        outputs: {},
      },
    });
    expect(JSON.parse(await actor.get(run?.id ?? ''))).toEqual(run);
    expect(await refused(actor.get(`${WORKFLOW_ID}/runs/none`))).toBe('404 WorkflowRunNotFound');
  });

  it('run until they end', async () => {
    azure.run(WORKFLOW_ID, { durationMs: 60_000 });
    const [running] = (await pages()).flat();
    expect(running?.properties).toMatchObject({ status: 'Running' });
    expect(running?.properties).not.toHaveProperty('endTime');
    await clock.advance(60_000);
    expect((await pages()).flat()[0]?.properties).toMatchObject({ status: 'Succeeded' });
  });

  it('come newest first, in pages that stand still while it goes on running', async () => {
    azure.addRuns(WORKFLOW_ID, 5, NOW - 5 * DAY, NOW - DAY);
    azure.run(WORKFLOW_ID, { startedAt: NOW - 10 * DAY });
    azure.pageSize = 4;
    expect(startsIn(await pages())).toEqual(
      ['02-28', '02-27', '02-26', '02-25', '02-24', '02-19'].map((day) => `2026-${day}`),
    );
    expect((await pages({ $top: '2' })).map((page) => page.length)).toEqual([2, 2, 2]);
    const first = JSON.parse(await actor.get(`${WORKFLOW_ID}/runs`)) as { nextLink: string };
    azure.run(WORKFLOW_ID);
    const next = JSON.parse(await actor.get(first.nextLink.replace('https://arm.example', ''))) as {
      value: Run[];
    };
    expect(startsIn([next.value])).toEqual(['2026-02-24', '2026-02-19']);
  });

  it.each([
    ["status eq 'Failed'", ['2026-02-27']],
    ['startTime ge 2026-02-27T08:00:00Z', ['2026-02-28', '2026-02-27']],
    ['startTime gt 2026-02-27T08:00:00Z and startTime le 2026-02-28T08:00:00Z', ['2026-02-28']],
    ["startTime lt 2026-02-28T08:00:00Z and status eq 'failed'", ['2026-02-27']],
    ['startTime eq 2026-02-26T08:00:00Z', ['2026-02-26']],
  ])('are filtered by %s', async ($filter, expected) => {
    azure.addRuns(WORKFLOW_ID, 2, NOW - 3 * DAY, NOW - DAY);
    azure.run(WORKFLOW_ID, { startedAt: NOW - 2 * DAY, status: 'Failed' });
    expect(startsIn(await pages({ $filter }))).toEqual(expected);
  });

  it.each(["name eq 'x'", 'startTime ge yesterday', 'nonsense'])(
    'are not filtered by %s',
    async ($filter) => {
      expect(await refused(pages({ $filter }))).toBe('400 InvalidFilterInQuery');
    },
  );

  it('are kept for 90 days, and as long as the workflow is there', async () => {
    azure.addRuns(WORKFLOW_ID, 2, NOW - 90 * DAY, NOW - 89 * DAY);
    expect(await pages()).toHaveLength(1);
    expect((await pages()).flat()).toHaveLength(1);
    await actor.delete(WORKFLOW_ID);
    expect(await refused(pages())).toBe('404 ResourceNotFound');
    azure.place(JSON.stringify({ id: WORKFLOW_ID, ...workflowBody() }));
    expect((await pages()).flat()).toEqual([]);
  });

  it('have those that a write starts', async () => {
    const triggers = { every_day: { type: 'Recurrence', recurrence: { frequency: 'Day', interval: 1 } } };
    await actor.put(WORKFLOW_ID, workflowBody({ triggers }));
    expect((await pages()).flat()).toMatchObject([{ properties: { trigger: { name: 'every_day' } } }]);
    expect(azure.journal.runs()).toHaveLength(1);
  });

  it('are many, and cost no more for it', async () => {
    azure.addRuns(WORKFLOW_ID, 20_000, NOW - DAY, NOW);
    azure.pageSize = 250;
    const started = performance.now();
    expect((await pages()).flat()).toHaveLength(20_000);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('cannot be written, and need a permission', async () => {
    expect(await refused(actor.post(`${WORKFLOW_ID}/runs`))).toBe('405 MethodNotAllowed');
    azure.permissions.restrict(actor.principal.objectId, [
      { actions: ['Microsoft.Logic/workflows/read'], scope: '/' },
    ]);
    expect(await refused(pages())).toBe('403 AuthorizationFailed');
  });
});

describe('the content of a run', () => {
  it('is not there, and the journal has who asked for it', async () => {
    const name = azure.run(WORKFLOW_ID);
    await pages();
    expect(azure.journal.runContentRequests()).toEqual([]);
    const mark = azure.journal.mark();
    expect(await refused(actor.get(`${WORKFLOW_ID}/runs/${name}/actions`))).toBe('404 NotFound');
    const [run] = (await pages()).flat();
    const { trigger } = run?.properties as { trigger: { outputsLink: { uri: string } } };
    expect(await refused(actor.get(trigger.outputsLink.uri.replace('https://arm.example', '')))).toBe(
      '404 NotFound',
    );
    azure.permissions.restrict(actor.principal.objectId, [
      { actions: ['Microsoft.Logic/workflows/runs/read'], scope: '/' },
    ]);
    expect(await refused(actor.get(`${WORKFLOW_ID}/runs/${name}/actions/Get_secret`))).toBe(
      '403 AuthorizationFailed',
    );
    expect(azure.journal.runContentRequests(mark)).toMatchObject([
      { principal: actor.principal, status: 404 },
      { status: 404 },
      { status: 403, operation: 'Microsoft.Logic/workflows/runs/actions/read' },
    ]);
  });
});
