import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LogAnswer } from '../../simulator/logs/logs.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { call, type Reply } from './arm-client.js';
import { GROUP, SUBSCRIPTION, VAULT_ID, vaultBody } from './samples.js';
import { runApp } from './simulator-process.js';

const WORKSPACE = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs`;
const QUERY = "AZKVAuditLogs | where OperationName == 'SecretGet' | summarize count() by CallerIPAddress";
const ANSWER: LogAnswer = {
  columns: [
    { name: 'CallerIPAddress', type: 'string' },
    { name: 'Last', type: 'datetime' },
    { name: 'count_', type: 'long' },
  ],
  rows: [['20.1.2.3', '2026-03-01T08:00:00Z', 7]],
};

let simulator: Simulator;
let customerId = '';
beforeAll(async () => {
  simulator = await startSimulator();
  simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg');
  await simulator.azure.as('owner@contoso.com').put(VAULT_ID, vaultBody());
  ({ customerId } = simulator.azure.logs.addWorkspace(WORKSPACE));
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.azure.logs.clear();
  simulator.azure.faults.clear();
});

const tokenFor = (audience: string): string => simulator.azure.tokenFor('tester@contoso.com', audience);

/** As the client sends it, to a path below the endpoint. */
function ask(
  path: string,
  body: unknown = { query: QUERY, timespan: 'P1D' },
  token?: string | null,
): Promise<Reply> {
  const given = token === undefined ? tokenFor('https://api.loganalytics.io') : token;
  return call(simulator, 'POST', `${simulator.logsUrl}${path}`, { body, isBare: true, token: given });
}

describe('a query', () => {
  it.each<[string, () => string, string]>([
    ['of a workspace by its customer id', () => `/workspaces/${customerId}/query`, WORKSPACE],
    ['of a workspace by its resource id', () => `${WORKSPACE}/query`, WORKSPACE],
    ['of a resource', () => `${VAULT_ID}/query`, VAULT_ID],
  ])('%s gets what the test says', async (_name, path, target) => {
    simulator.azure.logs.answerTable(target, 'AZKVAuditLogs', ANSWER);
    const mark = simulator.azure.journal.mark();
    const reply = await ask(path());
    expect(reply.status).toBe(200);
    expect(reply.json).toEqual({ tables: [{ name: 'PrimaryResult', ...ANSWER }] });
    expect(simulator.azure.journal.queries(mark)).toMatchObject([
      { text: QUERY, timespan: 'P1D', request: { status: 200, principal: { name: 'tester@contoso.com' } } },
    ]);
    expect(simulator.azure.journal.requests({ since: mark })).toEqual([]);
  });

  it('gets the newest answer that there is, worked out from the query', async () => {
    const { logs } = simulator.azure;
    logs.answerTable(WORKSPACE, 'AZKVAuditLogs', ANSWER);
    logs.answer(({ timespan }) => (timespan === 'PT1H' ? { ...ANSWER, rows: [] } : undefined));
    const path = `/workspaces/${customerId}/query`;
    expect((await ask(path, { query: QUERY, timespan: 'PT1H' })).json).toMatchObject({
      tables: [{ rows: [] }],
    });
    expect((await ask(path)).json).toMatchObject({ tables: [{ rows: ANSWER.rows }] });
  });

  it('is answered in part where the test says so', async () => {
    const partialError = {
      code: 'EngineError',
      message: 'Something went wrong processing your query on the server.',
    };
    simulator.azure.logs.answerTable(WORKSPACE, 'AZKVAuditLogs', { ...ANSWER, partialError });
    expect((await ask(`/workspaces/${customerId}/query`)).json).toMatchObject({
      tables: [{}],
      error: { code: 'PartialError', details: [partialError] },
    });
  });

  it.each<[string, string, unknown, number, string]>([
    [
      'of a table that nothing was logged to',
      `${WORKSPACE}/query`,
      { query: 'AzureDiagnostics | take 1' },
      400,
      'BadArgumentError',
    ],
    ['that is empty', `${WORKSPACE}/query`, { query: ' ' }, 400, 'BadArgumentError'],
    ['that is not JSON', `${WORKSPACE}/query`, '{', 400, 'BadArgumentError'],
    [
      'of a workspace that there is not',
      `/workspaces/${SUBSCRIPTION}/query`,
      undefined,
      404,
      'PathNotFoundError',
    ],
    ['of a resource that there is not', `${VAULT_ID}-none/query`, undefined, 404, 'PathNotFoundError'],
    [
      'of a resource with two slashes, as the client writes an id that begins with one,',
      `/${VAULT_ID}/query`,
      undefined,
      403,
      'InsufficientAccessError',
    ],
    ['of nothing', '/query', undefined, 404, 'PathNotFoundError'],
  ])('%s fails', async (_name, path, body, status, code) => {
    const reply = await ask(path, body);
    expect([reply.status, reply.code]).toEqual([status, code]);
  });

  it('says which table it does not find', async () => {
    expect((await ask(`${WORKSPACE}/query`)).text).toContain(
      "Failed to resolve table or column expression named 'AZKVAuditLogs'",
    );
  });

  it('needs a token, for its own audience', async () => {
    const path = `${WORKSPACE}/query`;
    const statusWith = async (token: string | null): Promise<unknown> => {
      const { status, code } = await ask(path, undefined, token);
      return [status, code];
    };
    expect(await statusWith(null)).toEqual([401, 'AuthenticationFailed']);
    expect(await statusWith('no.such.token')).toEqual([403, 'InvalidAuthenticationToken']);
    expect(await statusWith(tokenFor(simulator.url))).toEqual([403, 'InvalidAuthenticationTokenAudience']);
    const { origin } = new URL(simulator.logsUrl);
    for (const audience of ['https://api.loganalytics.io/', 'https://api.loganalytics.azure.com', origin]) {
      expect(await statusWith(tokenFor(audience))).toEqual([400, 'BadArgumentError']);
    }
    const other = await call(simulator, 'GET', VAULT_ID, { token: tokenFor('https://api.loganalytics.io') });
    expect(other.code).toBe('InvalidAuthenticationTokenAudience');
  });

  it('needs a permission: on the workspace, or on the table of a resource', async () => {
    const { azure } = simulator;
    azure.logs.answer(() => ANSWER);
    const { objectId } = azure.as('tester@contoso.com').principal;
    const grants = [{ actions: ['Microsoft.Insights/logs/AZKVAuditLogs/read'], scope: VAULT_ID }];
    azure.permissions.restrict(objectId, grants);
    try {
      expect((await ask(`${WORKSPACE}/query`)).code).toBe('InsufficientAccessError');
      expect((await ask(`${VAULT_ID}/query`)).status).toBe(200);
      expect((await ask(`${VAULT_ID}/query`, { query: 'AzureActivity' })).status).toBe(403);
      expect((await ask(`${VAULT_ID}/query`, { query: 'union *' })).status).toBe(403);
    } finally {
      azure.permissions.unrestrict(objectId);
    }
  });

  it.each([
    ['of no table', [], 'AZKVAuditLogs | take 1', 403],
    ['of the table', ['AZKVAuditLogs'], 'AZKVAuditLogs | take 1', 200],
    ['of one of two', ['AZKVAuditLogs'], 'union (AZKVAuditLogs | take 1), (AzureDiagnostics | take 1)', 403],
    [
      'of both',
      ['AZKVAuditLogs', 'AzureDiagnostics'],
      'union (AZKVAuditLogs | take 1), (AzureDiagnostics | take 1)',
      200,
    ],
    ['of two, where any may be meant', ['AZKVAuditLogs', 'AzureDiagnostics'], 'union *', 403],
    ['of all', ['*'], 'union *', 200],
  ])('on a workspace needs its query permission and that %s', async (_which, tables, query, status) => {
    const { azure } = simulator;
    azure.logs.answer(() => ANSWER);
    const { objectId } = azure.as('tester@contoso.com').principal;
    const of = 'Microsoft.OperationalInsights/workspaces/query';
    const actions = [`${of}/read`, ...tables.map((table) => `${of}/${table}/read`)];
    azure.permissions.restrict(objectId, [{ actions, scope: '/' }]);
    try {
      expect((await ask(`${WORKSPACE}/query`, { query })).status).toBe(status);
    } finally {
      azure.permissions.unrestrict(objectId);
    }
  });

  it('suffers faults of its own', async () => {
    const { azure } = simulator;
    azure.faults.add({ endpoint: 'logs', times: 1, action: { kind: 'error', status: 429, retryAfter: 5 } });
    azure.faults.add({ endpoint: 'arm', action: { kind: 'error', status: 503 } });
    azure.logs.answer(() => ANSWER);
    const throttled = await ask(`${WORKSPACE}/query`);
    expect([throttled.status, throttled.headers['retry-after']]).toEqual([429, '5']);
    expect((await ask(`${WORKSPACE}/query`)).status).toBe(200);
    azure.faults.add({ endpoint: 'logs', action: { kind: 'reset', when: 'before' } });
    await expect(ask(`${WORKSPACE}/query`)).rejects.toThrow();
  });
});

describe("Azure's own client", () => {
  const APP = `
const { ManagedIdentityCredential } = require('@azure/identity');
const { LogsQueryClient } = require('@azure/monitor-query-logs');
async function main() {
  const client = new LogsQueryClient(new ManagedIdentityCredential(), { endpoint: process.env.HOLDFAST_LOG_ENDPOINT });
  const timespan = { duration: 'P1D' };
  const byWorkspace = await client.queryWorkspace('CUSTOMER', 'AZKVAuditLogs | take 1', timespan);
  const byResource = await client.queryResource('${VAULT_ID.slice(1)}', 'AZKVAuditLogs | take 1', timespan);
  let failed = '';
  try { await client.queryWorkspace('CUSTOMER', 'Nothing', timespan); } catch (error) { failed = error.statusCode + ' ' + error.code; }
  console.log(JSON.stringify({ byWorkspace, byResource: byResource.status, failed }));
}
main().catch((error) => { console.error(error); process.exit(1); });
`;

  it('asks a workspace and a resource, with nothing but its environment set', async () => {
    simulator.azure.logs.answer(({ text }) => (text.startsWith('AZKV') ? ANSWER : undefined));
    const { code, output } = await runApp(APP.replaceAll('CUSTOMER', customerId), simulator.environment);
    expect(code, output).toBe(0);
    expect(JSON.parse(output)).toMatchObject({
      byWorkspace: { status: 'Success', tables: [{ rows: [['20.1.2.3', '2026-03-01T08:00:00.000Z', 7]] }] },
      byResource: 'Success',
      failed: '400 BadArgumentError',
    });
    const [query] = simulator.azure.journal.queries().slice(-3);
    expect(query?.request.principal?.objectId).toBe(simulator.identity.objectId);
  });
});
