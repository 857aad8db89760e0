import { afterEach, describe, expect, it } from 'vitest';
import { closeApps, httpFunction as http, startApp as start } from './start-app.js';

afterEach(closeApps);

describe('an app', () => {
  it('is loaded anew by each host', async () => {
    const files = { 'functions/a.js': `let calls = 0; ${http('a', '() => ({ body: String(++calls) })')}` };
    const first = await start(files);
    expect(await (await fetch(`${first.host.url}/api/a`)).text()).toBe('1');
    await first.host.close();
    const second = await start(files);
    expect(await (await fetch(`${second.host.url}/api/a`)).text()).toBe('1');
  });

  it('cannot register a function once it has started', async () => {
    const handler = `() => { require('@azure/functions').app.timer('late', { schedule: '0 0 0 * * *', handler() {} }); }`;
    const { host, logged } = await start({ 'functions/a.js': http('a', handler) });
    expect((await fetch(`${host.url}/api/a`)).status).toBe(500);
    await logged.waitFor('A function can only be registered during app startup.');
  });

  it('that registers nothing is an error, which it would not be in Azure', async () => {
    await expect(start({ 'functions/a.js': '' })).rejects.toThrow(
      /registers no functions, though functions.a\.js loaded\. In Azure it would start with zero functions/,
    );
  });

  it('whose modules throw is refused with the stack of each', async () => {
    const broken = start({
      'functions/a.js': `throw new Error('first');`,
      'functions/b.js': http('b', '() => ({})'),
      'functions/c.js': `require('./nowhere.js');`,
    });
    await expect(broken).rejects.toThrow(
      /functions.a\.js threw while it was loaded: Error: first\n +at .*a\.js:1/,
    );
    await expect(broken).rejects.toThrow(
      /functions.c\.js threw while it was loaded: Error: Cannot find module/,
    );
  });

  it.each<[string, Record<string, string>, string]>([
    ['whose package.json names no entry point', { 'package.json': '{}' }, 'has no "main"'],
    ['that was not built', {}, 'No file in'],
    [
      'of ES modules',
      { 'package.json': '{ "type": "module", "main": "functions/*.js" }', 'functions/a.js': 'export {}' },
      'would be an ES module',
    ],
    [
      'with two functions of one name',
      { 'functions/a.js': http('a', '() => ({})'), 'functions/b.js': http('a', '() => ({})') },
      'A function with id "a" has already been registered.',
    ],
  ])('%s is refused', async (_, files, complaint) => {
    await expect(start(files)).rejects.toThrow(complaint);
  });

  it('runs its other functions if one is in error', async () => {
    const { host, logged } = await start({
      'functions/a.js': http('a', `() => ({ body: 'still here' })`),
      'functions/b.js': `require('@azure/functions').app.timer('b', { schedule: '%NO_SUCH_SETTING%', handler() {} });`,
      'functions/c.js': `require('@azure/functions').app.storageQueue('c', { queueName: 'c', connection: 'NO_SUCH_ACCOUNT', handler() {} });`,
    });
    expect(host.functions).toEqual(['a']);
    expect(host.errors).toEqual([
      expect.stringContaining(
        `The 'b' function is in error: '%NO_SUCH_SETTING%' does not resolve to a value`,
      ),
      expect.stringContaining(
        `The 'c' function is in error: The storage connection 'NO_SUCH_ACCOUNT' does not exist`,
      ),
    ]);
    await logged.waitFor(`error       host: The 'b' function is in error`);
    expect(await (await fetch(`${host.url}/api/a`)).text()).toBe('still here');
    expect(await (await fetch(`${host.url}/admin/host/status`)).json()).toMatchObject({
      errors: host.errors,
    });
  });

  it('leaves a disabled function to the admin API', async () => {
    const files = {
      'functions/a.js': http('a', `(request, context) => { context.log('a ran'); return {}; }`),
    };
    const { host, logged } = await start(files, { settings: { 'AzureWebJobs.a.Disabled': 'true' } });
    expect((await fetch(`${host.url}/api/a`)).status).toBe(404);
    const headers = { 'content-type': 'application/json' };
    await fetch(`${host.url}/admin/functions/a`, { method: 'POST', headers, body: '{}' });
    await logged.waitFor('a ran');
  });
});
