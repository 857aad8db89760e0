import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidSettingsError, readSettings } from '../../src/settings/settings.js';
import { sweepScheduleOf } from '../../src/sweep-schedule.js';
import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';
import { isTimerSchedule } from './timer-fields.js';
import { oddText } from './odd-text.js';
import { run } from './run.js';

/*
 * What may stand in the environment of an app: settings that can be used, or an error that names each that cannot.
 */

const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';
const VAULT = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-one`;
const good: Readonly<Record<string, string>> = {
  HOLDFAST_SCOPES: `/subscriptions/${SUBSCRIPTION}`,
  HOLDFAST_MODE: 'enforce',
  HOLDFAST_REMEDIATORS: 'vault-firewall=audit, vault-logging=off',
  HOLDFAST_EXEMPT: `${VAULT}=vault-firewall`,
  HOLDFAST_SWEEP_SCHEDULE: '0 */5 * * * *',
  HOLDFAST_IP_RETIRE_AFTER: 'P7D',
  HOLDFAST_KEEP_PRINCIPALS: SUBSCRIPTION,
  HOLDFAST_LOG_WORKSPACE: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.OperationalInsights/workspaces/logs`,
  HOLDFAST_LOG_ENDPOINT: 'https://api.loganalytics.io/v1',
  AZURE_RESOURCE_MANAGER_URL: 'https://management.azure.com',
  AZURE_CLIENT_ID: SUBSCRIPTION,
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
  HOLDFAST_MAX_CHANGES: '50',
  HOLDFAST_APP_SERVICE_AUTH: 'off',
  HOLDFAST_EVENT_GRID_TOPIC: 'https://records.westeurope-1.eventgrid.azure.net/api/events',
  HOLDFAST_LOG_INGESTION_ENDPOINT: 'https://e.westeurope-1.ingest.monitor.azure.com',
  HOLDFAST_LOG_INGESTION_RULE: 'dcr-000a00a000a00000a000000aa000a0aa',
  HOLDFAST_ARCHIVE: 'https://account.blob.core.windows.net/audit',
};
const CANARY = 'c4n4ry-p4ssw0rd';

const value = fc.oneof(
  oddText,
  fc.constantFrom(
    ...Object.values(good),
    'javascript:alert(1)',
    'https://user:pw@host',
    'https://host:99999',
    'https://host/#x',
    'https://[::1]',
    'http://host',
    'file:///etc/passwd',
    '-1',
    '1e3',
    '101%',
    '0%',
    '50',
    'P99999W',
    'PT1.5H',
    '0 0 * * *',
    '99 0 * * * *',
    'a b c d e f',
    '* * * * * *',
    '0 0 0 31 2 *',
  ),
  fc.mixedCase(fc.constantFrom(...Object.values(good))),
);
const environment = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...Object.keys(good)), fc.option(value, { nil: undefined }), {
      maxKeys: 4,
    }),
  )
  .map(([changes]) => ({ ...good, ...changes }));

type Environment = Readonly<Record<string, string | undefined>>;

/** What was read; null where it was refused, by name. */
function readOrRefused(env: Environment) {
  try {
    return readSettings(env);
  } catch (error) {
    if (!(error instanceof InvalidSettingsError)) throw error;
    expect(Object.keys(good).some((name) => error.message.includes(`${name}: `))).toBe(true);
    return null;
  }
}

describe('any environment', () => {
  test('gives settings that can be used, or an error that names what cannot', () => {
    fc.assert(
      fc.property(environment, (env) => {
        const settings = readOrRefused(env);
        if (settings === null) return;
        expect(settings.scopes.length).toBeGreaterThan(0);
        for (const { subscriptionId } of settings.scopes) expect(subscriptionId).toMatch(/^[0-9a-f-]{36}$/);
        for (const id of REMEDIATOR_IDS) expect(settings.modes[id]).toMatch(/^(off|audit|enforce|approve)$/);
        const { eventGridTopic, logIngestion, archive } = settings.delivery;
        for (const url of [eventGridTopic, archive]) {
          expect(url ?? 'https://').toMatch(/^https:[^?#@]*[^/]$|^https:\/\/$/);
        }
        for (const url of [settings.armEndpoint, settings.logEndpoint, logIngestion?.endpoint]) {
          if (url === undefined) continue;
          expect(new URL(url).origin).toBe(url);
          expect(url).toMatch(/^https:/);
        }
        expect(isTimerSchedule(settings.sweepSchedule)).toBe(true);
        // Far enough back in time, and still a time.
        expect(() => new Date(Date.now() - settings.ipRetireAfterMs).toISOString()).not.toThrow();
      }),
      run(2000),
    );
  });

  test('never stops the functions from registering', () => {
    fc.assert(
      fc.property(value, (HOLDFAST_SWEEP_SCHEDULE) => {
        expect(isTimerSchedule(sweepScheduleOf({ HOLDFAST_SWEEP_SCHEDULE }))).toBe(true);
      }),
      run(1000),
    );
  });

  test('never tells what stands in the connection string', () => {
    fc.assert(
      fc.property(environment, (env) => {
        try {
          readSettings({ ...env, HOLDFAST_SCOPES: 'none', AzureWebJobsStorage: `AccountKey=${CANARY}` });
        } catch (error) {
          expect(String(error)).not.toContain(CANARY);
        }
      }),
      run(200),
    );
  });

  test('is refused in few words, however long it is', () => {
    const long = Array(10_000).fill('x'.repeat(50)).join(',');
    for (const name of Object.keys(good).filter((one) => one !== 'AzureWebJobsStorage')) {
      expect(() => readSettings({ ...good, [name]: long })).toThrow(InvalidSettingsError);
      try {
        readSettings({ ...good, [name]: long });
      } catch (error) {
        expect(String(error).length).toBeLessThan(5000);
      }
    }
  });
});

test('each setting alone, with anything in it, is good or named', () => {
  const one = fc.tuple(fc.constantFrom(...Object.keys(good)), value);
  fc.assert(
    fc.property(one, ([name, text]) => {
      const env = { ...good, [name]: text };
      try {
        readSettings(env);
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidSettingsError);
        expect(String(error)).toContain(`${name}: `);
      }
    }),
    run(2000),
  );
});

test.each([
  'AzureWebJobsStorage__blobServiceUri',
  'AzureWebJobsStorage__queueServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
])('a token is sent to no %s that is not https', (name) => {
  const rest = { ...good, AzureWebJobsStorage: undefined };
  const services = {
    AzureWebJobsStorage__blobServiceUri: 'https://a.blob.core.windows.net',
    AzureWebJobsStorage__queueServiceUri: 'https://a.queue.core.windows.net',
    AzureWebJobsStorage__tableServiceUri: 'https://a.table.core.windows.net',
  };
  expect(() => readSettings({ ...rest, ...services })).not.toThrow();
  for (const url of ['http://a.blob.core.windows.net', 'javascript:alert(1)', 'file:///etc/passwd'])
    expect(() => readSettings({ ...rest, ...services, [name]: url })).toThrow(name);
});
