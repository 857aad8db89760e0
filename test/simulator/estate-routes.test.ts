import { beforeEach, describe, expect, it } from 'vitest';
import { Azure } from '../../simulator/azure.js';
import { control } from '../../simulator/control/control.js';
import {
  CONNECTION_ID,
  connectionBody,
  GROUP,
  SUBSCRIPTION,
  VAULT_ID,
  WORKFLOW_ID,
  workflowBody,
} from './samples.js';

const WHO = '00000000-0000-4000-8000-00000000000a';
const TEAM = '00000000-0000-4000-8000-0000000000aa';
const WORKSPACE = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs`;

let azure: Azure;
beforeEach(() => {
  azure = new Azure(() => 'https://arm.example');
  const vault = { id: VAULT_ID, location: 'westeurope', properties: { enableRbacAuthorization: true } };
  azure.place(JSON.stringify(vault));
  azure.place(JSON.stringify({ id: CONNECTION_ID, ...connectionBody() }));
  azure.place(JSON.stringify({ id: WORKFLOW_ID, ...workflowBody() }));
});

async function send(
  method: string,
  path: string,
  body: unknown = '',
): Promise<{ status: number; json: unknown }> {
  const { pathname, search } = new URL(path, 'http://x');
  const { status, body: text } = await control(azure, {
    method,
    path: pathname,
    query: new URLSearchParams(search),
    body: body === '' ? '' : JSON.stringify(body),
    facts: () => ({}),
    shutDown: () => undefined,
  });
  return { status, json: text === '' ? undefined : JSON.parse(text) };
}

describe('the control API', () => {
  it('gives roles, of its own too, to groups too, and says who may do what', async () => {
    const role = { roleName: 'Peeker', dataActions: ['Microsoft.KeyVault/vaults/secrets/getSecret/action'] };
    const { json } = await send('POST', '/role-definitions', role);
    const { id } = json as { id: string };
    expect(id).toMatch(/^\/providers\/Microsoft.Authorization\/roleDefinitions\//);
    const assignment = { scope: VAULT_ID, principalId: TEAM, principalType: 'Group', role: id };
    expect((await send('POST', '/role-assignments', assignment)).status).toBe(200);
    expect((await send('POST', '/groups', { group: TEAM, member: WHO })).status).toBe(204);
    expect((await send('GET', `/access?vault=${VAULT_ID}&principal=${WHO}`)).json).toMatchObject({
      model: 'rbac',
      roles: [{ roleName: 'Peeker' }],
    });
    expect((await send('GET', `/access?workflow=${WORKFLOW_ID}`)).json).toEqual([]);
    expect((await send('GET', `/access?workflow=${VAULT_ID}`)).status).toBe(400);
    expect((await send('POST', '/role-assignments', { ...assignment, role: 'None' })).status).toBe(400);
  });

  it('signs in to connections', async () => {
    const body = { connection: CONNECTION_ID, as: 'bob@contoso.com' };
    expect((await send('POST', '/sign-in', body)).json).toMatchObject({ name: 'bob@contoso.com' });
  });

  it('runs workflows, and says who asked what went through them', async () => {
    const run = { workflow: WORKFLOW_ID, startedAt: '2026-03-01T08:00:00Z', status: 'Failed' };
    const { json } = await send('POST', '/runs', run);
    const { name } = json as { name: string };
    await azure
      .as('x')
      .get(`${WORKFLOW_ID}/runs/${name}/actions`)
      .catch(() => undefined);
    expect((await send('GET', '/journal/run-content')).json).toMatchObject([{ status: 404 }]);
  });

  it('adds workspaces and what queries give', async () => {
    const workspace = { id: WORKSPACE, customerId: SUBSCRIPTION };
    expect((await send('POST', '/workspaces', workspace)).json).toEqual(workspace);
    const answer = { columns: [{ name: 'a', type: 'long' }], rows: [[1]] };
    expect((await send('POST', '/log-answers', { target: WORKSPACE, table: 'Events', answer })).status).toBe(
      204,
    );
    expect(azure.logs.answerTo({ text: 'Events | take 1', timespan: null, target: WORKSPACE })).toEqual(
      answer,
    );
    expect((await send('GET', '/journal/queries')).json).toEqual([]);
  });

  it('does several things in turn, and says how each was answered', async () => {
    const set = (owner: string) => ({
      as: 'alice@contoso.com',
      method: 'PATCH',
      path: VAULT_ID,
      body: { tags: { owner } },
    });
    const { status, json } = await send('POST', '/acts', { acts: [set('one'), set('two')], everyMs: 5 });
    expect(status).toBe(200);
    expect(json).toMatchObject({ statuses: [200, 200] });
    expect(azure.journal.changes().map(({ after }) => JSON.parse(after ?? '{}') as unknown)).toMatchObject([
      { tags: { owner: 'one' } },
      { tags: { owner: 'two' } },
    ]);
    expect((await send('POST', '/acts', { acts: [set('one')], everyMs: -1 })).status).toBe(400);
    expect((await send('POST', '/acts', { acts: [{ as: 'alice@contoso.com' }], everyMs: 0 })).status).toBe(
      400,
    );
    expect(
      (await send('POST', '/acts', { acts: [{ ...set('x'), path: `${VAULT_ID}-none` }], everyMs: 0 })).status,
    ).toBe(422);
  });

  it('says what a topic takes, and what was sent to it', async () => {
    expect((await send('PUT', '/topic', { schema: 'EventGridSchema' })).status).toBe(204);
    expect(azure.topic.schema).toBe('EventGridSchema');
    expect((await send('PUT', '/topic', { schema: 'XML' })).status).toBe(400);
    azure.topic.take([{ time: 'now', principal: azure.as('p').principal, event: { id: 'one' } }]);
    expect((await send('GET', '/topic-events')).json).toMatchObject([{ event: { id: 'one' } }]);
  });

  it('adds data collection rules, and says what came in', async () => {
    const rule = {
      id: `${GROUP}/providers/Microsoft.Insights/dataCollectionRules/r`,
      streams: { 'Custom-A': [{ name: 'B', type: 'string' }] },
    };
    const { json } = await send('POST', '/collection-rules', rule);
    expect(json).toEqual({ ...rule, immutableId: expect.stringMatching(/^dcr-[0-9a-f]{32}$/) as string });
    azure.ingestion.store('Custom-A', [{ B: 'c' }]);
    expect((await send('GET', '/ingested-rows?stream=Custom-A')).json).toEqual([{ B: 'c' }]);
    expect((await send('GET', '/ingested-rows?stream=Custom-No')).json).toEqual([]);
  });
});
