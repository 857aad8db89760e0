import { describe, expect, test } from 'vitest';
import {
  InvalidSettingsError,
  readAppKey,
  readLaptopSettings,
  readSettings,
  type Settings,
} from '../src/settings/settings.js';
import { sweepScheduleOf } from '../src/sweep-schedule.js';
import { OPTIONAL_REMEDIATOR_IDS, REMEDIATOR_IDS } from '../src/types/remediator-id.js';

const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';
const VAULT = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-one`;
const good = {
  HOLDFAST_SCOPES: `/subscriptions/${SUBSCRIPTION}`,
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
};

describe('good settings', () => {
  test('only what is required gives audit mode, an hourly sweep, a week and public Azure', () => {
    const settings = readSettings(good);
    expect(settings.scopes).toEqual([{ subscriptionId: SUBSCRIPTION, resourceGroup: null }]);
    for (const [id, mode] of Object.entries(settings.modes)) {
      expect([id, mode]).toEqual([id, (OPTIONAL_REMEDIATOR_IDS as string[]).includes(id) ? 'off' : 'audit']);
    }
    expect(settings.sweepSchedule).toBe('0 0 * * * *');
    expect(settings.ipRetireAfterMs).toBe(7 * 86_400_000);
    expect(settings.armEndpoint).toBe('https://management.azure.com');
    expect(settings.clientId).toBeNull();
    expect(settings.keepPrincipals.size).toBe(0);
    expect(settings.logWorkspace).toBeNull();
    expect(settings.logEndpoint).toBe('https://api.loganalytics.io');
    expect(settings.delivery).toEqual({ eventGridTopic: null, logIngestion: null, archive: null });
  });

  test('principals to keep are compared in lower case, and a workspace is named by its id', () => {
    const workspace = `/subscriptions/${SUBSCRIPTION}/resourceGroups/logs/providers/Microsoft.OperationalInsights/workspaces/soc-logs`;
    const settings = readSettings({
      ...good,
      HOLDFAST_KEEP_PRINCIPALS: ` ${SUBSCRIPTION.replaceAll('5', 'A')} , `,
      HOLDFAST_LOG_WORKSPACE: workspace,
      HOLDFAST_LOG_ENDPOINT: 'https://api.loganalytics.us/v1',
    });
    expect([...settings.keepPrincipals]).toEqual([SUBSCRIPTION.replaceAll('5', 'a')]);
    expect(settings.logWorkspace).toBe(workspace);
    expect(settings.logEndpoint).toBe('https://api.loganalytics.us');
  });

  test('what may break something is off until it is asked for by name', () => {
    const { modes } = readSettings({
      ...good,
      HOLDFAST_MODE: 'enforce',
      HOLDFAST_REMEDIATORS: 'vault-deleted=enforce',
    });
    expect(modes['vault-deleted']).toBe('enforce');
    expect(modes['connection-managed-identity']).toBe('off');
  });

  const AUTH_CONFIG = '{"platform":{"enabled":true}}';
  test.each([
    [{}, false],
    [{ HOLDFAST_APP_SERVICE_AUTH: 'off', WEBSITE_AUTH_ENABLED: 'True' }, false],
    [{ HOLDFAST_APP_SERVICE_AUTH: 'on' }, false],
    [{ HOLDFAST_APP_SERVICE_AUTH: 'on', WEBSITE_AUTH_V2_CONFIG_JSON: AUTH_CONFIG }, true],
    [{ HOLDFAST_APP_SERVICE_AUTH: 'off', WEBSITE_AUTH_V2_CONFIG_JSON: AUTH_CONFIG }, false],
    [
      { HOLDFAST_APP_SERVICE_AUTH: 'on', WEBSITE_AUTH_V2_CONFIG_JSON: '{"platform":{"enabled":false}}' },
      false,
    ],
    [
      { HOLDFAST_APP_SERVICE_AUTH: 'on', WEBSITE_AUTH_V2_CONFIG_JSON: '{"platform":{"enabled":"true"}}' },
      false,
    ],
    [{ HOLDFAST_APP_SERVICE_AUTH: 'on', WEBSITE_AUTH_V2_CONFIG_JSON: 'no json' }, false],
    [
      {
        HOLDFAST_APP_SERVICE_AUTH: 'on',
        WEBSITE_AUTH_ENABLED: 'False',
        WEBSITE_AUTH_V2_CONFIG_JSON: AUTH_CONFIG,
      },
      false,
    ],
    [{ HOLDFAST_APP_SERVICE_AUTH: 'on', WEBSITE_AUTH_ENABLED: 'True' }, true],
    [{ HOLDFAST_APP_SERVICE_AUTH: 'on', WEBSITE_AUTH_ENABLED: 'False' }, false],
  ])('App Service is believed only where the setting says so and it does, too: %o', (given, isOn) => {
    expect(readSettings({ ...good, ...given }).isAppServiceAuthOn).toBe(isOn);
  });

  test('a remediator can wait for approval', () => {
    const { modes } = readSettings({ ...good, HOLDFAST_REMEDIATORS: 'vault-firewall=approve' });
    expect(modes['vault-firewall']).toBe('approve');
  });

  test('a remediator can have a mode of its own', () => {
    const { modes } = readSettings({
      ...good,
      HOLDFAST_MODE: 'enforce',
      HOLDFAST_REMEDIATORS: 'vault-firewall=audit, workflow-secure-outputs=off',
    });
    expect(modes).toMatchObject({
      'vault-purge-protection': 'enforce',
      'vault-firewall': 'audit',
      'vault-logic-app-ips': 'enforce',
      'workflow-secure-outputs': 'off',
    });
  });

  test('a group inside a subscription that is in scope as a whole adds nothing', () => {
    const { scopes } = readSettings({
      ...good,
      HOLDFAST_SCOPES: `/subscriptions/${SUBSCRIPTION}/resourceGroups/A, /subscriptions/${SUBSCRIPTION.toUpperCase()},/subscriptions/${SUBSCRIPTION}`,
    });
    expect(scopes).toEqual([{ subscriptionId: SUBSCRIPTION, resourceGroup: null }]);
  });

  test('a resource is exempt from all or from some remediators', () => {
    const { exempt } = readSettings({
      ...good,
      HOLDFAST_EXEMPT: `${VAULT}=vault-firewall+vault-logic-app-ips,${VAULT.replace('kv-one', 'kv-two')}`,
    });
    expect([...(exempt.get(VAULT.toLowerCase()) ?? [])]).toEqual(['vault-firewall', 'vault-logic-app-ips']);
    expect(exempt.get(VAULT.toLowerCase().replace('kv-one', 'kv-two'))?.size).toBe(REMEDIATOR_IDS.length);
  });

  test('a sovereign cloud has its own endpoint, without a trailing slash', () => {
    const settings = readSettings({
      ...good,
      AZURE_RESOURCE_MANAGER_URL: 'https://management.usgovcloudapi.net/',
    });
    expect(settings.armEndpoint).toBe('https://management.usgovcloudapi.net');
  });

  test('storage without keys is named by its three services', () => {
    const uri = (service: string) => `https://account.${service}.core.windows.net`;
    const settings = readSettings({
      HOLDFAST_SCOPES: good.HOLDFAST_SCOPES,
      AzureWebJobsStorage__blobServiceUri: uri('blob'),
      AzureWebJobsStorage__queueServiceUri: uri('queue'),
      AzureWebJobsStorage__tableServiceUri: uri('table'),
    });
    expect(settings.storage).toEqual({
      kind: 'identity',
      blobServiceUri: uri('blob'),
      queueServiceUri: uri('queue'),
      tableServiceUri: uri('table'),
    });
  });

  test('records go to a topic, a table and a container', () => {
    const { delivery } = readSettings({
      ...good,
      HOLDFAST_EVENT_GRID_TOPIC: 'https://Records.westeurope-1.eventgrid.azure.net/api/events/',
      HOLDFAST_LOG_INGESTION_ENDPOINT: 'https://e-1.westeurope-1.ingest.monitor.azure.com/',
      HOLDFAST_LOG_INGESTION_RULE: 'dcr-000a00a000a00000a000000aa000a0aa',
      HOLDFAST_ARCHIVE: 'https://account.blob.core.windows.net/audit-records/',
    });
    expect(delivery).toEqual({
      eventGridTopic: 'https://records.westeurope-1.eventgrid.azure.net/api/events',
      logIngestion: {
        endpoint: 'https://e-1.westeurope-1.ingest.monitor.azure.com',
        ruleId: 'dcr-000a00a000a00000a000000aa000a0aa',
      },
      archive: 'https://account.blob.core.windows.net/audit-records',
    });
  });

  test('an account may stand in the path of its container', () => {
    const HOLDFAST_ARCHIVE = 'https://127.0.0.1:10000/account1/archive';
    expect(readSettings({ ...good, HOLDFAST_ARCHIVE }).delivery.archive).toBe(HOLDFAST_ARCHIVE);
  });

  test.each([
    ['P7D', 604_800_000],
    ['PT0S', 0],
    ['PT36H', 129_600_000],
    ['P1DT1H1M1S', 90_061_000],
    ['P2W', 1_209_600_000],
  ])('%s is %d milliseconds', (text, ms) => {
    expect(readSettings({ ...good, HOLDFAST_IP_RETIRE_AFTER: text }).ipRetireAfterMs).toBe(ms);
  });
});

describe('how much may be changed', () => {
  test.each([
    [undefined, { kind: 'count', count: 50 }],
    ['', { kind: 'count', count: 50 }],
    ['0', { kind: 'count', count: 0 }],
    [' 200 ', { kind: 'count', count: 200 }],
    ['10%', { kind: 'percentage', percent: 10 }],
    ['0.5 %', { kind: 'percentage', percent: 0.5 }],
    ['0%', { kind: 'percentage', percent: 0 }],
    ['100%', { kind: 'percentage', percent: 100 }],
  ])('%s', (text, expected) => {
    expect(readSettings({ ...good, HOLDFAST_MAX_CHANGES: text }).maxChanges).toEqual(expected);
  });

  test.each(['-1', '1.5', '101%', '-5%', '%', 'all', 'ten', '1e3', '0x10', '50,', '1 000', '9999999999'])(
    '"%s" is not guessed at',
    (text) => {
      const read = () => readSettings({ ...good, HOLDFAST_MAX_CHANGES: text });
      expect(read).toThrow(InvalidSettingsError);
      expect(read).toThrow(/HOLDFAST_MAX_CHANGES: .* neither a whole number such as 50 nor a percentage/);
    },
  );
});

describe('how often is too often', () => {
  test.each([
    [undefined, 3],
    ['1', 1],
    ['20', 20],
  ])('%s', (text, expected) => {
    expect(readSettings({ ...good, HOLDFAST_CONTESTED_AFTER: text }).contestedAfter).toBe(expected);
  });

  test.each(['0', '21', '-1', '1.5', 'never'])('"%s" is not guessed at', (text) => {
    const read = () => readSettings({ ...good, HOLDFAST_CONTESTED_AFTER: text });
    expect(read).toThrow(/HOLDFAST_CONTESTED_AFTER: .* is not a whole number from 1 to 20/);
  });
});

describe('where Teams takes messages', () => {
  const URL_TEXT =
    'https://prod-00.westeurope.logic.azure.com:443/workflows/w/triggers/manual/paths/invoke?sig=hunter2';
  const reference = '@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/teams)';

  test.each<[string, string | undefined, Settings['teamsWebhook']]>([
    ['nowhere', undefined, null],
    ['nowhere: an empty setting is none', ' ', null],
    ['a workflow', URL_TEXT, { kind: 'url', url: new URL(URL_TEXT).href }],
    ['a Key Vault reference that App Service has not resolved', reference, { kind: 'unresolved' }],
  ])('%s', (_name, text, expected) => {
    expect(readSettings({ ...good, HOLDFAST_TEAMS_WEBHOOK: text }).teamsWebhook).toEqual(expected);
  });

  test.each([
    'http://prod-00.logic.azure.com/hunter2',
    'hunter2',
    'https://user:hunter2@host/',
    '//host/hunter2',
  ])('"%s" is not sent anything, and is not quoted', (text) => {
    const read = () => readSettings({ ...good, HOLDFAST_TEAMS_WEBHOOK: text });
    expect(read).toThrow(/HOLDFAST_TEAMS_WEBHOOK: must be the https URL that the Teams workflow/);
    expect(read).not.toThrow('hunter2');
  });

  test.each<[string | undefined, string]>([
    [undefined, ''],
    ['holdfast.azurewebsites.net', 'https://holdfast.azurewebsites.net'],
    ['localhost:7071', ''],
    ['evil/?x=', ''],
  ])('the app answers at %s: %s', (name, expected) => {
    expect(readSettings({ ...good, WEBSITE_HOSTNAME: name }).appUrl).toBe(expected);
  });
});

describe('bad settings are named, with what to write', () => {
  test.each([
    ['no scope', { HOLDFAST_SCOPES: undefined }, 'HOLDFAST_SCOPES'],
    ['an empty scope', { HOLDFAST_SCOPES: ' , ' }, 'HOLDFAST_SCOPES'],
    ['a scope that is no subscription', { HOLDFAST_SCOPES: '/subscriptions/mine' }, 'HOLDFAST_SCOPES'],
    ['a scope that is a resource', { HOLDFAST_SCOPES: VAULT }, 'HOLDFAST_SCOPES'],
    ['a mode that is neither', { HOLDFAST_MODE: 'on' }, 'HOLDFAST_MODE'],
    ['an unknown remediator', { HOLDFAST_REMEDIATORS: 'vault-fire=off' }, 'HOLDFAST_REMEDIATORS'],
    [
      'an unknown mode of a remediator',
      { HOLDFAST_REMEDIATORS: 'vault-firewall=on' },
      'HOLDFAST_REMEDIATORS',
    ],
    [
      'a remediator set twice',
      { HOLDFAST_REMEDIATORS: 'vault-firewall=off,vault-firewall=audit' },
      'HOLDFAST_REMEDIATORS',
    ],
    ['an exemption of no resource', { HOLDFAST_EXEMPT: 'kv-one' }, 'HOLDFAST_EXEMPT'],
    ['an exemption from no remediator', { HOLDFAST_EXEMPT: `${VAULT}=*` }, 'HOLDFAST_EXEMPT'],
    ['a schedule of five fields', { HOLDFAST_SWEEP_SCHEDULE: '0 * * * *' }, 'HOLDFAST_SWEEP_SCHEDULE'],
    [
      'a schedule that no timer runs on',
      { HOLDFAST_SWEEP_SCHEDULE: '0 99 * * * *' },
      'HOLDFAST_SWEEP_SCHEDULE',
    ],
    ['a duration in months', { HOLDFAST_IP_RETIRE_AFTER: 'P1M' }, 'HOLDFAST_IP_RETIRE_AFTER'],
    ['a duration without a number', { HOLDFAST_IP_RETIRE_AFTER: 'P' }, 'HOLDFAST_IP_RETIRE_AFTER'],
    ['a negative duration', { HOLDFAST_IP_RETIRE_AFTER: '-P1D' }, 'HOLDFAST_IP_RETIRE_AFTER'],
    ['ARM over plain HTTP', { AZURE_RESOURCE_MANAGER_URL: 'http://localhost' }, 'AZURE_RESOURCE_MANAGER_URL'],
    ['ARM with a path', { AZURE_RESOURCE_MANAGER_URL: 'https://host/path' }, 'AZURE_RESOURCE_MANAGER_URL'],
    ['a client id that is a name', { AZURE_CLIENT_ID: 'holdfast' }, 'AZURE_CLIENT_ID'],
    [
      'a principal that is a name',
      { HOLDFAST_KEEP_PRINCIPALS: 'alice@contoso.com' },
      'HOLDFAST_KEEP_PRINCIPALS',
    ],
    ['a workspace that is a name', { HOLDFAST_LOG_WORKSPACE: 'soc-logs' }, 'HOLDFAST_LOG_WORKSPACE'],
    ['a query API over plain HTTP', { HOLDFAST_LOG_ENDPOINT: 'http://localhost' }, 'HOLDFAST_LOG_ENDPOINT'],
    [
      'a topic over plain HTTP',
      { HOLDFAST_EVENT_GRID_TOPIC: 'http://t.eventgrid.azure.net/api/events' },
      'HOLDFAST_EVENT_GRID_TOPIC',
    ],
    [
      'a topic without its path',
      { HOLDFAST_EVENT_GRID_TOPIC: 'https://t.eventgrid.azure.net' },
      'HOLDFAST_EVENT_GRID_TOPIC',
    ],
    [
      'an ingestion endpoint with a path',
      { HOLDFAST_LOG_INGESTION_ENDPOINT: 'https://e.ingest.monitor.azure.com/dataCollectionRules' },
      'HOLDFAST_LOG_INGESTION_ENDPOINT',
    ],
    [
      'an ingestion endpoint without a rule',
      { HOLDFAST_LOG_INGESTION_ENDPOINT: 'https://e.ingest.monitor.azure.com' },
      'HOLDFAST_LOG_INGESTION_RULE: is required where HOLDFAST_LOG_INGESTION_ENDPOINT is set',
    ],
    [
      'a rule without an ingestion endpoint',
      { HOLDFAST_LOG_INGESTION_RULE: 'dcr-000a00a000a00000a000000aa000a0aa' },
      'HOLDFAST_LOG_INGESTION_ENDPOINT: is required where HOLDFAST_LOG_INGESTION_RULE is set',
    ],
    ['a rule by its name', { HOLDFAST_LOG_INGESTION_RULE: 'dcr-holdfast' }, 'HOLDFAST_LOG_INGESTION_RULE'],
    [
      'an archive without a container',
      { HOLDFAST_ARCHIVE: 'https://account.blob.core.windows.net' },
      'HOLDFAST_ARCHIVE',
    ],
    [
      'an archive over plain HTTP',
      { HOLDFAST_ARCHIVE: 'http://account.blob.core.windows.net/audit' },
      'HOLDFAST_ARCHIVE',
    ],
    [
      'a storage service over plain HTTP',
      { AzureWebJobsStorage__tableServiceUri: 'http://account.table.core.windows.net' },
      'AzureWebJobsStorage__tableServiceUri',
    ],
    ['no storage', { AzureWebJobsStorage: undefined }, 'AzureWebJobsStorage'],
  ])('%s', (_name, change, setting) => {
    const read = () => readSettings({ ...good, ...change });
    expect(read).toThrow(InvalidSettingsError);
    expect(read).toThrow(setting);
  });

  test.each(['HOLDFAST_ARCHIVE', 'HOLDFAST_EVENT_GRID_TOPIC', 'HOLDFAST_LOG_INGESTION_ENDPOINT'])(
    'a key or signature in %s is refused, and not told',
    (name) => {
      for (const url of [
        'https://host/audit?sig=hunter2',
        'https://user:hunter2@host/audit',
        'AccountKey=hunter2',
      ]) {
        const read = () => readSettings({ ...good, [name]: url });
        expect(read).toThrow(`${name}: must be a URL such as https://`);
        expect(read).not.toThrow('hunter2');
      }
    },
  );

  test('the message never holds the connection string', () => {
    const read = () => readSettings({ AzureWebJobsStorage: 'AccountKey=hunter2' });
    expect(read).toThrow(InvalidSettingsError);
    expect(read).not.toThrow('hunter2');
  });
});

describe('schedules that the Functions host takes', () => {
  test.each([
    ['0 0 * * * *', true],
    ['*/30 0-10,20 8-18/2 1 JAN-mar Mon-Fri', true],
    ['0 5/15 * * * 0', true],
    ['0 * * * *', false],
    ['0 0 * * * * *', false],
    ['60 0 * * * *', false],
    ['0 0 24 * * *', false],
    ['0 0 0 0 * *', false],
    ['0 0 0 * 13 *', false],
    ['0 0 0 * * 7', false],
    ['0 0 0 * * jan', false],
    ['0 0 0 ? * *', false],
    ['0 */0 * * * *', false],
    ['a b c d e f', false],
    ['01:00:00', false],
  ])('%s: %s', (HOLDFAST_SWEEP_SCHEDULE, isTaken) => {
    const read = () => readSettings({ ...good, HOLDFAST_SWEEP_SCHEDULE });
    if (isTaken) expect(read().sweepSchedule).toBe(HOLDFAST_SWEEP_SCHEDULE);
    else expect(read).toThrow('HOLDFAST_SWEEP_SCHEDULE');
  });
});

test('a long list of what cannot be read is cut short', () => {
  const read = () => readSettings({ ...good, HOLDFAST_REMEDIATORS: Array(500).fill('nonsense').join(',') });
  expect(read).toThrow('And 490 more.');
});

describe('the schedule to register with', () => {
  test.each([
    ['is the one that is set', '0 */5 * * * *', '0 */5 * * * *'],
    ['is hourly where none is set', undefined, '0 0 * * * *'],
    [
      'is hourly where it cannot be read, because a throw here would hide every function',
      'often',
      '0 0 * * * *',
    ],
  ])('%s', (_name, setting, expected) => {
    expect(sweepScheduleOf({ HOLDFAST_SWEEP_SCHEDULE: setting })).toBe(expected);
  });
});

describe('the settings of the command line', () => {
  const { AzureWebJobsStorage, ...without } = good;

  test('are the app’s', () => {
    expect(readLaptopSettings({ ...good, AzureWebJobsStorage })).toEqual(readSettings(good));
  });

  test('need no storage account', () => {
    expect(readLaptopSettings(without)).toEqual({ ...readSettings(good), storage: null });
  });

  test('need all of one where there is a part of it', () => {
    const part = { AzureWebJobsStorage__blobServiceUri: 'https://account.blob.core.windows.net' };
    expect(() => readLaptopSettings({ ...without, ...part })).toThrow(/AzureWebJobsStorage: is required/);
  });

  test('are checked as the app’s are', () => {
    expect(() => readLaptopSettings({ ...without, HOLDFAST_MAX_CHANGES: 'many' })).toThrow(
      /HOLDFAST_MAX_CHANGES/,
    );
  });

  test.each([
    [{}, null],
    [{ HOLDFAST_KEY: ' ' }, null],
    [{ HOLDFAST_KEY: ' abc== ' }, 'abc=='],
  ])('the key of an app, of %j', (environment, key) => {
    expect(readAppKey(environment)).toBe(key);
  });
});
