import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import type { RunningHost } from '../../demo/stack.js';
import { makeCertificate } from '../../simulator/certificate.js';
import { ALICE, eventually, startScenario, vaultPath, type Scenario } from './scenario.js';
import { vault } from '../../demo/estate.js';

/* What Application Insights is told: over its own ingestion protocol, by a server in its place. */

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const envelopeShape = z.looseObject({
  name: z.string(),
  tags: z.record(z.string(), z.string()),
  data: z.looseObject({
    baseType: z.string(),
    baseData: z.looseObject({
      id: z.string().optional(),
      name: z.string().optional(),
      properties: z.record(z.string(), z.string()).optional(),
      metrics: z.array(z.looseObject({ name: z.string(), value: z.number() })).optional(),
    }),
  }),
});
type Envelope = z.infer<typeof envelopeShape>;

/** Takes telemetry as Application Insights does, and notes who brought it. */
interface Ingestion {
  readonly endpoint: string;
  readonly received: readonly Envelope[];
  readonly tokens: readonly (string | undefined)[];
  /** What it answers; 200 unless it is set. */
  status: number;
  readonly close: () => Promise<unknown>;
}

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';
let scenario: Scenario;
let ingestion: Ingestion;
let host: RunningHost;
let folder: string;
const lines: string[] = [];

beforeAll(async () => {
  scenario = await startScenario({ onLog: undefined } as never);
  const { simulator } = scenario.stack;
  const made = await makeCertificate('ingestion');
  ingestion = await startIngestion(made.certificate, made.privateKey);
  folder = await mkdtemp(join(tmpdir(), 'holdfast-telemetry-'));
  const trusted = join(folder, 'certificates.pem');
  await writeFile(trusted, `${await readFile(simulator.certificatePath, 'utf8')}\n${made.certificate}`);
  const { clientId } = simulator.identity;
  host = await scenario.stack.startHost({
    settings: {
      NODE_EXTRA_CA_CERTS: trusted,
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=${ingestion.endpoint}`,
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `Authorization=AAD;ClientId=${clientId}`,
      // What the exporter tells Microsoft of itself would go out of this machine.
      APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
    },
  });
  await scenario.azure.as(ALICE).put(vaultPath('kv-traced'), vault(scenario.azure, {}));
});
afterAll(async () => {
  await scenario.stack.close();
  await ingestion.close();
  await rm(folder, { recursive: true });
});

const named = (name: string): Envelope | undefined =>
  ingestion.received.find(({ data }) => data.baseData.name === name);
const parentOf = (envelope: Envelope): string | undefined => envelope.tags['ai.operation.parentId'];

describe('where Application Insights is configured', () => {
  it('a request can be followed to the write', async () => {
    const answer = await remediate(host, 'kv-traced', { traceparent: `00-${TRACE}-${CALLER}-01` });
    expect(answer).toMatchObject({ outcome: 'applied' });
    const look = await eventually('the span of the look', () => named('look'));
    const fn = await eventually('the span of the function', () => named('remediate'));
    const write = await eventually('the span of the write', () =>
      ingestion.received.find(
        ({ data: { baseData } }) =>
          baseData.name?.startsWith('PATCH') === true &&
          typeof baseData['data'] === 'string' &&
          baseData['data'].includes('/vaults/kv-traced'),
      ),
    );
    expect(new Set([look, fn, write].map(({ tags }) => tags['ai.operation.id']))).toEqual(new Set([TRACE]));
    expect(parentOf(fn)).toBe(CALLER);
    expect(parentOf(look)).toBe(fn.data.baseData.id);
    expect(parentOf(write)).toBe(look.data.baseData.id);
    expect(look.data.baseData.properties).toMatchObject({
      'holdfast.outcome': 'applied',
      'holdfast.trigger': 'http',
      'cloud.resource_id': expect.stringMatching(/kv-traced$/) as string,
    });
  });

  it('it is brought with a token of the app’s identity', () => {
    expect(ingestion.tokens.length).toBeGreaterThan(0);
    expect(ingestion.tokens.every((token) => token?.startsWith('Bearer ') === true)).toBe(true);
  });

  it('drift, fixes and requests are counted, and no metric names a resource', async () => {
    await host.stopHost('SIGTERM');
    const metrics = ingestion.received.flatMap(({ data: { baseData } }) =>
      (baseData.metrics ?? []).map(({ name, value }) => ({
        name,
        value,
        properties: baseData.properties ?? {},
      })),
    );
    expect(metrics.find(({ name }) => name === 'holdfast.drift')?.properties).toMatchObject({
      'holdfast.outcome': 'applied',
      'holdfast.trigger': 'http',
    });
    expect(metrics.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['holdfast.fixes', 'holdfast.fix.duration', 'http.client.request.duration']),
    );
    expect(JSON.stringify(metrics)).not.toContain('kv-traced');
  });
});

describe('an Application Insights that cannot be reached', () => {
  it.each([500, 403])('slows nothing down and hinders nothing: %i', async (status) => {
    ingestion.status = status;
    const other = await scenario.stack.startHost({
      settings: {
        NODE_EXTRA_CA_CERTS: join(folder, 'certificates.pem'),
        APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=${ingestion.endpoint}`,
        APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
      },
    });
    const name = `kv-untold-${status}`;
    await scenario.azure.as(ALICE).put(vaultPath(name), vault(scenario.azure, {}));
    expect(await remediate(other, name)).toMatchObject({ outcome: 'applied' });
    await other.stopHost('SIGTERM');
  });

  it('a connection string that is none is said, and hinders nothing', async () => {
    const other = await scenario.stack.startHost({
      settings: { APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=' },
    });
    await scenario.azure.as(ALICE).put(vaultPath('kv-untold'), vault(scenario.azure, {}));
    expect(await remediate(other, 'kv-untold')).toMatchObject({ outcome: 'applied' });
    expect(scenario.lines.concat(lines).join('\n')).toMatch(
      /Telemetry did not start .*APPLICATIONINSIGHTS_CONNECTION_STRING/,
    );
  });
});

async function remediate(
  { hostUrl }: RunningHost,
  name: string,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const answer = await fetch(`${hostUrl}/api/remediate`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ resourceId: vaultPath(name) }),
  });
  return answer.json();
}

async function startIngestion(cert: string, key: string): Promise<Ingestion> {
  const received: Envelope[] = [];
  const tokens: (string | undefined)[] = [];
  const ingestion = { status: 200 };
  const server: Server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
      if (ingestion.status === 200 && request.url?.startsWith('/v2') === true) {
        const envelopes = z
          .array(envelopeShape)
          .parse(
            text.startsWith('[')
              ? JSON.parse(text)
              : text.split('\n').map((line) => JSON.parse(line) as unknown),
          );
        received.push(...envelopes);
        tokens.push(request.headers.authorization);
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ itemsReceived: envelopes.length, itemsAccepted: envelopes.length, errors: [] }),
        );
      } else response.writeHead(ingestion.status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(ingestion, {
    endpoint: `https://localhost:${port}/`,
    received,
    tokens,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  });
}
