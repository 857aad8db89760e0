import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readBody } from '../../simulator/arm/arm-server.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import type { EventSubscription } from '../../simulator/event-grid/event-grid.js';
import { GROUP, SUBSCRIPTION, TENANT, VAULT_ID, vaultBody, WORKFLOW_ID, workflowBody } from './samples.js';

interface Received {
  readonly method: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

interface Event {
  readonly id: string;
  readonly subject: string;
  readonly eventType: string;
  readonly data: {
    readonly resourceUri: string;
    readonly operationName: string;
    readonly claims: Readonly<Record<string, string>>;
    readonly httpRequest?: Readonly<Record<string, string>>;
    readonly authorization: { readonly scope: string; readonly action: string };
  };
}

let simulator: Simulator;
let server: Server;
let endpoint = '';
let received: Received[] = [];
/** What the endpoint answers to the deliveries still to come; 200 when there is none left. */
let answers: number[] = [];
let isAccepting = true;

beforeAll(async () => {
  server = createServer((incoming, outgoing) => {
    void readBody(incoming, 1_000_000).then((text) => {
      const { method = '', headers } = incoming;
      const body: unknown = text === '' ? null : JSON.parse(text);
      if (method === 'OPTIONS') {
        if (isAccepting) outgoing.setHeader('WebHook-Allowed-Origin', 'eventgrid.azure.net');
        outgoing.end();
        return;
      }
      if (headers['aeg-event-type'] === 'SubscriptionValidation') {
        const [event] = body as { data: { validationCode: string } }[];
        outgoing.end(JSON.stringify({ validationResponse: isAccepting ? event?.data.validationCode : 'no' }));
        return;
      }
      received.push({ method, headers, body });
      outgoing.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?code=secret`;
  simulator = await startSimulator({ events: { timeScale: 0.0001, maxAttempts: 5 } });
  simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg');
  await simulator.azure.as('x').put(VAULT_ID, vaultBody());
});
afterAll(async () => {
  await simulator.close();
  server.close();
});
beforeEach(() => {
  received = [];
  answers = [];
  isAccepting = true;
});
afterEach(() => {
  for (const { name } of simulator.azure.events.subscriptions) simulator.azure.events.unsubscribe(name);
  simulator.azure.switches.reset();
});

const subscribe = (subscription: Partial<EventSubscription> = {}): Promise<string> =>
  simulator.azure.subscribeEvents({ name: 'holdfast', endpoint, ...subscription });

async function eventsOf(work: () => Promise<unknown>): Promise<readonly Event[]> {
  received = [];
  await work();
  await simulator.azure.events.idle();
  return received.flatMap(({ body }) => body as Event[]);
}

describe('the handshake', () => {
  it.each(['EventGridSchema', 'CloudEventSchemaV1_0'] as const)('of %s must be answered', async (schema) => {
    await expect(subscribe({ schema })).resolves.toBe('holdfast');
    isAccepting = false;
    await expect(subscribe({ schema, name: 'other' })).rejects.toThrow(/handshake failed/);
    expect(simulator.azure.events.subscriptions.map(({ name }) => name)).toEqual(['holdfast']);
  });

  it('fails where nobody listens', async () => {
    await expect(subscribe({ endpoint: 'http://127.0.0.1:9/' })).rejects.toThrow();
  });
});

describe('what happens', () => {
  const tags = '/providers/Microsoft.Resources/tags/default';
  const alice = (): ReturnType<Simulator['azure']['as']> => simulator.azure.as('alice@contoso.com');

  it.each([
    [
      'a vault write',
      () => alice().patch(VAULT_ID, {}),
      'Microsoft.KeyVault/vaults/write',
      'Write',
      VAULT_ID,
    ],
    [
      'an access policy write',
      () => alice().put(`${VAULT_ID}/accessPolicies/add`, { properties: { accessPolicies: [] } }),
      'Microsoft.KeyVault/vaults/accessPolicies/write',
      'Write',
      `${VAULT_ID}/accessPolicies/add`,
    ],
    [
      'a tag write',
      () => alice().put(`${VAULT_ID}${tags}`, { properties: { tags: {} } }),
      'Microsoft.Resources/tags/write',
      'Write',
      `${VAULT_ID}${tags}`,
    ],
    [
      'a workflow write',
      () => alice().put(WORKFLOW_ID, workflowBody()),
      'Microsoft.Logic/workflows/write',
      'Write',
      WORKFLOW_ID,
    ],
    [
      'an action',
      () => alice().post(`${WORKFLOW_ID}/disable`),
      'Microsoft.Logic/workflows/disable/action',
      'Action',
      `${WORKFLOW_ID}/disable`,
    ],
    [
      'a deletion',
      () => alice().delete(WORKFLOW_ID),
      'Microsoft.Logic/workflows/delete',
      'Delete',
      WORKFLOW_ID,
    ],
  ])('%s is told', async (_name, work, operation, outcome, subject) => {
    await subscribe();
    const [event, ...others] = await eventsOf(work);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      topic: `/subscriptions/${SUBSCRIPTION}`,
      subject,
      eventType: `Microsoft.Resources.Resource${outcome}Success`,
      dataVersion: '2',
      metadataVersion: '1',
      data: {
        authorization: { scope: subject, action: operation },
        operationName: operation,
        resourceUri: subject,
        resourceProvider: operation.split('/')[0],
        status: 'Succeeded',
        subscriptionId: SUBSCRIPTION,
        tenantId: TENANT,
      },
    });
    expect(received[0]?.headers).toMatchObject({
      'aeg-event-type': 'Notification',
      'aeg-subscription-name': 'HOLDFAST',
      'aeg-delivery-count': '0',
      'content-type': 'application/json; charset=utf-8',
    });
  });

  it('a read, and a write that fails, are not', async () => {
    await subscribe();
    const events = await eventsOf(async () => {
      await alice().get(VAULT_ID);
      await expect(alice().patch(VAULT_ID, { properties: { sku: 1 } })).rejects.toThrow(/400 BadRequest/);
    });
    expect(events).toEqual([]);
  });

  it('an event names a person by the claims of a person, and an app by those of an app', async () => {
    await subscribe();
    const { azure } = simulator;
    const [person] = await eventsOf(() => alice().patch(VAULT_ID, {}));
    const objectId = 'http://schemas.microsoft.com/identity/claims/objectidentifier';
    expect(person?.data.claims).toMatchObject({
      name: 'Alice',
      ipaddr: '203.0.113.7',
      [objectId]: alice().principal.objectId,
      'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'alice@contoso.com',
    });
    expect(person?.data.httpRequest).toMatchObject({ method: 'PATCH', clientIpAddress: '203.0.113.7' });
    const app = azure.identity.options.principal;
    const [own] = await eventsOf(() => azure.as(app).patch(VAULT_ID, {}));
    expect(own?.data.claims).toMatchObject({ appid: app.appId, [objectId]: app.objectId });
    expect(own?.data.claims).not.toHaveProperty('name');
    for (const value of Object.values(own?.data.claims ?? {})) expect(value).toBeTypeOf('string');
  });

  it('CloudEvents come one by one', async () => {
    await subscribe({ schema: 'CloudEventSchemaV1_0' });
    await eventsOf(() => alice().patch(VAULT_ID, {}));
    expect(received).toHaveLength(1);
    expect(received[0]?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(received[0]?.body).toMatchObject({
      specversion: '1.0',
      type: 'Microsoft.Resources.ResourceWriteSuccess',
      source: `/subscriptions/${SUBSCRIPTION}`,
      subject: VAULT_ID,
      data: { operationName: 'Microsoft.KeyVault/vaults/write' },
    });
  });

  it.each([
    ['another type', { includedEventTypes: ['Microsoft.Resources.ResourceDeleteSuccess'] }, 0],
    ['another operation', { operationNames: ['Microsoft.Logic/workflows/write'] }, 0],
    ['its operation, in another case', { operationNames: ['MICROSOFT.KEYVAULT/VAULTS/WRITE'] }, 1],
    ['another subscription', { subscriptionId: TENANT }, 0],
    ['another place', { subjectBeginsWith: `${GROUP}x` }, 0],
    ['its place', { subjectBeginsWith: GROUP.toUpperCase() }, 1],
  ])('a filter for %s', async (_name, filter, count) => {
    await subscribe(filter);
    expect(await eventsOf(() => alice().patch(VAULT_ID, {}))).toHaveLength(count);
  });
});

describe('how events vary', () => {
  const patch = (): Promise<unknown> => simulator.azure.as('alice@contoso.com').patch(VAULT_ID, {});

  it.each([
    ['lower', VAULT_ID.toLowerCase()],
    ['upper', VAULT_ID.toUpperCase()],
    ['as-sent', VAULT_ID],
  ] as const)('ids in %s case', async (eventUriCase, uri) => {
    await subscribe();
    simulator.azure.switches.set({ eventUriCase });
    const [event] = await eventsOf(patch);
    expect([event?.subject, event?.data.resourceUri, event?.data.authorization.scope]).toEqual([
      uri,
      uri,
      uri,
    ]);
  });

  it('ids in mixed case, the same but for it', async () => {
    await subscribe();
    simulator.azure.switches.set({ eventUriCase: 'mixed' });
    const [event] = await eventsOf(patch);
    expect(event?.subject).not.toBe(VAULT_ID);
    expect(event?.subject.toLowerCase()).toBe(VAULT_ID.toLowerCase());
  });

  it.each([
    ['absent-on-create', false, true],
    ['present', true, true],
    ['absent', false, false],
    ['without-ip', true, true],
  ] as const)('httpRequest %s', async (eventHttpRequest, onCreate, onUpdate) => {
    await subscribe();
    simulator.azure.switches.set({ eventHttpRequest });
    const fresh = `${GROUP}/providers/Microsoft.Logic/workflows/${eventHttpRequest}`;
    const write = (): Promise<unknown> => simulator.azure.as('bob@contoso.com').put(fresh, workflowBody());
    const [created] = await eventsOf(write);
    const [updated] = await eventsOf(write);
    expect([created?.data.httpRequest !== undefined, updated?.data.httpRequest !== undefined]).toEqual([
      onCreate,
      onUpdate,
    ]);
    const hasIp = updated?.data.httpRequest?.clientIpAddress !== undefined;
    expect(hasIp).toBe(onUpdate && eventHttpRequest !== 'without-ip');
  });

  it('an operation in upper case, and a child by its parent', async () => {
    await subscribe();
    simulator.azure.switches.set({ eventOperationCase: 'upper', eventChildUri: 'parent' });
    const path = `${VAULT_ID}/accessPolicies/add`;
    const [event] = await eventsOf(() =>
      simulator.azure.as('x').put(path, { properties: { accessPolicies: [] } }),
    );
    expect(event?.data.operationName).toBe('MICROSOFT.KEYVAULT/VAULTS/ACCESSPOLICIES/WRITE');
    expect(event?.subject).toBe(VAULT_ID);
  });

  it('duplicates have the same id', async () => {
    await subscribe();
    simulator.azure.switches.set({ eventDuplicates: 2 });
    const events = await eventsOf(patch);
    expect(events).toHaveLength(3);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
  });

  it('delays change the order', async () => {
    await subscribe();
    simulator.azure.switches.set({ eventDelayMinMs: 0, eventDelayMaxMs: 300 });
    const names = Array.from({ length: 12 }, (_, i) => `${GROUP}/providers/Microsoft.Logic/workflows/o${i}`);
    const events = await eventsOf(async () => {
      for (const name of names) await simulator.azure.as('x').put(name, workflowBody());
    });
    const subjects = events.map(({ subject }) => subject);
    expect(subjects.toSorted()).toEqual(names.toSorted());
    expect(subjects).not.toEqual(names);
  });

  it('lost ones never come, and the journal says so', async () => {
    await subscribe();
    simulator.azure.switches.set({ eventLoss: 1 });
    const mark = simulator.azure.journal.mark();
    expect(await eventsOf(patch)).toEqual([]);
    expect(simulator.azure.journal.deliveries(mark).map(({ outcome }) => outcome)).toEqual(['lost']);
  });
});

describe('an endpoint that does not take an event', () => {
  it.each([
    ['is tried again until it does', [500, 503, 404], ['retrying', 'retrying', 'retrying', 'delivered']],
    [
      'is given up after the last attempt',
      [500, 500, 500, 500, 500],
      ['retrying', 'retrying', 'retrying', 'retrying', 'dropped'],
    ],
    ['is not tried again after 400', [400], ['dropped']],
    ['is not tried again after 401', [401], ['dropped']],
    ['is not tried again after 413', [413], ['dropped']],
    ['takes it with 202', [202], ['delivered']],
  ])('%s', async (_name, statuses, outcomes) => {
    await subscribe();
    answers = [...statuses];
    const mark = simulator.azure.journal.mark();
    await eventsOf(() => simulator.azure.as('x').patch(VAULT_ID, {}));
    const deliveries = simulator.azure.journal.deliveries(mark);
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(outcomes);
    expect(deliveries.map(({ attempt }) => attempt)).toEqual(outcomes.map((_, i) => i + 1));
    expect(received.at(-1)?.headers['aeg-delivery-count']).toBe(String(outcomes.length - 1));
  });
});
