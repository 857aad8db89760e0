import { BlobServiceClient } from '@azure/storage-blob';
import { QueueClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { shut } from '../../demo/estate.js';
import {
  aclsOf,
  addVault,
  BOB,
  eventually,
  OFFICE,
  openVault,
  recordsOf,
  settle,
  startScenario,
  SUBSCRIPTION,
  sweep,
  vaultPath,
  type Scenario,
} from './scenario.js';

/*
 * What Event Grid could not deliver, and what was given up: how it is listed, and put back as work.
 */

const CONTAINER = 'holdfast-dead-letters';

let scenario: Scenario;
let blobs: BlobServiceClient;

beforeAll(async () => {
  scenario = await startScenario({ simulator: { events: { timeScale: 0.001, maxAttempts: 3 } } });
  blobs = BlobServiceClient.fromConnectionString(scenario.stack.storage);
  await sweep(scenario);
});
afterAll(async () => {
  await scenario.stack.close();
});
afterEach(async () => {
  for (const { name } of scenario.azure.events.subscriptions) scenario.azure.events.unsubscribe(name);
  scenario.azure.faults.clear();
  await blobs.deleteContainer(CONTAINER).catch(() => undefined);
  await blobs.deleteContainer('holdfast-given-up').catch(() => undefined);
  await blobs.deleteContainer('somebody-elses').catch(() => undefined);
});

interface DeadLetter {
  readonly id: string;
  readonly source: string;
  readonly problem: string | null;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}
interface Replayed {
  readonly replayed: number;
  readonly queued: number;
  readonly left: number;
  readonly problems: readonly { readonly id: string; readonly problem: string }[];
  readonly missing: readonly string[];
}

async function listed(
  query = '',
): Promise<{ deadLetters: readonly DeadLetter[]; continuationToken: string | null }> {
  const answer = await fetch(`${scenario.stack.hostUrl}/api/dead-letters${query}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Awaited<ReturnType<typeof listed>>;
}

function post(
  body: string,
  contentType = 'application/json',
  hostUrl = scenario.stack.hostUrl,
): Promise<Response> {
  const headers = { 'content-type': contentType };
  return fetch(`${hostUrl}/api/dead-letters/replay`, { method: 'POST', headers, body });
}

async function replay(body: object = {}, hostUrl?: string): Promise<Replayed> {
  const answer = await post(JSON.stringify(body), undefined, hostUrl);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Replayed;
}

/** A vault that somebody opened while no host was there to be told, as `schema` keeps the event. */
async function addMissedVault(
  schema: 'EventGridSchema' | 'CloudEventSchemaV1_0' = 'EventGridSchema',
): Promise<string> {
  const { azure, stack } = scenario;
  const name = await addVault(azure, shut(OFFICE));
  await blobs.getContainerClient(CONTAINER).createIfNotExists();
  const other = await stack.startHost();
  await azure.subscribeEvents({
    name: 'holdfast',
    endpoint: `${other.hostUrl}/runtime/webhooks/eventgrid?functionName=resourceChanged`,
    schema,
    deadLetters: { connectionString: stack.storage, container: CONTAINER },
  });
  await other.stopHost();
  await openVault(azure, name);
  await azure.events.idle();
  azure.events.unsubscribe('holdfast');
  return name;
}

async function keep(name: string, text: string): Promise<void> {
  const container = blobs.getContainerClient(CONTAINER);
  await container.createIfNotExists();
  await container.getBlockBlobClient(name).upload(text, Buffer.byteLength(text));
}

const isShut = (name: string): true | null =>
  aclsOf(scenario.azure, name).defaultAction === 'Deny' ? true : null;

describe('an event that no host was there to take', { timeout: 90_000 }, () => {
  it.each(['EventGridSchema', 'CloudEventSchemaV1_0'] as const)(
    'is listed, looked at, and gone (%s)',
    async (schema) => {
      const name = await addMissedVault(schema);
      expect(isShut(name)).toBeNull();
      const { deadLetters } = await listed();
      expect(deadLetters).toMatchObject([
        {
          source: 'undelivered',
          problem: null,
          items: [
            {
              kind: 'event',
              resourceId: vaultPath(name),
              actor: { name: BOB },
              reason: 'MaxDeliveryAttemptsExceeded',
              attempts: 3,
            },
          ],
        },
      ]);
      expect(deadLetters[0]?.id).toMatch(/^undelivered\/HOLDFAST\/\d{4}\//);

      expect(await replay()).toEqual({ replayed: 1, queued: 1, problems: [], missing: [], left: 0 });
      await eventually('the vault to be shut', () => isShut(name));
      await settle(scenario);
      const [record] = await recordsOf(scenario, { resourceId: vaultPath(name), outcome: 'applied' });
      expect(record).toMatchObject({ trigger: 'replay', remediator: 'vault-firewall', actor: { name: BOB } });
      expect((await listed()).deadLetters).toEqual([]);
      // Once more there is nothing to do.
      expect(await replay()).toMatchObject({ replayed: 0, left: 0 });
    },
  );

  it('shows in the health until it was', async () => {
    const name = await addMissedVault();
    const host = await scenario.stack.startHost();
    const health = (await (await fetch(`${host.hostUrl}/api/health`)).json()) as {
      checks: { name: string; detail: string }[];
    };
    expect(health.checks.find((check) => check.name === 'backlog')).toMatchObject({
      status: 'degraded',
      deadLetters: 1,
    });
    await host.stopHost();
    await replay();
    await eventually('the vault to be shut', () => isShut(name));
  });

  it('two who replay at once have it looked at, and nothing is left', async () => {
    const name = await addMissedVault();
    const host = await scenario.stack.startHost();
    const results = await Promise.all([replay(), replay({}, host.hostUrl)]);
    expect(results.map(({ replayed }) => replayed)).toContain(1);
    await eventually('the vault to be shut', () => isShut(name));
    await settle(scenario);
    expect(await recordsOf(scenario, { resourceId: vaultPath(name), outcome: 'applied' })).toHaveLength(1);
    expect((await listed()).deadLetters).toEqual([]);
    await host.stopHost();
  });

  it('out of scope or deleted meanwhile comes to nothing', async () => {
    const elsewhere = vaultPath('kv-elsewhere').replace(SUBSCRIPTION, '99999999-9999-4999-8999-999999999999');
    const event = (uri: string) => ({
      eventType: 'Microsoft.Resources.ResourceWriteSuccess',
      data: { resourceUri: uri },
    });
    await keep('HOLDFAST/2026/1/1/0/1.json', JSON.stringify([event(elsewhere), event(vaultPath('kv-gone'))]));
    const since = scenario.azure.journal.mark();
    expect(await replay()).toMatchObject({ replayed: 1, queued: 2, left: 0 });
    await settle(scenario);
    expect(
      scenario.azure.journal.reads({ since }).filter(({ path }) => path.includes('kv-elsewhere')),
    ).toEqual([]);
    expect(scenario.azure.journal.writes({ since })).toEqual([]);
  });
});

describe('a message that was given up', { timeout: 90_000 }, () => {
  it('says why, and is looked at again once what kept it is over', async () => {
    const { azure, stack } = scenario;
    const name = await addVault(azure, shut(OFFICE));
    const fault = azure.faults.add({
      method: 'GET',
      path: vaultPath(name),
      action: { kind: 'error', status: 500 },
    });
    await openVault(azure, name);
    const queue = new QueueClient(stack.storage, 'reconcile');
    const look = {
      v: 1,
      resourceId: vaultPath(name),
      correlationId: `c-${name}`,
      trigger: 'event',
      actor: null,
      remediators: null,
      askedForByName: true,
      attempt: 4,
    };
    await queue.sendMessage(Buffer.from(JSON.stringify(look)).toString('base64'));
    const found = await eventually('the message to be given up', async () => {
      const { deadLetters } = await listed();
      return deadLetters.length > 0 ? deadLetters : null;
    });
    expect(found).toMatchObject([
      { source: 'given-up', items: [{ kind: 'look', resourceId: vaultPath(name), attempts: 5 }] },
    ]);
    expect(found[0]?.items[0]?.reason).toMatch(/Azure answered 500/);

    azure.faults.remove(fault);
    expect(await replay({ ids: found.map(({ id }) => id) })).toMatchObject({
      replayed: 1,
      missing: [],
      left: 0,
    });
    await eventually('the vault to be shut', () => isShut(name));
    await settle(scenario);
    const [record] = await recordsOf(scenario, { resourceId: vaultPath(name), outcome: 'applied' });
    expect(record).toMatchObject({ trigger: 'replay', correlationId: `c-${name}` });
  });
});

describe('what cannot be read', { timeout: 90_000 }, () => {
  it('is listed with what is wrong, stays, and keeps nobody else', async () => {
    for (const [i, text] of ['', '{', '[1]', '[{"eventType":"x"}]'].entries())
      await keep(`A/${i}.json`, text);
    const poison = new QueueClient(scenario.stack.storage, 'reconcile-poison');
    await poison.createIfNotExists();
    await poison.sendMessage('this is not even base64 %%%');
    const name = await addMissedVault();

    const { deadLetters } = await listed();
    expect(deadLetters).toHaveLength(6);
    expect(deadLetters.filter(({ problem }) => problem !== null)).toHaveLength(5);
    const result = await replay();
    expect(result).toMatchObject({ replayed: 1, left: 0 });
    expect(result.problems).toHaveLength(5);
    await eventually('the vault to be shut', () => isShut(name));
    expect((await listed()).deadLetters.map(({ id }) => id).sort()).toEqual(
      result.problems.map(({ id }) => id).sort(),
    );
  });
});

describe('the list', () => {
  it('goes page by page', async () => {
    for (let i = 0; i < 5; i += 1) await keep(`A/${i}.json`, '[]');
    const ids: string[] = [];
    let token: string | null = '';
    for (let pages = 0; token !== null && pages < 10; pages += 1) {
      const page: Awaited<ReturnType<typeof listed>> = await listed(
        `?limit=2${token && `&continuationToken=${token}`}`,
      );
      ids.push(...page.deadLetters.map(({ id }) => id));
      token = page.continuationToken;
    }
    expect(ids).toEqual([0, 1, 2, 3, 4].map((i) => `undelivered/A/${i}.json`));
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=x', 'limit'],
    ['colour=blue', 'colour'],
    ['continuationToken=nonsense', 'continuation token'],
  ])('%s is bad input', async (query, named) => {
    const answer = await fetch(`${scenario.stack.hostUrl}/api/dead-letters?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.text()).toContain(named);
  });
});

describe('a request to replay', () => {
  it.each([
    ['not JSON', '{', 'application/json', 400, 'JSON object'],
    ['nothing', '', 'application/json', 400, 'JSON object'],
    ['a list', '[]', 'application/json', 400, 'expected object'],
    ['no ids', '{"ids":[]}', 'application/json', 400, 'ids'],
    ['an id that is none', '{"ids":[1]}', 'application/json', 400, 'ids.0'],
    ['a word that is not known', '{"id":"x"}', 'application/json', 400, 'id'],
    ['a form', 'ids=x', 'application/x-www-form-urlencoded', 415, 'application/json'],
    ['text', '{}', 'text/plain', 415, 'application/json'],
  ])('with %s is bad input', async (_name, body, type, status, named) => {
    const answer = await post(body, type);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.text()).toContain(named);
  });

  it('names the ids under which nothing lies, whatever they try to name', async () => {
    const other = blobs.getContainerClient('somebody-elses');
    await other.createIfNotExists();
    await other.getBlockBlobClient('1.json').upload('[]', 2);
    await keep('A/1.json', '[]');
    const ids = [
      'undelivered/A/2.json',
      'somebody-elses/1.json',
      'undelivered/../somebody-elses/1.json',
      'given-up/?a',
    ];
    const { missing, ...rest } = await replay({ ids });
    expect(rest).toEqual({ replayed: 0, queued: 0, problems: [], left: 0 });
    expect([...missing].sort()).toEqual(ids.sort());
    expect(await other.getBlobClient('1.json').exists()).toBe(true);
  });
});
