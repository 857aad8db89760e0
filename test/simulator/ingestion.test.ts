import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { call, type Reply } from './arm-client.js';
import { GROUP } from './samples.js';
import { runApp } from './simulator-process.js';

const RULE_ID = `${GROUP}/providers/Microsoft.Insights/dataCollectionRules/records`;
const STREAM = 'Custom-Test';
const STREAMS = {
  [STREAM]: [
    { name: 'TimeGenerated', type: 'datetime' },
    { name: 'Name', type: 'string' },
    { name: 'Count', type: 'long' },
    { name: 'Things', type: 'dynamic' },
  ],
};

let simulator: Simulator;
let rule = '';
beforeAll(async () => {
  simulator = await startSimulator();
  rule = simulator.azure.ingestion.addRule(RULE_ID, STREAMS).immutableId;
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.azure.ingestion.clear();
  simulator.azure.faults.clear();
});

interface Upload {
  readonly path?: string;
  readonly audience?: string;
  readonly token?: null;
  readonly headers?: Readonly<Record<string, string>>;
}

function upload(body: unknown, given: Upload = {}): Promise<Reply> {
  const { audience = 'https://monitor.azure.com', headers = {} } = given;
  const path = given.path ?? `/dataCollectionRules/${rule}/streams/${STREAM}?api-version=2023-01-01`;
  const token = given.token === null ? null : simulator.azure.tokenFor('sender@contoso.com', audience);
  return call(simulator, 'POST', `${simulator.ingestionUrl}${path}`, { body, isBare: true, token, headers });
}

const rows = () => simulator.azure.ingestion.rows(STREAM);

describe('what is uploaded', () => {
  it('becomes rows of the columns that the stream declares, and of no others', async () => {
    const time = new Date().toISOString();
    const row = { TimeGenerated: time, Name: 'a', Count: 3, Things: [{ b: 1 }], Unknown: 'c' };
    expect((await upload([row])).status).toBe(204);
    expect(rows()).toEqual([{ TimeGenerated: time, Name: 'a', Count: 3, Things: '[{"b":1}]' }]);
  });

  it.each([
    ['none', undefined],
    ['one that is no time', 'soon'],
    ['one of three days ago', new Date(Date.now() - 3 * 86_400_000).toISOString()],
    ['one of in two days', new Date(Date.now() + 2 * 86_400_000).toISOString()],
  ])('gets the time of its arrival in place of %s', async (_name, TimeGenerated) => {
    const before = Date.now();
    await upload([{ TimeGenerated, Name: 'a' }]);
    expect(Date.parse(String(rows()[0]?.TimeGenerated))).toBeGreaterThanOrEqual(before);
  });

  it('of another type than its column is left out, or becomes text', async () => {
    await upload([{ Name: { a: 1 }, Count: 'three', Things: 'text' }]);
    expect(rows()).toMatchObject([{ Name: '{"a":1}', Count: null, Things: '"text"' }]);
  });

  it('is cut off after 64 KB', async () => {
    await upload([{ Name: 'x'.repeat(70_000), Things: ['y'.repeat(70_000)] }]);
    expect(rows().map(({ Name, Things }) => [String(Name).length, String(Things).length])).toEqual([
      [65_536, 65_536],
    ]);
  });

  it('may be compressed', async () => {
    const app = `
const { ManagedIdentityCredential } = require('@azure/identity');
const { LogsIngestionClient } = require('@azure/monitor-ingestion');
const client = new LogsIngestionClient('${simulator.ingestionUrl}', new ManagedIdentityCredential());
client.upload('${rule}', '${STREAM}', [{ Name: 'by the client' }]).then(() => console.log('sent'), (error) => { console.error(error); process.exit(1); });
`;
    const { code, output } = await runApp(app, simulator.environment);
    expect(code, output).toBe(0);
    expect(rows()).toMatchObject([{ Name: 'by the client' }]);
    const [request] = simulator.azure.journal.requests({ endpoint: 'ingestion' }).slice(-1);
    expect(request).toMatchObject({ status: 204, principal: { objectId: simulator.identity.objectId } });
  });
});

describe('what is refused', () => {
  it.each<[string, unknown, Upload, number, string]>([
    ['no token', [], { token: null }, 401, 'AuthenticationFailed'],
    [
      'a token for ARM',
      [],
      { audience: 'https://management.azure.com' },
      401,
      'InvalidAuthenticationTokenAudience',
    ],
    [
      'a token of another cloud',
      [],
      { audience: 'https://monitor.azure.us' },
      401,
      'InvalidAuthenticationTokenAudience',
    ],
    ['one object', {}, {}, 400, 'InvalidPayload'],
    ['a list of texts', ['a'], {}, 400, 'InvalidPayload'],
    ['what is no JSON', '[{', {}, 400, 'InvalidPayload'],
    [
      'what says that it is compressed and is not',
      '[]',
      { headers: { 'content-encoding': 'gzip' } },
      400,
      'InvalidPayload',
    ],
    ['more than a megabyte', [{ Name: 'x'.repeat(1_048_576) }], {}, 413, 'ContentLengthLimitExceeded'],
    ['another media type', '[]', { headers: { 'content-type': 'text/plain' } }, 415, 'UnsupportedMediaType'],
  ])('%s', async (_name, body, given, status, code) => {
    const reply = await upload(body, given);
    expect([reply.status, reply.code ?? '']).toEqual([status, code]);
    expect(rows()).toEqual([]);
  });

  it.each<[string, (id: string) => string, number, string]>([
    [
      'an unknown rule',
      () => `/dataCollectionRules/dcr-none/streams/${STREAM}?api-version=2023-01-01`,
      404,
      'NotFound',
    ],
    [
      'an unknown stream',
      (id) => `/dataCollectionRules/${id}/streams/Custom-No?api-version=2023-01-01`,
      400,
      'InvalidStream',
    ],
    ['no version', (id) => `/dataCollectionRules/${id}/streams/${STREAM}`, 400, 'UnsupportedApiVersion'],
    ['another path', (id) => `/dataCollectionRules/${id}`, 404, 'NotFound'],
  ])('%s', async (_name, path, status, code) => {
    const reply = await upload([], { path: path(rule) });
    expect([reply.status, reply.code]).toEqual([status, code]);
  });

  it('who has no permission', async () => {
    const { azure } = simulator;
    const { objectId } = azure.as('sender@contoso.com').principal;
    azure.permissions.restrict(objectId, []);
    try {
      expect((await upload([])).code).toBe('OperationFailed');
      azure.permissions.restrict(objectId, [
        { actions: ['Microsoft.Insights/Telemetry/Write'], scope: RULE_ID },
      ]);
      expect((await upload([])).status).toBe(204);
    } finally {
      azure.permissions.unrestrict(objectId);
    }
  });

  it('a request that a fault strikes', async () => {
    const { faults } = simulator.azure;
    faults.add({ endpoint: 'ingestion', times: 1, action: { kind: 'error', status: 429, retryAfter: 9 } });
    const { status, headers } = await upload([]);
    expect([status, headers['retry-after']]).toEqual([429, '9']);
    expect((await upload([])).status).toBe(204);
  });
});
