import { rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueueServiceClient } from '@azure/storage-queue';
import { type Azurite, startAzurite } from '../../local-host/azurite.js';
import { type LocalHost, startLocalHost } from '../../local-host/local-host.js';
import { buildFunctionsApp } from './functions-app.js';
import { createLineWatcher } from './line-watcher.js';

const logged = createLineWatcher();
const cleanups: (() => unknown)[] = [];
let azurite: Azurite;
let app: string;
let host: LocalHost;

beforeAll(async () => {
  azurite = await startAzurite();
  cleanups.push(azurite.close);
  app = buildFunctionsApp();
  cleanups.push(() => {
    rmSync(app, { recursive: true });
  });
  writeFileSync(
    join(app, 'local.settings.json'),
    JSON.stringify({
      IsEncrypted: false,
      Values: { WORK_QUEUE: 'work-items', TICK_SCHEDULE: 'not this one' },
    }),
  );
  host = await startLocalHost({
    app,
    port: 0,
    settings: { AzureWebJobsStorage: azurite.connectionString, TICK_SCHEDULE: '0 0 0 1 1 *' },
    write: logged.write,
    logLevel: 'debug',
  });
  cleanups.push(host.close);
});

afterAll(async () => {
  for (const cleanUp of cleanups.reverse()) await cleanUp();
});

describe('the app', () => {
  it('is loaded with all its functions', () => {
    expect(host.errors).toEqual([]);
    expect([...host.functions].sort()).toEqual(
      ['broken', 'bytes', 'echo', 'eventArrived', 'greet', 'manage', 'nothing', 'tick', 'work'].sort(),
    );
  });

  it('finds local.settings.json in its environment', () => {
    expect(process.env['WORK_QUEUE']).toBe('work-items');
  });

  it('shares the process with no second host', async () => {
    await expect(startLocalHost({ app, port: 0 })).rejects.toThrow('already running');
    expect((await fetch(`${host.url}/api/greet`)).status).toBe(200);
  });
});

describe('an HTTP trigger', () => {
  it('sees the request, and its answer arrives whole', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const url = `${host.url}/api/echo/7?x=1&X=2&empty=&code=abc`;
    const response = await fetch(url, {
      method: 'POST',
      body: '{"ü":1}',
      headers: { 'X-Test': 'a', traceparent },
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-answer')).toBe('yes');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.getSetCookie()).toEqual(['seen=a%20b; path=/; samesite=strict; httponly']);
    expect(await response.json()).toEqual({
      method: 'POST',
      url,
      query: { x: '1,2', empty: '', code: 'abc' },
      params: { id: '7' },
      test: 'a',
      body: '{"ü":1}',
      traceParent: traceparent,
      route: 'echo/{id:int}/{rest?}',
    });
  });

  it('gets the bytes of a body as they came', async () => {
    const body = Uint8Array.from({ length: 256 }, (_, index) => index);
    const response = await fetch(`${host.url}/api/bytes`, { method: 'POST', body });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(body);
  });

  it('gets no body that was sent without a length, as in Azure', async () => {
    const body = await new Promise<string>((resolve, reject) => {
      const request = httpRequest(`${host.url}/api/bytes`, { method: 'POST' }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => {
          resolve(text);
        });
      });
      request.on('error', reject);
      request.write('one ');
      request.end('two');
    });
    expect(body).toBe('');
  });

  it('answers 204 when it returns nothing', async () => {
    expect((await fetch(`${host.url}/api/nothing`)).status).toBe(204);
  });

  it('answers 500 when it throws, and only the log says why', async () => {
    const response = await fetch(`${host.url}/api/broken`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe('');
    expect(await logged.waitFor('the password is 1234')).toContain('error       broken: Executed');
  });

  it.each([
    ['another method', 'POST', '/api/greet'],
    ['a path that is no route', 'GET', '/api/nowhere'],
    ['a parameter that breaks its constraint', 'POST', '/api/echo/seven'],
    ['a path outside the prefix', 'GET', '/greet'],
    ['the root', 'GET', '/'],
  ])('answers 404 to %s', async (_, method, path) => {
    expect((await fetch(host.url + path, { method })).status).toBe(404);
  });

  it('needs no key where none is configured', async () => {
    expect(await (await fetch(`${host.url}/api/manage`)).text()).toBe('managed');
  });
});

describe('an Event Grid trigger', () => {
  const notify = (body: unknown) =>
    fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=eventArrived`, {
      method: 'POST',
      headers: { 'aeg-event-type': 'Notification', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  it('runs once for each event, with its data as metadata', async () => {
    const response = await notify([
      { id: 'event-1', data: { a: 1 } },
      { id: 'event-2', data: null },
    ]);
    expect(response.status).toBe(202);
    expect(await logged.waitFor('"event-1"')).toContain(
      'event {"event":{"id":"event-1","data":{"a":1}},"metadata":{"data":{"a":1}}}',
    );
    expect(await logged.waitFor('"event-2"')).toContain(
      '{"event":{"id":"event-2","data":null},"metadata":{}}',
    );
  });

  it('makes Event Grid deliver again when it throws', async () => {
    const response = await notify({ specversion: '1.0', id: 'event-3', type: 'throw' });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('the handler threw');
  });
});

describe('a queue trigger', () => {
  const queue = (name: string) =>
    QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(name);
  const send = async (text: string) =>
    queue('work-items').sendMessage(Buffer.from(text, 'utf8').toString('base64'));

  it.each([
    ['JSON', '{"what":"vault"}', '{"what":"vault"}'],
    ['a number', '123', '123'],
    ['plain text', 'just words', '"just words"'],
  ])('gets %s parsed as in Azure', async (_, text, message) => {
    const { messageId } = await send(text);
    const line = await logged.waitFor(messageId);
    expect(line).toContain(`"message":${message},`);
    expect(line).toContain('"dequeueCount":1');
    expect(line).toMatch(/"insertionTime":"[^"]+\+00:00"/);
    expect(line).toMatch(/"popReceipt":".+"/);
  });

  it('is tried again after a failure, and its message ends in the poison queue', async () => {
    const text = Buffer.from('throw this').toString('base64');
    const { messageId } = await queue('work-items').sendMessage(text);
    await logged.waitFor(`Moving message ${messageId} to the queue work-items-poison`);
    await expect
      .poll(async () => (await queue('work-items-poison').receiveMessages()).receivedMessageItems, {
        timeout: 10_000,
      })
      .toMatchObject([{ messageText: text }]);
    const runs = logged.lines.filter((line) => line.includes(messageId) && line.includes('work {'));
    expect(runs.map((line) => /"dequeueCount":(\d)/.exec(line)?.[1])).toEqual(['1', '2']);
  });
});

describe('the admin API', () => {
  const run = (name: string, body: string, type = 'application/json') =>
    fetch(`${host.url}/admin/functions/${name}`, { method: 'POST', headers: { 'content-type': type }, body });

  it('runs a timer now, with the schedule that the app sees in Azure', async () => {
    expect((await run('tick', '{ "input": "" }')).status).toBe(202);
    const line = await logged.waitFor('tick {');
    const timer = JSON.parse(line.slice(line.indexOf('{'))) as { scheduleStatus: { next: string } };
    expect(timer).toMatchObject({
      schedule: { adjustForDST: true },
      scheduleStatus: { last: '0001-01-01T00:00:00' },
      isPastDue: false,
    });
    expect(new Date(timer.scheduleStatus.next).getTime()).toBeGreaterThan(Date.now());
  });

  it('runs a queue function with the given text', async () => {
    await run('WORK', JSON.stringify({ input: '{"by":"admin"}' }));
    expect(await logged.waitFor('"by":"admin"')).toContain('"dequeueCount":0');
  });

  it('runs an Event Grid function with the given event', async () => {
    await run('eventArrived', JSON.stringify({ input: { id: 'by-admin' } }));
    await logged.waitFor('"by-admin"');
  });

  it.each([
    ['a function that is not there', 'nobody', '{}', 'application/json', 404],
    ['a body that is no JSON', 'tick', 'now', 'application/json', 400],
    ['a body that is no object', 'tick', '[]', 'application/json', 400],
    ['a body that a web page could send unasked', 'tick', '{}', 'text/plain', 415],
  ])('refuses %s', async (_, name, body, type, status) => {
    expect((await run(name, body, type)).status).toBe(status);
  });

  it('lists the functions and tells the state of the host', async () => {
    const list = (await (await fetch(`${host.url}/admin/functions`)).json()) as { name: string }[];
    expect(list.find(({ name }) => name === 'greet')).toMatchObject({
      invoke_url_template: `${host.url}/api/greet`,
      isDisabled: false,
      config: { bindings: [{ type: 'httpTrigger' }, { type: 'http' }] },
    });
    const one: unknown = await (await fetch(`${host.url}/admin/functions/tick`)).json();
    expect(one).toMatchObject({ name: 'tick', invoke_url_template: null });
    const status: unknown = await (await fetch(`${host.url}/admin/host/status`)).json();
    expect(status).toMatchObject({ state: 'Running' });
  });
});

describe('the log', () => {
  it('has one line per call, with level and function, after the hooks of the app', async () => {
    await fetch(`${host.url}/api/echo/1`, { method: 'PUT' });
    expect(await logged.waitFor('echo got PUT')).toMatch(
      /^\[\d{4}-[\d-]+T[\d:.]+Z\] information echo: echo got PUT$/,
    );
    await logged.waitFor('debug       echo: postInvocation hook ran');
    await logged.waitFor("debug       echo: Executed 'Functions.echo' (Succeeded, Id=");
  });
});
