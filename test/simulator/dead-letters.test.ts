import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startAzurite, type Azurite } from '../state/azurite.js';
import { connect } from '../state/azurite.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SUBSCRIPTION, VAULT_ID, vaultBody } from './samples.js';

const CONTAINER = 'dead';

let azurite: Azurite;
let simulator: Simulator;
let server: Server;
let endpoint = '';
let status = 404;
let connectionString = '';

beforeAll(async () => {
  azurite = await startAzurite();
  server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      if (incoming.method === 'OPTIONS') outgoing.setHeader('WebHook-Allowed-Origin', '*');
      const isHandshake =
        incoming.method === 'OPTIONS' || incoming.headers['aeg-event-type'] !== 'Notification';
      if (!isHandshake) {
        outgoing.writeHead(status).end();
        return;
      }
      const [event] =
        chunks.length === 0
          ? []
          : (JSON.parse(Buffer.concat(chunks).toString()) as { data: { validationCode: string } }[]);
      outgoing.end(JSON.stringify({ validationResponse: event?.data.validationCode }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  simulator = await startSimulator({ events: { timeScale: 0.0005, maxAttempts: 3 } });
  simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg');
  await simulator.azure.as('x').put(VAULT_ID, vaultBody());
});
afterAll(async () => {
  server.close();
  await Promise.all([simulator.close(), azurite.stop()]);
});
beforeEach(() => {
  connectionString = azurite.newConnectionString();
  status = 404;
});
afterEach(() => {
  for (const { name } of simulator.azure.events.subscriptions) simulator.azure.events.unsubscribe(name);
});

interface Kept {
  readonly name: string;
  readonly events: readonly Record<string, unknown>[];
}

/** What lies in the container after somebody has written the vault so often. */
async function keptAfter(
  writes: number,
  schema: 'EventGridSchema' | 'CloudEventSchemaV1_0' = 'EventGridSchema',
): Promise<readonly Kept[]> {
  const container = connect(connectionString).container(CONTAINER);
  await container.createIfNotExists();
  const deadLetters = { connectionString, container: CONTAINER };
  await simulator.azure.subscribeEvents({ name: 'Holdfast-Events', endpoint, schema, deadLetters });
  for (let i = 0; i < writes; i += 1) await simulator.azure.as('x').patch(VAULT_ID, {});
  await simulator.azure.events.idle();
  const kept: Kept[] = [];
  for await (const { name } of container.listBlobsFlat()) {
    const text = (await container.getBlobClient(name).downloadToBuffer()).toString();
    kept.push({ name, events: JSON.parse(text) as Record<string, unknown>[] });
  }
  return kept;
}

describe('what cannot be delivered, where there is a place for it', () => {
  it('lies there as Event Grid writes it, under the subscription in capitals and the hour', async () => {
    const [blob, ...more] = await keptAfter(1);
    expect(more).toEqual([]);
    expect(blob?.name).toMatch(
      /^HOLDFAST-EVENTS\/\d{4}\/[1-9]\d?\/[1-9]\d?\/(?:0|[1-9]\d?)\/[0-9a-f-]{36}\.json$/,
    );
    expect(blob?.events).toMatchObject([
      {
        eventType: 'Microsoft.Resources.ResourceWriteSuccess',
        subject: VAULT_ID,
        data: { resourceUri: VAULT_ID },
        deadLetterReason: 'MaxDeliveryAttemptsExceeded',
        deliveryAttempts: 3,
        lastDeliveryOutcome: 'NotFound',
      },
    ]);
    for (const time of ['publishTime', 'lastDeliveryAttemptTime']) {
      expect(Date.parse(String(blob?.events[0]?.[time]))).toBeGreaterThan(0);
    }
  });

  it('has lower-case names in CloudEvents', async () => {
    const [blob] = await keptAfter(1, 'CloudEventSchemaV1_0');
    expect(blob?.events).toMatchObject([
      {
        specversion: '1.0',
        deadletterreason: 'MaxDeliveryAttemptsExceeded',
        deliveryattempts: 3,
        lastdeliveryoutcome: 'NotFound',
      },
    ]);
    expect(Object.keys(blob?.events[0] ?? {})).not.toContain('deadLetterReason');
  });

  it('lies together where it comes within five minutes', async () => {
    const kept = await keptAfter(3);
    expect(kept.flatMap(({ events }) => events)).toHaveLength(3);
    expect(kept.length).toBeLessThan(3);
  });

  it('lies there after one attempt where the endpoint says that it never will take it', async () => {
    status = 400;
    const mark = simulator.azure.journal.mark();
    const [blob] = await keptAfter(1);
    expect(blob?.events).toMatchObject([{ deliveryAttempts: 1, lastDeliveryOutcome: 'BadRequest' }]);
    expect(simulator.azure.journal.deliveries(mark).map(({ outcome }) => outcome)).toEqual(['dead-lettered']);
  });

  it('is dropped where the container is not there for four hours', async () => {
    const deadLetters = { connectionString, container: 'nobody-made-it' };
    await simulator.azure.subscribeEvents({ endpoint, deadLetters });
    const mark = simulator.azure.journal.mark();
    await simulator.azure.as('x').patch(VAULT_ID, {});
    await simulator.azure.events.idle();
    expect(simulator.azure.journal.deliveries(mark).at(-1)?.outcome).toBe('dropped');
  });
});
