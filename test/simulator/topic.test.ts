import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { call, type Reply } from './arm-client.js';
import { runApp } from './simulator-process.js';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator();
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.azure.topic.clear();
  simulator.azure.topic.schema = 'CloudEventSchemaV1_0';
  simulator.azure.faults.clear();
});

const EVENT = {
  specversion: '1.0',
  id: 'one',
  source: '/holdfast',
  type: 'Holdfast.Test',
  subject: '/subscriptions/s',
  time: '2026-11-26T10:00:00.000Z',
  data: { some: 'thing' },
};
const BATCH = 'application/cloudevents-batch+json; charset=utf-8';

interface Publishing {
  readonly contentType?: string;
  readonly audience?: string;
  readonly token?: null;
  readonly query?: string;
}

function publish(body: unknown, given: Publishing = {}): Promise<Reply> {
  const {
    contentType = BATCH,
    audience = 'https://eventgrid.azure.net',
    query = '?api-version=2018-01-01',
  } = given;
  const token = given.token === null ? null : simulator.azure.tokenFor('publisher@contoso.com', audience);
  return call(simulator, 'POST', `${simulator.topicUrl}${query}`, {
    body,
    isBare: true,
    token,
    headers: { 'content-type': contentType },
  });
}

describe('a topic', () => {
  it('takes a batch, and keeps what came, in order, with who sent it', async () => {
    const { status, text } = await publish([EVENT, { ...EVENT, id: 'two' }]);
    expect([status, text]).toEqual([200, '']);
    expect(simulator.azure.topic.events).toMatchObject([
      { event: EVENT, principal: { name: 'publisher@contoso.com' } },
      { event: { id: 'two' } },
    ]);
    const [request] = simulator.azure.journal.requests({ endpoint: 'topic' });
    expect(request).toMatchObject({ method: 'POST', path: '/api/events', status: 200 });
  });

  it('takes a single event by its own media type', async () => {
    expect((await publish(EVENT, { contentType: 'application/cloudevents+json' })).status).toBe(200);
    expect(simulator.azure.topic.events).toHaveLength(1);
  });

  it.each<[string, unknown, Publishing, number, string]>([
    ['no token', [EVENT], { token: null }, 401, 'Unauthorized'],
    ['a token for ARM', [EVENT], { audience: 'https://management.azure.com' }, 401, 'Unauthorized'],
    ['a token of another cloud', [EVENT], { audience: 'https://eventgrid.azure.us' }, 401, 'Unauthorized'],
    ['no api-version', [EVENT], { query: '' }, 400, 'BadRequest'],
    ['another media type', [EVENT], { contentType: 'application/json' }, 415, 'UnsupportedMediaType'],
    ['an empty batch', [], {}, 400, 'BadRequest'],
    ['one event instead of a batch', EVENT, {}, 400, 'BadRequest'],
    ['what is no JSON', '[{', {}, 400, 'BadRequest'],
    ['no id', [{ ...EVENT, id: undefined }], {}, 400, 'BadRequest'],
    ['an empty source', [{ ...EVENT, source: '' }], {}, 400, 'BadRequest'],
    ['no type', [{ ...EVENT, type: undefined }], {}, 400, 'BadRequest'],
    ['an older version of CloudEvents', [{ ...EVENT, specversion: '0.3' }], {}, 400, 'BadRequest'],
    ['a time that is none', [{ ...EVENT, time: 'yesterday' }], {}, 400, 'BadRequest'],
    ['a subject that is no text', [{ ...EVENT, subject: 7 }], {}, 400, 'BadRequest'],
    ['a name that no attribute has', [{ ...EVENT, correlationId: 'x' }], {}, 400, 'BadRequest'],
    ['more than a megabyte', [{ ...EVENT, data: 'x'.repeat(1_048_576) }], {}, 413, 'RequestEntityTooLarge'],
  ])('refuses %s', async (_name, body, given, status, code) => {
    const reply = await publish(body, given);
    expect([reply.status, reply.code]).toEqual([status, code]);
    expect(reply.json).toMatchObject({ error: { details: [{ message: expect.any(String) as string }] } });
    expect(simulator.azure.topic.events).toEqual([]);
  });

  it('names what is missing as Event Grid does', async () => {
    expect((await publish([{ ...EVENT, type: undefined }])).text).toContain(
      "configured for 'CloudEventV10' schema and requires 'eventType' property to be set",
    );
  });

  it('of the other schema takes none of these', async () => {
    simulator.azure.topic.schema = 'EventGridSchema';
    const reply = await publish([EVENT]);
    expect(reply.status).toBe(400);
    expect(reply.text).toContain("configured to receive event in 'EventGridEvent' schema");
  });

  it('needs the permission to send', async () => {
    const { azure } = simulator;
    const { objectId } = azure.as('publisher@contoso.com').principal;
    azure.permissions.restrict(objectId, []);
    try {
      expect((await publish([EVENT])).code).toBe('Forbidden');
      const actions = ['Microsoft.EventGrid/events/send/action'];
      azure.permissions.restrict(objectId, [{ actions, scope: azure.topic.id }]);
      expect((await publish([EVENT])).status).toBe(200);
    } finally {
      azure.permissions.unrestrict(objectId);
    }
  });

  it('is at one path, for one method', async () => {
    const token = simulator.azure.tokenFor('publisher@contoso.com', 'https://eventgrid.azure.net');
    const { origin } = new URL(simulator.topicUrl);
    for (const [method, url] of [
      ['GET', simulator.topicUrl],
      ['POST', `${origin}/api/other?api-version=2018-01-01`],
    ] as const) {
      expect((await call(simulator, method, url, { token, isBare: true })).status).toBe(404);
    }
  });

  it('suffers faults of its own', async () => {
    const { faults } = simulator.azure;
    faults.add({ endpoint: 'topic', times: 1, action: { kind: 'error', status: 503, retryAfter: 7 } });
    const { status, headers } = await publish([EVENT]);
    expect([status, headers['retry-after']]).toEqual([503, '7']);
    faults.add({ endpoint: 'topic', times: 1, action: { kind: 'reset', when: 'after' } });
    await expect(publish([EVENT])).rejects.toThrow();
    expect(simulator.azure.topic.events).toHaveLength(1);
  });
});

it("takes what Azure's own client sends", async () => {
  const app = `
const { ManagedIdentityCredential } = require('@azure/identity');
const { EventGridPublisherClient } = require('@azure/eventgrid');
const client = new EventGridPublisherClient(process.env.TOPIC, 'CloudEvent', new ManagedIdentityCredential());
client.send([{ type: 'a', source: '/b', data: { c: 1 } }]).then(() => console.log('sent'), (error) => { console.error(error); process.exit(1); });
`;
  const { code, output } = await runApp(app, { ...simulator.environment, TOPIC: simulator.topicUrl });
  expect(code, output).toBe(0);
  expect(simulator.azure.topic.events).toMatchObject([
    {
      event: { type: 'a', source: '/b', data: { c: 1 } },
      principal: { objectId: simulator.identity.objectId },
    },
  ]);
});
