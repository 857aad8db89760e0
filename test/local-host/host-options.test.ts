import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { closeApps, httpFunction, startApp } from './start-app.js';

afterEach(closeApps);

/** The status of a request whose path is sent as it is; fetch would tidy it up. */
function statusOf(url: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('the option', () => {
  it.each([
    ['lost', 202],
    ['retried', 500],
    [undefined, 500],
  ] as const)('eventGridThrow decides what a throw means: %s', async (eventGridThrow, status) => {
    const throws = `require('@azure/functions').app.eventGrid('a', { handler() { throw new Error('no'); } });`;
    const { host } = await startApp({ 'functions/a.js': throws }, eventGridThrow ? { eventGridThrow } : {});
    const response = await fetch(`${host.url}/runtime/webhooks/EventGrid?functionName=a`, {
      method: 'POST',
      headers: { 'aeg-event-type': 'Notification' },
      body: '{}',
    });
    expect(response.status).toBe(status);
  });

  it('keys shuts the admin API and the webhook, whatever the path looks like', async () => {
    const event = `require('@azure/functions').app.eventGrid('e', { handler() {} });`;
    const { host } = await startApp(
      { 'functions/a.js': httpFunction('a', '() => ({})'), 'functions/e.js': event },
      { keys: { master: 'the-master', systemKeys: { eventgrid_extension: 'for-events' } } },
    );
    expect(await statusOf(host.url, '/api/a')).toBe(200);
    expect(await statusOf(host.url, '/x/../api/a')).toBe(200);
    expect(await statusOf(host.url, '/admin/functions')).toBe(401);
    expect(await statusOf(host.url, '/api/%2e%2e/ADMIN/functions')).toBe(401);
    expect(await statusOf(host.url, '/admin/functions?code=the-master')).toBe(200);
    const webhook = `${host.url}/runtime/webhooks/eventgrid?functionName=e`;
    const options = { method: 'OPTIONS', headers: { 'webhook-request-origin': 'x' } };
    expect((await fetch(webhook, options)).status).toBe(401);
    expect((await fetch(`${webhook}&code=for-events`, options)).status).toBe(200);
  });

  it('shutdownLimitMs ends the wait for an invocation that does not end', async () => {
    const handler = `(request, context) => { context.log('stuck'); return new Promise(() => {}); }`;
    const { host, logged } = await startApp(
      { 'functions/a.js': httpFunction('a', handler) },
      { shutdownLimitMs: 50 },
    );
    const answer = fetch(`${host.url}/api/a`).catch((error: unknown) => error);
    await logged.waitFor('stuck');
    await host.close();
    await logged.waitFor('Some invocations still run after 50 ms');
    expect(await answer).toBeInstanceOf(TypeError);
  });

  it('port may be in use, and then the process is left as it was', async () => {
    const files = { 'functions/a.js': httpFunction('a', '() => ({})') };
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const settings = { LOCAL_HOST_TEST_PORT: 'set' };
    await expect(startApp(files, { port, settings })).rejects.toThrow('EADDRINUSE');
    expect('LOCAL_HOST_TEST_PORT' in process.env).toBe(false);
    taken.close();
    const { host } = await startApp(files);
    expect((await fetch(`${host.url}/api/a`)).status).toBe(200);
  });
});
