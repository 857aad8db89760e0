import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/types/json.js';
import { plaintextSecretsOf } from '../../../src/workflow/plaintext/plaintext-secrets.js';
import { connectorAction, httpAction, workflowOf, type WorkflowParts } from '../workflow-of.js';
import { FAKE, fake, fakeGuid, HEX } from './fake-secrets.js';

const DEFINITION = '/properties/definition';
const INPUTS = `${DEFINITION}/actions/A/inputs`;

const found = (parts: WorkflowParts) =>
  plaintextSecretsOf(workflowOf(parts)).map(({ pointer, kind, knownBy }) => [pointer, kind, knownBy]);
const compose = (inputs: Json): WorkflowParts => ({ actions: { A: { type: 'Compose', inputs } } });
const http = (inputs: JsonObject): WorkflowParts => ({ actions: { A: httpAction(inputs) } });
const variable = (name: string, value: Json): WorkflowParts => ({
  actions: {
    A: { type: 'InitializeVariable', inputs: { variables: [{ name, type: 'string', value }] } },
  },
});
const declared = (name: string, defaultValue: Json, type = 'String'): WorkflowParts => ({
  declared: { [name]: { type, defaultValue } },
});
const code = (text: string): WorkflowParts => ({
  actions: { A: { type: 'JavaScriptCode', inputs: { code: text } } },
});

describe('is known by its looks, wherever it stands', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['a storage account key', FAKE.storageKey(), 'storage account key'],
    ['a 64-byte key', FAKE.key64(), 'storage account, Cosmos DB or Log Analytics key'],
    [
      'a storage connection string',
      `DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=${FAKE.key64()};EndpointSuffix=core.windows.net`,
      'storage account key',
    ],
    [
      'a Cosmos DB connection string',
      `AccountEndpoint=https://db.documents.azure.com:443/;AccountKey=${FAKE.key64()};`,
      'Cosmos DB key',
    ],
    ['a Cosmos DB key', FAKE.cosmosKey(), 'Cosmos DB key'],
    ['a SAS URL', FAKE.sasUrl(), 'SAS signature'],
    ['a SAS token', `?sv=2023-11-03&sr=c&sig=${FAKE.signature()}`, 'SAS signature'],
    ['a callback URL of a workflow', FAKE.callbackUrl(), 'callback URL of a workflow'],
    [
      'a Service Bus connection string',
      `Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=${FAKE.key32()}`,
      'Service Bus or Event Hubs key',
    ],
    [
      'an IoT Hub connection string',
      `HostName=h.azure-devices.net;SharedAccessKeyName=o;SharedAccessKey=${FAKE.key32()}`,
      'IoT Hub key',
    ],
    [
      'an App Configuration connection string',
      `Endpoint=https://c.azconfig.io;Id=ab;Secret=${FAKE.key32()}`,
      'App Configuration key',
    ],
    ['a function key', FAKE.functionKey(), 'function key'],
    [
      'an older function key in a URI',
      `https://f.azurewebsites.net/api/run?code=${fake(54)}==`,
      'function key',
    ],
    ['a search key', FAKE.searchKey(), 'AI Search key'],
    ['a key of an AI service', FAKE.aiKey(), 'Azure resource key'],
    ['a client secret', FAKE.clientSecret(), 'client secret'],
    ['an Azure DevOps token', FAKE.devOps(), 'Azure DevOps personal access token'],
    ['a GitHub token', FAKE.github(), 'GitHub token'],
    ['a GitHub token of few characters', 'ghp_' + 'a1B2'.repeat(9), 'GitHub token'],
    ['a GitLab token', FAKE.gitlab(), 'GitLab token'],
    ['a Slack token', FAKE.slack(), 'Slack token or webhook URL'],
    ['a Slack webhook URL', FAKE.slackUrl(), 'Slack webhook URL'],
    ['a Teams webhook URL', FAKE.teamsUrl(), 'Teams webhook URL'],
    ['a Stripe key', FAKE.stripe(), 'Stripe API key'],
    ['a SendGrid key', FAKE.sendgrid(), 'SendGrid API key'],
    ['an OpenAI key', FAKE.openai(), 'OpenAI API key'],
    ['an Anthropic key', FAKE.anthropic(), 'Anthropic API key'],
    ['an npm token', FAKE.npm(), 'npm token'],
    ['an AWS access key id', FAKE.awsId(), 'AWS access key'],
    ['an AWS secret access key', `aws_secret_access_key=${fake(40)}`, 'AWS secret access key'],
    ['a Google key', FAKE.google(), 'Google API key'],
    ['a JWT', FAKE.jwt(), 'bearer token'],
    ['a private key', FAKE.privateKey(), 'private key'],
    ['a private key within JSON', JSON.stringify({ key: FAKE.privateKey() }), 'private key'],
    ['a basic header', `Basic ${FAKE.basic()}`, 'basic password'],
    ['an opaque bearer token', `Bearer ${fake(40)}`, 'bearer token'],
    ['user and password in a URI', `ftp://joe:${FAKE.password()}@files.contoso.com/in`, 'password in a URI'],
    ['a database URI', `postgres://app:${fake(12)}@db.postgres.database.azure.com/hr`, 'password in a URI'],
    [
      'a SQL connection string',
      `Server=tcp:s.database.windows.net,1433;Initial Catalog=hr;User ID=app;Password=${FAKE.password()};Encrypt=True;`,
      'password in a connection string',
    ],
    [
      'a Redis connection string',
      `r.redis.cache.windows.net:6380,password=${FAKE.key32()},ssl=True`,
      'password in a connection string',
    ],
    [
      'a SOAP header',
      `<wsse:Password Type="http://x#PasswordText">${FAKE.password()}</wsse:Password>`,
      'password',
    ],
    [
      'a secure string in PowerShell',
      `$p = ConvertTo-SecureString -String "${FAKE.password()}" -AsPlainText -Force`,
      'password',
    ],
  ];
  test.each(rows)('%s', (_, text, kind) => {
    expect(found(compose({ note: text }))).toEqual([[`${INPUTS}/note`, kind, 'format']]);
  });

  const token = FAKE.github();
  const places: readonly (readonly [string, WorkflowParts, string])[] = [
    [
      'in an action nested in others',
      {
        actions: {
          S: { type: 'Scope', actions: { I: { type: 'If', else: { actions: { A: { inputs: token } } } } } },
        },
      },
      `${DEFINITION}/actions/S/actions/I/else/actions/A/inputs`,
    ],
    [
      'in a trigger condition',
      {
        triggers: {
          T: {
            type: 'Request',
            conditions: [{ expression: `@equals(triggerOutputs()['headers']['x'], '${token}')` }],
          },
        },
      },
      `${DEFINITION}/triggers/T/conditions/0/expression`,
    ],
    [
      'in a description',
      { actions: { A: { type: 'Compose', inputs: 1, description: `use ${token}` } } },
      `${DEFINITION}/actions/A/description`,
    ],
    [
      'in an example of a schema',
      {
        triggers: { T: { type: 'Request', inputs: { schema: { type: 'string', default: token } } } },
      },
      `${DEFINITION}/triggers/T/inputs/schema/default`,
    ],
    [
      'in a default of a secure parameter',
      declared('p', token, 'SecureString'),
      `${DEFINITION}/parameters/p/defaultValue`,
    ],
    [
      'in a parameter value',
      { given: { p: { value: { deep: [{ er: token }] } } } },
      '/properties/parameters/p/value/deep/0/er',
    ],
    ['in inline code', code(`const t = '${token}';`), `${INPUTS}/code`],
    ['put together', compose(`@concat('ghp_', '${token.slice(4)}')`), INPUTS],
    ['put together within a text', compose(`a @{concat('ghp', concat('_', '${token.slice(4)}'))} b`), INPUTS],
    ['under a condition', compose(`Bearer @{if(equals(1, 2), '${token}', '')}`), INPUTS],
    ['as an argument of any function', compose(`@guess('${token}')`), INPUTS],
    ['in what is no expression', compose(`@broken(${token}`), INPUTS],
    ['behind the longest text that is computed', compose(`@{item()}${'word '.repeat(4000)}${token}`), INPUTS],
    ['in a key, of which no pointer tells', compose({ [token]: { password: FAKE.password() } }), INPUTS],
    ["in a parameter's name", declared(token, 'x'), `${DEFINITION}/parameters`],
  ];
  test.each(places)('%s', (_, parts, pointer) => {
    expect(found(parts)).toEqual([[pointer, 'GitHub token', 'format']]);
  });

  it('only as what it is most specifically', () => {
    const header = {
      headers: { Authorization: `Bearer ${FAKE.jwt()}`, 'x-functions-key': FAKE.functionKey() },
    };
    expect(found(http(header))).toEqual([
      [`${INPUTS}/headers/Authorization`, 'bearer token', 'format'],
      [`${INPUTS}/headers/x-functions-key`, 'function key', 'format'],
    ]);
  });
});

describe('is known by what it is called', () => {
  const password = FAKE.password();
  const key = fake(32, HEX);
  const rows: readonly (readonly [string, WorkflowParts, string, string])[] = [
    [
      'basic authentication',
      http({ authentication: { type: 'Basic', username: 'joe', password } }),
      `${INPUTS}/authentication/password`,
      'password',
    ],
    [
      'with a weak password',
      http({ authentication: { type: 'Basic', password: 'letmein' } }),
      `${INPUTS}/authentication/password`,
      'password',
    ],
    [
      'an app registration',
      http({ authentication: { type: 'ActiveDirectoryOAuth', clientId: fakeGuid(), secret: fake(32) } }),
      `${INPUTS}/authentication/secret`,
      'client secret',
    ],
    [
      'raw authentication',
      http({ authentication: { type: 'Raw', value: `ApiKey ${key}` } }),
      `${INPUTS}/authentication/value`,
      'Authorization header',
    ],
    [
      'a certificate',
      http({ authentication: { type: 'ClientCertificate', pfx: fake(200), password: "@parameters('p')" } }),
      `${INPUTS}/authentication/pfx`,
      'certificate with its private key',
    ],
    [
      'authentication as a parameter',
      { given: { auth: { value: { type: 'basic', password } } } },
      '/properties/parameters/auth/value/password',
      'password',
    ],
    [
      'keys in another case',
      http({ Authentication: { Type: 'BASIC', Password: password } }),
      `${INPUTS}/Authentication/Password`,
      'password',
    ],
    ['a header', http({ headers: { 'X-API-Key': key } }), `${INPUTS}/headers/X-API-Key`, 'API key'],
    [
      'a header in a list',
      http({ body: [{ name: 'Ocp-Apim-Subscription-Key', value: key }] }),
      `${INPUTS}/body/0/value`,
      'API Management subscription key',
    ],
    ['a query', http({ queries: { code: `${fake(54)}==` } }), `${INPUTS}/queries/code`, 'function key'],
    [
      'a parameter in a URI',
      http({ uri: `https://api.contoso.com/v1?apikey=${key}&x=1` }),
      `${INPUTS}/uri`,
      'API key',
    ],
    [
      'a parameter in a URI with expressions',
      http({ uri: `@{variables('base')}/v1?x=@{item()}&token=${key}` }),
      `${INPUTS}/uri`,
      'token',
    ],
    [
      'a form',
      http({ body: `grant_type=client_credentials&client_id=${fakeGuid()}&client_secret=${fake(24)}` }),
      `${INPUTS}/body`,
      'client secret',
    ],
    [
      'JSON in a text',
      http({ body: JSON.stringify({ user: 'joe', password }) }),
      `${INPUTS}/body`,
      'password',
    ],
    [
      'JSON in a text in a text',
      http({ body: JSON.stringify(JSON.stringify({ apiKey: key })) }),
      `${INPUTS}/body`,
      'API key',
    ],
    [
      'XML in a text',
      http({ body: `<login><user>joe</user><apiKey>${key}</apiKey></login>` }),
      `${INPUTS}/body`,
      'API key',
    ],
    ['code', code(`const options = { apiKey: '${key}' };`), `${INPUTS}/code`, 'API key'],
    ['code with an index', code(`headers["x-api-key"] = "${key}";`), `${INPUTS}/code`, 'API key'],
    ['PowerShell', code(`$password = '${password}'`), `${INPUTS}/code`, 'password'],
    [
      'prose',
      { actions: { A: { description: `Password: ${password} (ask Joe)` } } },
      `${DEFINITION}/actions/A/description`,
      'password',
    ],
    ['a variable', variable('AppSecret', fake(32)), `${INPUTS}/variables/0/value`, 'client secret'],
    [
      'a variable that is set',
      { actions: { A: { type: 'SetVariable', inputs: { name: 'token', value: fake(32) } } } },
      `${INPUTS}/value`,
      'token',
    ],
    [
      'a key of any kind that looks random',
      variable('otx_key', fake(64, HEX)),
      `${INPUTS}/variables/0/value`,
      'key',
    ],
    [
      'what an action is called',
      { actions: { Api_key: { type: 'Compose', inputs: key } } },
      `${DEFINITION}/actions/Api_key/inputs`,
      'API key',
    ],
    [
      'a default',
      declared('mcas-apiToken', fake(40), 'securestring'),
      `${DEFINITION}/parameters/mcas-apiToken/defaultValue`,
      'token',
    ],
    [
      'a value in an object',
      { given: { settings: { value: { sql: { adminPassword: password } } } } },
      '/properties/parameters/settings/value/sql/adminPassword',
      'password',
    ],
    [
      'put together with a scheme',
      http({ headers: { Authorization: `@concat('Token ', '${key}')` } }),
      `${INPUTS}/headers/Authorization`,
      'Authorization header',
    ],
    [
      'encoded when it runs',
      http({ headers: { Authorization: `Basic @{base64('joe:${password}')}` } }),
      `${INPUTS}/headers/Authorization`,
      'Authorization header',
    ],
    [
      'encoded with a user that is not known',
      http({
        headers: { Authorization: `@concat('Basic ', base64(concat(parameters('u'), ':${password}')))` },
      }),
      `${INPUTS}/headers/Authorization`,
      'Authorization header',
    ],
    [
      'one way of a condition',
      http({ headers: { 'api-key': `@if(equals(item(), 1), parameters('k'), '${key}')` } }),
      `${INPUTS}/headers/api-key`,
      'API key',
    ],
    [
      'what a condition compares',
      {
        triggers: {
          T: {
            conditions: [{ expression: `@equals(triggerOutputs()?['headers']?['x-api-key'], '${key}')` }],
          },
        },
      },
      `${DEFINITION}/triggers/T/conditions/0/expression`,
      'API key',
    ],
    [
      'what an If compares',
      {
        actions: {
          A: {
            type: 'If',
            expression: { and: [{ equals: ["@triggerOutputs()['headers']['x-api-key']", key] }] },
          },
        },
      },
      `${DEFINITION}/actions/A/expression/and/0/equals/1`,
      'API key',
    ],
    [
      'what is put into an object',
      compose(`@setProperty(item(), 'password', '${password}')`),
      INPUTS,
      'password',
    ],
    [
      'a GUID that is a key',
      http({ headers: { 'x-api-key': fakeGuid() } }),
      `${INPUTS}/headers/x-api-key`,
      'API key',
    ],
    [
      'an at sign that begins no expression',
      http({ authentication: { type: 'Basic', password: `@${password}` } }),
      `${INPUTS}/authentication/password`,
      'password',
    ],
  ];
  test.each(rows)('%s', (_, parts, pointer, kind) => {
    expect(found(parts)).toEqual([[pointer, kind, 'name']]);
  });
});

describe('is a secret, whatever else it looks like', () => {
  const rows: readonly (readonly [string, string, string])[] = [
    ['a weak password', 'password', 'Password123'],
    ['a password of words', 'password', 'Correct-Horse-Battery'],
    ['a password of letters', 'db_password', 'letmein'],
    ['a signed request', 'Authorization', `SharedKey acct:${fake(43)}=`],
    ['letters alone', 'apiKey', fake(24, 'abcdefghijKLMNOPQRST')],
    ['a long number', 'accessToken', fake(20, '0123456789')],
    ['an identifiable name with a number', 'ApiKey1', fake(32, HEX)],
    ['a name of many words', 'VirusTotal API Key (prod)', fake(64, HEX)],
    ['what Graph calls it', 'secretText', fake(40)],
  ];
  test.each(rows)('%s', (_, name, text) => {
    expect(found(compose({ [name]: text })).map(([pointer]) => pointer)).toEqual([`${INPUTS}/${name}`]);
  });
  it('what code compares', () => {
    expect(found(code(`if (token === '${fake(32)}') run();`))).toHaveLength(1);
  });
});

describe('is no secret in plain text', () => {
  const rows: readonly (readonly [string, WorkflowParts])[] = [
    ['an empty workflow', {}],
    [
      'an expression',
      http({ authentication: { type: 'Basic', username: 'joe', password: "@body('Get_secret')?['value']" } }),
    ],
    [
      'an expression in a text',
      http({ headers: { Authorization: "Bearer @{body('Get_access_token')?['access_token']}" } }),
    ],
    [
      'an expression with a name that says so in it',
      http({ headers: { 'x-api-key': "@variables('api-key-2024-primary')" } }),
    ],
    [
      'expressions put together',
      http({
        headers: {
          Authorization: "@concat('Basic ', base64(concat(variables('user'), ':', variables('password'))))",
        },
      }),
    ],
    [
      'an expression in a URI',
      http({
        uri: "https://joe:@{parameters('password')}@contoso.com/?sig=@{item()}&code=@{variables('code')}",
      }),
    ],
    [
      'an expression in a form',
      http({ body: "client_secret=@{body('Get_secret')?['value']}&grant_type=client_credentials" }),
    ],
    ['an expression in a connection string', compose("Server=s;User ID=app;Password=@{parameters('p')};")],
    ['an expression in JSON', http({ body: `@concat('{"password":"', variables('password'), '"}')` })],
    [
      'managed identity',
      http({ authentication: { type: 'ManagedServiceIdentity', audience: 'https://vault.azure.net' } }),
    ],
    [
      'ids',
      http({
        authentication: {
          type: 'ActiveDirectoryOAuth',
          tenant: fakeGuid(1),
          clientId: fakeGuid(2),
          secret: "@parameters('s')",
        },
      }),
    ],
    [
      'a schema',
      {
        triggers: {
          T: {
            type: 'Request',
            inputs: {
              schema: {
                type: 'object',
                properties: { password: { type: 'string', description: 'secretOfTheUser1' } },
                required: ['password'],
              },
            },
          },
        },
      },
    ],
    [
      'the order of actions',
      { actions: { A: { type: 'Compose', inputs: 1, runAfter: { Initialize_password: ['Succeeded'] } } } },
    ],
    ['the name of a secret', variable('ClientSecret', 'CrowdStrike-ClientSecret')],
    ['a name with an underscore', declared('api_key', 'VIRUSTOTAL_API_KEY')],
    [
      'a secret of a vault by its version',
      http({ uri: `https://kv1.vault.azure.net/secrets/api-key/${fake(32, HEX)}` }),
    ],
    [
      'what is about a secret',
      compose({
        tokenEndpoint: 'https://login.contoso.com/token1',
        token_type: 'Bearer',
        secretName: 'S3cr3tN4me99',
        passwordPolicies: 'DisablePasswordExpiration',
        tokenLifetimeMinutes: '6000000000',
      }),
    ],
    [
      'what opens nothing',
      compose({ nextPageToken: fake(40), partitionKey: fake(40), idempotencyKey: fake(40) }),
    ],
    ['a key that does not look random', compose({ key: 'priority', Key: 'eu-west-1', sortKey: 'name' })],
    ['a code that is no key', http({ queries: { code: 'DE', key: 'status' } })],
    ['a hash', compose({ integrity: `sha512-${FAKE.key64()}`, etag: fake(64, HEX) })],
    [
      'code that reads it elsewhere',
      code('const password = getPassword(); const token = process.env.TOKEN1; let apiKey = config.keys2;'),
    ],
    [
      'code that reads it from the workflow',
      code("var token = workflowContext.actions['Get_token1'].outputs.body;"),
    ],
    [
      'an address',
      compose({
        token: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
        secret: `/subscriptions/${fakeGuid()}/resourceGroups/rg`,
      }),
    ],
    [
      'a Key Vault reference',
      compose({ apiKey: '@@Microsoft.KeyVault(SecretUri=https://kv1.vault.azure.net/secrets/k1)' }),
    ],
    ['yes and no', compose({ password: 'true', token: 'false', secret: 'none' })],
    ['a sentence', compose({ password: 'The password of the user', token: 'Get the token first' })],
    ['a date', compose({ refreshToken: '2024-01-01T00:00:00Z', apiKey: '2019-05-01-preview' })],
    [
      'an assembly',
      compose('System.Data, Version=4.0.0.0, Culture=neutral, PublicKeyToken=b77a5c561934e089'),
    ],
    [
      'a path',
      compose({
        token: '/oauth2/v2/token',
        accessToken: '$.body.access_token1',
        secret: 'urn:contoso:secret:1',
      }),
    ],
    ['a mail address', compose({ token: 'joe.42@contoso.com' })],
    ['a page that explains', compose('<p>Password: enter it below.</p><p>Authorization: Bearer token</p>')],
    [
      'a query in KQL',
      compose('SigninLogs | where TokenIssuerType == "AzureAD1" | extend token = tostring(x1)'),
    ],
    [
      'a callback URL without its signature',
      compose(
        'https://prod-12.westeurope.logic.azure.com/workflows/x/triggers/manual/paths/invoke?api-version=1',
      ),
    ],
    ...[
      '<your-api-key>',
      "[parameters('key1234567890')]",
      '{api_key_0123456789}',
      '${API_KEY_2_OF_3}',
      '$(apiKey12345678)',
      '%API_KEY_1234%',
      '#{ApiKey12345}#',
      '__API_KEY_12345__',
      'xxxxxxxxxxxxxxxx',
      '********',
      '0000000000000000',
      'your-api-key-here',
      'YOUR_API_KEY_1',
      'TODO',
      'changeme',
      'change-me-123',
      'PLACEHOLDER',
      'Enter your key',
      'ADD YOUR OWN VALUE',
      'string',
      'password',
      '...',
      'REDACTED',
      '',
      ' ',
      'Bearer',
      'Bearer <token>',
      'key-xxxxxxxx1234',
    ].map(
      (text) =>
        [`a stand-in: ${text}`, compose({ apiKey: text, password: text, Authorization: text })] as const,
    ),
    [
      'a stand-in in a format',
      compose({
        a: `ghp_${'x'.repeat(36)}`,
        b: `AccountKey=${'0'.repeat(86)}==`,
        c: 'https://user:password@contoso.com',
        d: 'Server=s;User ID=u;Password={your_password};',
        e: '?sig=<signature>',
      }),
    ],
  ];
  test.each(rows)('%s', (_, parts) => {
    expect(found(parts)).toEqual([]);
  });
});

describe('a parameter or variable that does nothing but name a secret', () => {
  const name = fake(20);
  const read = connectorAction("/secrets/@{encodeURIComponent(parameters('ClientSecret'))}/value");
  const given = { given: { ClientSecret: { value: name } } };

  it('holds a name', () => {
    expect(
      found({
        ...given,
        declared: { ClientSecret: { type: 'String', defaultValue: name } },
        actions: { read },
      }),
    ).toEqual([]);
  });
  it('holds a name where it is read over HTTP', () => {
    const uri = "https://kv1.vault.azure.net/secrets/@{parameters('CLIENTSECRET')}?api-version=7.4";
    expect(found({ ...given, actions: { read: httpAction({ method: 'GET', uri }) } })).toEqual([]);
  });
  it('holds a name where a variable takes it there', () => {
    const actions = {
      V: {
        type: 'InitializeVariable',
        inputs: { variables: [{ name: 'secret', value: "@parameters('ClientSecret')" }] },
      },
      read: connectorAction("/secrets/@{encodeURIComponent(variables('secret'))}/value"),
    };
    expect(found({ ...given, actions })).toEqual([]);
  });
  it('holds a name where the variable is given it as it is', () => {
    const actions = {
      V: { type: 'InitializeVariable', inputs: { variables: [{ name: 'ClientSecret', value: name }] } },
      read: connectorAction("/secrets/@{encodeURIComponent(variables('ClientSecret'))}/value"),
    };
    expect(found({ actions })).toEqual([]);
  });
  it('holds a secret if it is used otherwise, too', () => {
    const actions = { read, B: { type: 'Compose', inputs: "@parameters('ClientSecret')" } };
    expect(found({ ...given, actions })).toEqual([
      ['/properties/parameters/ClientSecret/value', 'client secret', 'name'],
    ]);
  });
  it('holds a secret if it is used for nothing', () => {
    expect(found(given)).toHaveLength(1);
  });
  it('holds a secret if two variables are given each other', () => {
    const actions = Object.fromEntries(
      ['a', 'b'].map((one, i) => [
        one,
        {
          type: 'SetVariable',
          inputs: { name: one, value: `@{variables('${'ba'.charAt(i)}')}@{parameters('ClientSecret')}` },
        },
      ]),
    );
    expect(found({ ...given, actions })).toHaveLength(1);
  });
  it('holds a secret if the variable that it is given to is used otherwise, or for nothing', () => {
    const V = {
      type: 'InitializeVariable',
      inputs: { variables: [{ name: 'v', value: "@parameters('ClientSecret')" }] },
    };
    expect(found({ ...given, actions: { V, read } })).toHaveLength(1);
    expect(found({ ...given, actions: { V, read, B: { inputs: "@variables('v')" } } })).toHaveLength(1);
  });
  it('is told through very many variables', () => {
    const actions = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [
        `S${i}`,
        {
          type: 'SetVariable',
          inputs: {
            name: `v${i}`,
            value: i === 0 ? "@parameters('ClientSecret')" : `@variables('v${i - 1}')`,
          },
        },
      ]),
    );
    const last = connectorAction("/secrets/@{encodeURIComponent(variables('v19999'))}/value");
    expect(found({ ...given, actions: { ...actions, last } })).toEqual([]);
  });
  it('cannot hide what is a secret by its looks', () => {
    expect(
      found({ given: { ClientSecret: { value: FAKE.clientSecret() } }, actions: { read } }),
    ).toHaveLength(1);
  });
});

describe('whatever it is given', () => {
  const long = 200_000;
  const repeated = [
    ...[
      'a',
      'aA1',
      '=',
      '/',
      '+',
      '-',
      '.',
      '_',
      ' ',
      ':',
      '@',
      "'",
      '"',
      '{',
      '@{',
      '(',
      'ey',
      'a.',
      'a-',
      '%',
      '\\\\',
    ],
    ...[
      'password=',
      'password="',
      "token: '",
      '<a>',
      '://',
      '://a:',
      'sig=',
      '&code=',
      'Basic ',
      'Bearer ',
      'eyJ.eyJ.',
    ],
    ...['AccountKey=', 'SG.a.', 'xoxb-1-', 'ghs_1_', 'sk-', '-----BEGIN PRIVATE KEY-----', 'your-', 'x.y@'],
    ...["@concat('a',", '@if(', '\uE000', '\uFFFF', '\n'],
  ];
  const texts = repeated.map((piece) => [JSON.stringify(piece), piece] as const);
  test.each(texts)('%s over and over takes no time', (_, piece) => {
    const text = piece.repeat(Math.ceil(long / piece.length));
    const start = performance.now();
    found(compose({ password: text, apiKey: `@{item()}${text}`, note: `@concat('${text}', item())` }));
    expect(performance.now() - start).toBeLessThan(4000);
  });

  it('a definition of a megabyte is read in well under a second', () => {
    const action = {
      type: 'Http',
      inputs: {
        uri: 'https://x/@{item()}?a=1',
        headers: { Authorization: "@concat('Bearer ', item())" },
        body: 'some text of a body, '.repeat(10),
      },
    };
    const actions = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`A${i}`, action]));
    expect(JSON.stringify(actions).length).toBeGreaterThan(900_000);
    const start = performance.now();
    expect(found({ actions })).toEqual([]);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('an object with very many keys takes no time', () => {
    const body = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [`apiKeyNumber${i}`, '@item()']),
    );
    const start = performance.now();
    expect(found(compose({ body }))).toEqual([]);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  const circle: Record<string, unknown> = { password: 'hunter22' };
  circle.again = circle;
  circle.list = [circle, circle];
  let deep: Json = 'x';
  for (let i = 0; i < 100_000; i += 1) deep = { d: deep };
  const malformed: readonly (readonly [string, JsonObject])[] = [
    ['nothing', {}],
    ['properties that are a list', { properties: [] }],
    ['a definition that is a text', { properties: { definition: 'x', parameters: 7 } }],
    [
      'parameters that are no objects',
      { properties: { definition: { parameters: ['x'] }, parameters: { a: null, b: 'x' } } },
    ],
    ['what is nested too deep', { properties: { definition: { actions: deep } } }],
    [
      'keys of the prototype',
      { properties: JSON.parse('{"definition":{"actions":{"__proto__":{"constructor":1}}}}') as JsonObject },
    ],
  ];
  test.each(malformed)('%s holds none', (_, workflow) => {
    expect(plaintextSecretsOf(workflow)).toEqual([]);
  });

  it('a circle ends', () => {
    const workflow = { properties: { definition: circle as JsonObject } };
    expect(plaintextSecretsOf(workflow)).toEqual([
      { pointer: `${DEFINITION}/password`, kind: 'password', knownBy: 'name' },
    ]);
  });
  it('a key named __proto__ is a key', () => {
    const actions = JSON.parse('{"__proto__":{"type":"Compose","inputs":{"password":"hunter22"}}}') as Json;
    expect(found({ actions })).toEqual([
      [`${DEFINITION}/actions/__proto__/inputs/password`, 'password', 'name'],
    ]);
  });
});
