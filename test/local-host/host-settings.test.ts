import { rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { readHostSettings } from '../../local-host/host-settings.js';
import { applySettings, chooseSettings, readLocalSettings } from '../../local-host/local-settings.js';
import { writeApp } from './functions-app.js';

const written: string[] = [];

function directoryWith(files: Record<string, string>): string {
  const directory = writeApp(files);
  written.push(directory);
  return directory;
}

afterEach(() => {
  for (const directory of written.splice(0)) rmSync(directory, { recursive: true });
});

describe('host.json', () => {
  const read = (host: string, settings: Record<string, string> = {}) =>
    readHostSettings(directoryWith({ 'host.json': host }), settings);

  it('has the defaults of Azure Functions', () => {
    const { extensions, logging } = read('{ "version": "2.0" }');
    expect(logging.logLevel.default).toBe('information');
    expect(extensions).toEqual({
      http: { routePrefix: 'api' },
      queues: {
        batchSize: 16,
        newBatchThreshold: 8,
        maxDequeueCount: 5,
        visibilityTimeout: 0,
        maxPollingInterval: 60,
        messageEncoding: 'base64',
      },
    });
  });

  it('is read with its comments, and what this host does not know is left alone', () => {
    const { extensions, logging } = read(`{
      "version": "2.0", // always
      "functionTimeout": "00:10:00",
      "logging": { "logLevel": { "default": "Warning", "Host": "Error" }, "applicationInsights": {} },
      "extensions": {
        "http": { "routePrefix": "", "hsts": {} },
        "queues": { "batchSize": 8, "newBatchThreshold": 0, "visibilityTimeout": "1.00:01:30.5", "messageEncoding": "None" },
      },
    }`);
    expect(logging.logLevel.default).toBe('warning');
    expect(extensions.http.routePrefix).toBe('');
    expect(extensions.queues).toMatchObject({
      batchSize: 8,
      newBatchThreshold: 0,
      visibilityTimeout: 86_490.5,
      messageEncoding: 'none',
    });
  });

  it('is overridden by app settings', () => {
    const { extensions } = read('{ "version": "2.0", "extensions": { "queues": { "batchSize": 8 } } }', {
      AzureFunctionsJobHost__extensions__queues__maxDequeueCount: '2',
      AzureFunctionsJobHost__extensions__http__routePrefix: 'v1',
      AzureFunctionsJobHost: 'nothing',
    });
    expect(extensions).toMatchObject({
      http: { routePrefix: 'v1' },
      queues: { batchSize: 8, maxDequeueCount: 2 },
    });
  });

  it.each([
    ['no JSON', '{', 'is not JSON'],
    ['no object', '[]', 'must hold a JSON object'],
    ['another version', '{ "version": "1.0" }', 'version'],
    ['a batch too big', '{ "version": "2.0", "extensions": { "queues": { "batchSize": 33 } } }', 'batchSize'],
    [
      'a time span it cannot read',
      '{ "version": "2.0", "extensions": { "queues": { "visibilityTimeout": "10" } } }',
      'visibilityTimeout',
    ],
  ])('is refused if it holds %s', (_, content, complaint) => {
    expect(() => read(content)).toThrow(complaint);
  });

  it('is asked for where it is missing', () => {
    const directory = directoryWith({});
    rmSync(`${directory}/host.json`);
    expect(() => readHostSettings(directory, {})).toThrow('has no host.json');
  });
});

describe('local.settings.json', () => {
  const local = (content: string) => directoryWith({ 'local.settings.json': content });

  it('need not be there', () => {
    expect(readLocalSettings(directoryWith({}))).toEqual({});
  });

  it('gives its values as text', () => {
    expect(readLocalSettings(local('{ "Values": { "A": "a", "B": 5, "C": true } }'))).toEqual({
      A: 'a',
      B: '5',
      C: 'true',
    });
  });

  it('gives way to the environment, and that to what was asked for', () => {
    const directory = local('{ "Values": { "A": "file", "B": "file", "C": "file" } }');
    expect(chooseSettings(directory, { B: 'environment', C: 'environment' }, { C: 'given' })).toEqual({
      A: 'file',
      C: 'given',
    });
  });

  it.each([
    ['encrypted', '{ "IsEncrypted": true, "Values": { "A": "x" } }', 'is encrypted'],
    ['nested', '{ "Values": { "A": { "B": "x" } } }', '"Values"'],
  ])('is refused if it is %s', (_, content, complaint) => {
    expect(() => readLocalSettings(local(content))).toThrow(complaint);
  });
});

describe('settings in the environment', () => {
  it('are taken out again', () => {
    process.env['LOCAL_HOST_TEST_KEPT'] = 'before';
    const restore = applySettings({ LOCAL_HOST_TEST_KEPT: 'during', LOCAL_HOST_TEST_NEW: 'during' });
    expect(process.env['LOCAL_HOST_TEST_KEPT']).toBe('during');
    expect(process.env['LOCAL_HOST_TEST_NEW']).toBe('during');
    restore();
    expect(process.env['LOCAL_HOST_TEST_KEPT']).toBe('before');
    expect('LOCAL_HOST_TEST_NEW' in process.env).toBe(false);
    delete process.env['LOCAL_HOST_TEST_KEPT'];
  });
});
