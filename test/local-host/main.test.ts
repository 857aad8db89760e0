import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { QueueClient } from '@azure/storage-queue';
import { startAzurite } from '../../local-host/azurite.js';
import { compileFolder } from './compile-folder.js';
import { makeBuildDirectory, writeApp } from './functions-app.js';
import { createLineWatcher } from './line-watcher.js';

const slow = `
  const { app } = require('@azure/functions');
  app.http('slow', {
    authLevel: 'function',
    methods: ['GET'],
    handler: (request, context) => new Promise((resolve) => {
      context.log('slow waits');
      process.once('SIGTERM', () => resolve({ body: 'slow is done' }));
    }),
  });
  app.hook.appTerminate(() => console.log('appTerminate hook ran'));`;

const running: ChildProcess[] = [];
const directories: string[] = [];
let host: string;

beforeAll(() => {
  host = makeBuildDirectory('local-host');
  directories.push(host);
  compileFolder('local-host', host);
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true });
});

function makeApp(files: Record<string, string>): string {
  const app = writeApp(files);
  directories.push(app);
  return app;
}

function run(...options: string[]) {
  const child = spawn(process.execPath, [join(host, 'main.js'), ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const logged = createLineWatcher();
  createInterface(child.stdout).on('line', logged.write);
  createInterface(child.stderr).on('line', logged.write);
  const exit = once(child, 'close').then(([code]) => code as unknown);
  return { child, logged, exit };
}

async function ready({ logged }: ReturnType<typeof run>) {
  return JSON.parse(await logged.waitFor('{"ready":true')) as {
    url: string;
    functions: string[];
    errors: string[];
  };
}

describe('the local host as a process', () => {
  it('says when it is ready, checks keys, and ends after what runs has ended', async () => {
    const app = makeApp({ 'functions/slow.js': slow });
    const keys = join(app, 'keys.json');
    writeFileSync(keys, '{ "functionKeys": { "default": "open-sesame" } }');
    const started = run('--app', app, '--port', '0', '--keys', keys);
    const { url, functions, errors } = await ready(started);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect([functions, errors]).toEqual([['slow'], []]);
    expect((await fetch(`${url}/api/slow`)).status).toBe(401);
    expect((await fetch(`${url}/admin/functions?code=open-sesame`)).status).toBe(401);

    const answer = fetch(`${url}/api/slow?code=open-sesame`);
    await started.logged.waitFor('slow waits');
    started.child.kill('SIGTERM');
    expect(await (await answer).text()).toBe('slow is done');
    expect(await started.exit).toBe(0);
    expect(started.logged.lines).toContain('appTerminate hook ran');
  });

  it('ends at once at the second signal', async () => {
    const stuck = slow.replace("process.once('SIGTERM', () => resolve({ body: 'slow is done' }));", '');
    const started = run('--app', makeApp({ 'functions/slow.js': stuck }), '--port', '0');
    const { url } = await ready(started);
    const answer = fetch(`${url}/api/slow`).catch((error: unknown) => error);
    await started.logged.waitFor('slow waits');
    started.child.kill('SIGTERM');
    await started.logged.waitFor('Stopping');
    started.child.kill('SIGINT');
    expect(await started.exit).toBe(1);
    expect(await answer).toBeInstanceOf(TypeError);
  });

  it('gives what a killed one had taken from the queue to the next, when the lease is over', async () => {
    const azurite = await startAzurite();
    try {
      const stuck = `require('@azure/functions').app.storageQueue('slow', {
        connection: '',
        queueName: 'work',
        handler: (message, context) => {
          context.log(message + ' is taken for the ' + context.triggerMetadata.dequeueCount + '. time');
          return new Promise(() => undefined);
        },
      });`;
      const settings = JSON.stringify({ Values: { AzureWebJobsStorage: azurite.connectionString } });
      const app = makeApp({ 'functions/slow.js': stuck, 'local.settings.json': settings });
      const options = ['--app', app, '--port', '0', '--message-lease', '2'];
      const queue = new QueueClient(azurite.connectionString, 'work');
      await queue.create();
      await queue.sendMessage(Buffer.from('one').toString('base64'));
      const killed = run(...options);
      await killed.logged.waitFor('one is taken for the 1. time');
      killed.child.kill('SIGKILL');
      await run(...options).logged.waitFor('one is taken for the 2. time');
    } finally {
      await azurite.close();
    }
  });

  it('ends with the stack of a module that throws', async () => {
    const started = run(
      '--app',
      makeApp({ 'functions/a.js': `throw new Error('no such thing');` }),
      '--port',
      '0',
    );
    expect(await started.exit).toBe(1);
    const lines = started.logged.lines.join('\n');
    expect(lines).toMatch(/functions.a\.js threw while it was loaded: Error: no such thing\n +at /);
  });

  it('refuses an app that wants HTTP streams', async () => {
    const streaming = `${slow} app.setup({ enableHttpStream: true });`;
    const started = run('--app', makeApp({ 'functions/slow.js': streaming }), '--port', '0');
    expect(await started.exit).toBe(1);
    expect(started.logged.lines.join('\n')).toContain('enableHttpStream, which the local host does not run');
  });

  it.each([
    ['an unknown option', ['--prot', '1'], "Unknown option '--prot'"],
    ['a port that is none', ['--port', '70710'], '--port must be 0 to 65535'],
    ['a way to lose events it does not know', ['--event-grid-throw', 'maybe'], 'must be lost or retried'],
    ['a lease that is none', ['--message-lease', '0'], '--message-lease must be a whole number of seconds'],
  ])('refuses %s', async (_, options, complaint) => {
    const started = run(...options);
    expect(await started.exit).toBe(2);
    expect(started.logged.lines.join('\n')).toContain(complaint);
    expect(started.logged.lines.join('\n')).toContain('Usage: ');
  });
});
