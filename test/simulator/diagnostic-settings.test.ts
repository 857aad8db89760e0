import { beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../simulator/actor.js';
import { Azure } from '../../simulator/azure.js';
import { catchEvents, type CaughtEvent } from './event-catcher.js';
import {
  CONNECTION_ID,
  connectionBody,
  GROUP,
  SUBSCRIPTION,
  VAULT_ID,
  vaultBody,
  WORKFLOW_ID,
  workflowBody,
} from './samples.js';
import { refused } from './refused.js';

const WORKSPACE = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs`;
const OTHER = `${WORKSPACE}-2`;
const STORAGE = `${GROUP}/providers/Microsoft.Storage/storageAccounts/logs`;
const SETTINGS = '/providers/Microsoft.Insights/diagnosticSettings';
const id = `${VAULT_ID}${SETTINGS}/audit`;

let azure: Azure;
let actor: Actor;
let delivered: readonly CaughtEvent[];

beforeEach(async () => {
  const { call, events } = catchEvents();
  delivered = events;
  azure = new Azure(() => 'https://arm.example', { events: { call } });
  azure.addResourceGroup(SUBSCRIPTION, 'rg');
  azure.logs.addWorkspace(WORKSPACE);
  azure.logs.addWorkspace(OTHER);
  actor = azure.as('alice@contoso.com');
  await actor.put(VAULT_ID, vaultBody());
  await azure.subscribeEvents({ endpoint: 'https://hook.example' });
});

const log = (category: string): object => ({ category, enabled: true });
const group = (categoryGroup: string): object => ({ categoryGroup, enabled: true });
const setting = (properties: object = {}): object => ({
  properties: { workspaceId: WORKSPACE, logs: [group('audit')], ...properties },
});

describe('a diagnostic setting', () => {
  it('is made, shown, listed and deleted, each with its event', async () => {
    const made = await actor.put(id, setting({ metrics: [log('AllMetrics')] }));
    expect(made.status).toBe(200);
    const shown: unknown = JSON.parse(await actor.get(id));
    expect(shown).toEqual(JSON.parse(made.body));
    expect(shown).toMatchObject({
      id: `${VAULT_ID.toLowerCase()}/providers/microsoft.insights/diagnosticSettings/audit`,
      name: 'audit',
      type: 'Microsoft.Insights/diagnosticSettings',
      properties: {
        workspaceId: WORKSPACE,
        storageAccountId: null,
        logs: [
          {
            category: null,
            categoryGroup: 'audit',
            enabled: true,
            retentionPolicy: { enabled: false, days: 0 },
          },
        ],
        metrics: [{ category: 'AllMetrics', categoryGroup: null, enabled: true }],
      },
    });
    expect(JSON.parse(await actor.get(`${VAULT_ID}${SETTINGS}`))).toEqual({ value: [shown] });
    expect((await actor.delete(id.toUpperCase())).status).toBe(200);
    expect((await actor.delete(id)).status).toBe(204);
    expect(await refused(actor.get(id))).toBe('404 ResourceNotFound');
    await azure.events.idle();
    expect(delivered.map(({ subject, eventType }) => `${eventType} ${subject}`)).toEqual([
      `Microsoft.Resources.ResourceWriteSuccess ${id}`,
      `Microsoft.Resources.ResourceDeleteSuccess ${id}`,
    ]);
  });

  it.each<[string, object, string]>([
    ['nowhere to go', { workspaceId: null }, '400 BadRequest'],
    ['nothing to send', { logs: [] }, '400 BadRequest'],
    ['nothing that is on', { logs: [{ category: 'AuditEvent', enabled: false }] }, '400 BadRequest'],
    ['a category that a vault has not', { logs: [log('WorkflowRuntime')] }, '400 BadRequest'],
    ['a group that a vault has not', { logs: [group('everything')] }, '400 BadRequest'],
    [
      'a category and a group in one',
      { logs: [{ ...log('AuditEvent'), ...group('audit') }] },
      '400 BadRequest',
    ],
    ['a category twice', { logs: [log('AuditEvent'), log('auditevent')] }, '400 BadRequest'],
    ['a metric as a log', { logs: [log('AllMetrics')] }, '400 BadRequest'],
    [
      'a retention, which Azure no longer has',
      { logs: [{ ...group('audit'), retentionPolicy: { enabled: true, days: 30 } }] },
      '400 BadRequest',
    ],
    ['a workspace that is no id', { workspaceId: 'logs' }, '400 LinkedInvalidPropertyId'],
    ['a workspace that there is not', { workspaceId: `${WORKSPACE}-none` }, '404 ResourceNotFound'],
  ])('is refused with %s', async (_name, properties, code) => {
    expect(await refused(actor.put(id, setting(properties)))).toBe(code);
    expect(JSON.parse(await actor.get(`${VAULT_ID}${SETTINGS}`))).toEqual({ value: [] });
  });

  it('is answered without a wrapper where Azure Monitor refuses', async () => {
    const answer = await azure.handle({
      method: 'PUT',
      url: `${id}?api-version=2021-05-01-preview`,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${azure.tokenFor('x')}` },
      body: JSON.stringify(setting({ logs: [log('Nothing')] })),
      clientIp: null,
    });
    expect(JSON.parse(answer.body)).toEqual({
      code: 'BadRequest',
      message: "Category 'Nothing' is not supported.",
    });
  });

  it.each<[string, object, object, boolean]>([
    ['the same category to the same workspace', { logs: [log('AuditEvent')] }, {}, true],
    [
      'the same metric to the same workspace',
      { logs: [], metrics: [log('AllMetrics')] },
      { metrics: [log('AllMetrics')] },
      true,
    ],
    ['another category', { logs: [log('AzurePolicyEvaluationDetails')] }, {}, false],
    ['the same category to another workspace', { workspaceId: OTHER }, {}, false],
    [
      'the same category that is off',
      { logs: [{ category: 'AuditEvent', enabled: false }], metrics: [log('AllMetrics')] },
      {},
      false,
    ],
  ])('beside another one with %s', async (_name, second, first, isConflict) => {
    await actor.put(id, setting({ logs: [log('AuditEvent')], ...first }));
    expect(await refused(actor.put(`${id}-2`, setting(second)))).toBe(
      isConflict ? '409 Conflict' : 'not refused',
    );
  });

  it.each([
    ['expanded', '409 Conflict'],
    ['literal', 'not refused'],
  ] as const)('with a group that holds the category of another, %s', async (overlap, expected) => {
    azure.switches.set({ diagnosticCategoryOverlap: overlap });
    await actor.put(id, setting({ logs: [log('AuditEvent')] }));
    expect(await refused(actor.put(`${id}-2`, setting({ logs: [group('allLogs')] })))).toBe(expected);
  });

  it('is one of five at most', async () => {
    for (let i = 1; i <= 5; i += 1) {
      await actor.put(`${id}-${i}`, setting({ workspaceId: null, storageAccountId: `${STORAGE}${i}` }));
    }
    expect(await refused(actor.put(id, setting()))).toBe('400 BadRequest');
    expect(await refused(actor.put(`${id}-5`, setting()))).toBe('not refused');
  });

  it('needs permission to write it, and to use where it goes', async () => {
    const { objectId } = actor.principal;
    const write = { actions: ['Microsoft.Insights/diagnosticSettings/*'], scope: VAULT_ID };
    azure.permissions.restrict(objectId, []);
    expect(await refused(actor.get(id))).toBe('403 AuthorizationFailed');
    azure.permissions.restrict(objectId, [write]);
    expect(await refused(actor.put(id, setting()))).toBe('403 LinkedAuthorizationFailed');
    const use = { actions: ['Microsoft.OperationalInsights/workspaces/sharedKeys/action'], scope: WORKSPACE };
    azure.permissions.restrict(objectId, [write, use]);
    expect((await actor.put(id, setting())).status).toBe(200);
  });

  it('is locked where its vault is', async () => {
    azure.locks.add({ name: 'freeze', scope: VAULT_ID, level: 'ReadOnly' });
    expect(await refused(actor.put(id, setting()))).toBe('409 ScopeLocked');
  });

  it('of a workflow has other categories, and a connection has none', async () => {
    azure.place(JSON.stringify({ id: WORKFLOW_ID, ...workflowBody() }));
    azure.place(JSON.stringify({ id: CONNECTION_ID, ...connectionBody() }));
    const runs = setting({ logs: [log('WorkflowRuntime')] });
    expect((await actor.put(`${WORKFLOW_ID}${SETTINGS}/runs`, runs)).status).toBe(200);
    expect(await refused(actor.get(`${CONNECTION_ID}${SETTINGS}`))).toBe('400 ResourceTypeNotSupported');
    expect(await refused(actor.get(`${GROUP}${SETTINGS}`))).toBe('400 ResourceTypeNotSupported');
    expect(await refused(actor.get(`${VAULT_ID}-none${SETTINGS}`))).toBe('404 ResourceNotFound');
  });

  it('is placed as it is, without an event, beside what is there', async () => {
    const before = delivered.length;
    azure.place(JSON.stringify({ id, ...setting({ workspaceId: `${WORKSPACE}-that-is-gone` }) }));
    await azure.events.idle();
    expect(delivered).toHaveLength(before);
    expect(JSON.parse(await actor.get(id))).toMatchObject({
      name: 'audit',
      properties: { workspaceId: `${WORKSPACE}-that-is-gone`, logs: [{ categoryGroup: 'audit' }] },
    });
    expect(() =>
      azure.place(JSON.stringify({ id: `${VAULT_ID}-none${SETTINGS}/audit`, ...setting() })),
    ).toThrow(RangeError);
  });

  it('is found by its own vault alone, and gone when it was deleted', async () => {
    await actor.put(`${VAULT_ID}-two`, vaultBody());
    await actor.put(`${VAULT_ID}-two${SETTINGS}/other`, setting());
    await actor.put(id, setting());
    expect(JSON.parse(await actor.get(`${VAULT_ID}${SETTINGS}`))).toMatchObject({
      value: [{ name: 'audit' }],
    });
    await actor.delete(id);
    expect(JSON.parse(await actor.get(`${VAULT_ID}${SETTINGS}`))).toEqual({ value: [] });
  });
});
