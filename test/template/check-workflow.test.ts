import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import {
  check,
  definitionOf,
  getSecret,
  hidden,
  KEY_VAULT_API,
  templateOf,
  told,
  workflowOf,
} from './template-of.js';

const ACTIONS = '/resources/0/properties/definition/actions';
const AT = 'runtimeConfiguration/secureData/properties';
const http = (header: string, more: JsonObject = {}): JsonObject => ({
  type: 'Http',
  runAfter: { Get: ['Succeeded'] },
  inputs: { method: 'POST', uri: 'https://api.example.com/block', headers: { 'x-key': header } },
  ...more,
});
const OPEN = `workflow-secure-outputs ${ACTIONS}/Get/${AT} +`;
const location = { parameters: { location: { type: 'string', defaultValue: 'westeurope' } } };

function withPath(path: string): JsonObject {
  const action = getSecret();
  return { ...action, inputs: { ...(action.inputs as JsonObject), path } };
}

describe('a workflow in a template', () => {
  const rows: readonly (readonly [string, Json, JsonObject, readonly string[]])[] = [
    ['gets a secret and hides it', workflowOf({ Get: getSecret('k', hidden('inputs', 'outputs')) }), {}, []],
    ['gets a secret in the open', workflowOf({ Get: getSecret() }), location, [OPEN]],
    ['hides the wrong half', workflowOf({ Get: getSecret('k', hidden('inputs')) }), location, [OPEN]],
    [
      'hides it, and passes it on in the open to what does not hide by itself',
      workflowOf({
        Get: getSecret('k', hidden('outputs')),
        Set: { type: 'SetVariable', runAfter: {}, inputs: { name: 'x', value: "@body('Get')?['value']" } },
      }),
      location,
      [`workflow-secret-flow ${ACTIONS}/Set`],
    ],
    [
      'gets a secret whose name the deployment gives',
      workflowOf({
        Get: withPath("[concat('/secrets/@{encodeURIComponent(''', parameters('name'), ''')}/value')]"),
      }),
      { parameters: { name: { type: 'string' } } },
      [OPEN],
    ],
    [
      'gets a secret whose path is put together with a variable',
      workflowOf({
        Get: withPath(
          "[concat('/secrets/@{encodeURIComponent(', variables('quote'), parameters('name'), variables('quote'), ')}/value')]",
        ),
      }),
      { parameters: { name: { type: 'string', defaultValue: '' } }, variables: { quote: "'" } },
      [OPEN],
    ],
    ['lists names, which are no secrets', workflowOf({ Get: withPath('/secrets') }), location, []],
    [
      'calls a vault whose host is put together',
      workflowOf({
        Get: {
          type: 'Http',
          inputs: {
            method: 'GET',
            uri: "[concat('https://', parameters('vault'), '.vault.azure.net/secrets/key?api-version=7.4')]",
            authentication: { type: 'ManagedServiceIdentity', audience: 'https://vault.azure.net' },
          },
        },
      }),
      { parameters: { vault: { type: 'string' } } },
      [OPEN],
    ],
    [
      'goes through a connection of another API that is called keyvault',
      workflowOf(
        { Get: getSecret() },
        {
          properties: {
            definition: definitionOf({ Get: getSecret() }),
            parameters: {
              $connections: {
                value: {
                  keyvault: {
                    connectionId: "[resourceId('Microsoft.Web/connections', 'mine')]",
                    id: "[resourceId('Microsoft.Web/customApis', 'keyvault')]",
                  },
                },
              },
            },
          },
        },
      ),
      {},
      [],
    ],
    [
      'has no identity',
      { ...workflowOf({ Get: getSecret('k', hidden('outputs')) }), identity: null },
      location,
      ['workflow-managed-identity /resources/0/identity +'],
    ],
    [
      'declares secure parameters and starts when it is written, which does not matter to a file',
      workflowOf(
        { Get: getSecret() },
        {
          properties: {
            ...(workflowOf({}).properties as JsonObject),
            definition: definitionOf(
              { Get: getSecret() },
              {
                parameters: { $connections: { type: 'Object' }, other: { type: 'SecureString' } },
                triggers: { daily: { type: 'Recurrence', recurrence: { frequency: 'Day', interval: 1 } } },
              },
            ),
          },
        },
      ),
      location,
      [OPEN],
    ],
    [
      'has tracked properties, with which Azure does not save it',
      workflowOf({ Get: getSecret('k', { trackedProperties: { a: 'b' } }) }),
      location,
      [`workflow-secure-outputs ${ACTIONS}/Get/${AT}`],
    ],
    [
      'has what it hides from a variable',
      workflowOf({
        Get: getSecret('k', { runtimeConfiguration: { secureData: { properties: "[variables('hide')]" } } }),
      }),
      { ...location, variables: { hide: ['inputs'] } },
      ['workflow-secure-outputs /variables/hide +'],
    ],
    [
      'has what it hides from the deployment',
      workflowOf({
        Get: getSecret('k', { runtimeConfiguration: { secureData: { properties: "[parameters('hide')]" } } }),
      }),
      { parameters: { hide: { type: 'array' } } },
      [`workflow-secure-outputs ${ACTIONS}/Get/${AT} ?`],
    ],
    [
      'has its whole definition in a variable',
      workflowOf(
        {},
        {
          properties: {
            ...(workflowOf({}).properties as JsonObject),
            definition: "[variables('definition')]",
          },
        },
      ),
      { ...location, variables: { definition: definitionOf({ Get: getSecret() }) } },
      [`workflow-secure-outputs /variables/definition/actions/Get/${AT} +`],
    ],
    [
      'writes a key down',
      workflowOf({ Call: http('AccountKey=' + 'a1B2'.repeat(21) + 'cd==', { runAfter: {} }) }),
      location,
      [`workflow-plaintext-secrets ${ACTIONS}/Call/inputs/headers/x-key`],
    ],
    [
      'is given the keys of a storage account in plain text',
      workflowOf({ Call: http("[listKeys(variables('id'), '2023-01-01').keys[0].value]", { runAfter: {} }) }),
      { ...location, variables: { id: 'x' } },
      [`workflow-plaintext-secrets ${ACTIONS}/Call/inputs/headers/x-key`],
    ],
    [
      'is given a secure parameter in plain text',
      workflowOf({ Call: http("[concat('Bearer ', parameters('token'))]", { runAfter: {} }) }),
      { parameters: { token: { type: 'securestring' } } },
      [`workflow-plaintext-secrets ${ACTIONS}/Call/inputs/headers/x-key`],
    ],
    [
      'has a credential from a parameter that is not secure',
      workflowOf({
        Call: http('x', {
          runAfter: {},
          inputs: {
            method: 'GET',
            uri: 'https://api.example.com',
            authentication: { type: 'Basic', username: 'u', password: "[parameters('pw')]" },
          },
        }),
      }),
      { parameters: { pw: { type: 'string' } } },
      [`workflow-plaintext-secrets ${ACTIONS}/Call/inputs/authentication/password ?`],
    ],
    [
      'has a credential from a default, where it is told once',
      workflowOf({
        A: http("[parameters('apiKey')]", { runAfter: {} }),
        B: http("[parameters('apiKey')]", { runAfter: {} }),
      }),
      { parameters: { apiKey: { type: 'string', defaultValue: 'AIzaSyD4x8Qw2Er6Ty9Ui1Op3As5Df7Gh0Jk2Lz' } } },
      ['workflow-plaintext-secrets /parameters/apiKey/defaultValue'],
    ],
  ];

  test.each(rows)('%s', (_, workflow, more, expected) => {
    expect(told(templateOf([workflow], more))).toEqual(expected);
  });

  it('is given a secure parameter in a secure parameter of its own, and nothing is said', () => {
    const properties = workflowOf({}).properties as JsonObject;
    const definition = definitionOf({}, { parameters: { token: { type: 'SecureString' } } });
    const workflow = workflowOf(
      {},
      {
        properties: { ...properties, definition, parameters: { token: { value: "[parameters('token')]" } } },
      },
    );
    expect(told(templateOf([workflow], { parameters: { token: { type: 'securestring' } } }))).toEqual([]);
  });

  it('is followed into the workflow that it calls', () => {
    const child = workflowOf(
      {
        Get: getSecret('k', hidden('outputs')),
        Answer: {
          type: 'Response',
          kind: 'Http',
          runAfter: {},
          inputs: { statusCode: 200, body: "@body('Get')" },
          ...hidden('inputs'),
        },
      },
      { name: "[parameters('child')]" },
    );
    const caller = workflowOf({
      Ask: {
        type: 'Workflow',
        runAfter: {},
        inputs: {
          host: {
            triggerName: 'manual',
            workflow: { id: "[resourceId('Microsoft.Logic/workflows', parameters('child'))]" },
          },
        },
      },
    });
    expect(told(templateOf([child, caller], { parameters: { child: { type: 'string' } } }))).toEqual([
      'workflow-secret-flow /resources/0/properties/definition/actions/Answer',
      `workflow-secret-flow /resources/1/properties/definition/actions/Ask/${AT} +`,
    ]);
  });

  it('never repeats what is secret', () => {
    const key = 'AIzaSyD4x8Qw2Er6Ty9Ui1Op3As5Df7Gh0Jk2Lz';
    const parameters = {
      p: { type: 'securestring', defaultValue: key },
      q: { type: 'string', defaultValue: key },
    };
    const workflow = workflowOf({
      A: http(key, { runAfter: {} }),
      B: http("[parameters('q')]", { runAfter: {} }),
    });
    const checked = check(templateOf([workflow], { parameters, variables: { k: key } }));
    expect(checked.findings.length).toBeGreaterThan(2);
    expect(JSON.stringify(checked)).not.toContain(key);
  });

  it('is found wherever a template is in a template', () => {
    const inner = (resource: Json): JsonObject => templateOf([resource]);
    const nested = (scope: string | null, resource: Json): JsonObject => ({
      type: 'Microsoft.Resources/deployments',
      apiVersion: '2022-09-01',
      name: 'inner',
      properties: {
        mode: 'Incremental',
        ...(scope === null ? {} : { expressionEvaluationOptions: { scope } }),
        template: inner(resource),
      },
    });
    const escaped = workflowOf({ Get: withPath("[[concat('/secrets/', variables('x'), '/value')]") });
    const content = {
      type: 'Microsoft.OperationalInsights/workspaces/providers/contentTemplates',
      name: 'c',
      properties: { mainTemplate: inner(escaped) },
    };
    const resources = {
      one: nested(null, workflowOf({ Get: getSecret() })),
      two: nested('inner', workflowOf({ Get: getSecret() })),
      three: content,
    };
    const at = (path: string): string =>
      `workflow-secure-outputs /resources/${path}/resources/0/properties/definition/actions/Get/${AT} +`;
    expect(told(templateOf(resources, { languageVersion: '2.0' }))).toEqual([
      at('one/properties/template'),
      at('two/properties/template'),
      at('three/properties/mainTemplate'),
    ]);
  });

  it('takes the parameters that an inner deployment is given', () => {
    const template = templateOf([workflowOf({ Call: http("[parameters('k')]", { runAfter: {} }) })], {
      parameters: { k: { type: 'string' } },
    });
    const inner = {
      type: 'Microsoft.Resources/deployments',
      name: 'inner',
      properties: {
        expressionEvaluationOptions: { scope: 'Inner' },
        parameters: { k: { value: "[variables('key')]" } },
        template,
      },
    };
    const variables = { key: 'AIzaSyD4x8Qw2Er6Ty9Ui1Op3As5Df7Gh0Jk2Lz' };
    expect(told(templateOf([inner], { variables }))).toEqual(['workflow-plaintext-secrets /variables/key']);
  });
});

describe('a Key Vault connection in a template', () => {
  const connection = (properties: JsonObject): JsonObject => ({
    type: 'Microsoft.Web/connections',
    apiVersion: '2016-06-01',
    name: 'kv-connection',
    properties: { api: { id: KEY_VAULT_API }, ...properties },
  });
  test.each([
    [
      'signs in with the identity',
      { parameterValueType: 'Alternative', alternativeParameterValues: { vaultName: 'kv' } },
      [],
    ],
    [
      'signs in with the identity, by a value set',
      { parameterValueSet: { name: 'oauthMI', values: { vaultName: { value: 'kv' } } } },
      [],
    ],
    [
      'says nothing, so that somebody has to sign in',
      { displayName: 'kv' },
      ['connection-managed-identity /resources/0/properties'],
    ],
    [
      'signs in with the secret of an app',
      { parameterValues: { 'token:clientId': 'a', 'token:clientSecret': "[parameters('s')]" } },
      ['connection-managed-identity /resources/0/properties'],
    ],
    [
      'signs in as the deployment says',
      { parameterValueType: "[parameters('how')]" },
      ['connection-managed-identity /resources/0/properties ?'],
    ],
    [
      'is of another API',
      {
        api: {
          id: "[concat(subscription().id, '/providers/Microsoft.Web/locations/westeurope/managedApis/office365')]",
        },
      },
      [],
    ],
  ] as const)('%s', (_, properties, expected) => {
    expect(
      told(
        templateOf([connection(properties)], {
          parameters: { s: { type: 'securestring' }, how: { type: 'string' } },
        }),
      ),
    ).toEqual(expected);
  });
});

const builtIn = (operationId: string): JsonObject => ({
  type: 'ServiceProvider',
  inputs: {
    parameters: { secretName: 'k' },
    serviceProviderConfiguration: {
      connectionName: 'keyVault',
      operationId,
      serviceProviderId: '/serviceProviders/keyVault',
    },
  },
});

describe('a workflow by itself', () => {
  const definition = definitionOf({ Get: getSecret() });
  const $connections = {
    value: {
      keyvault: {
        connectionId: 'x',
        id: '/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault',
      },
    },
  };
  const rule = 'workflow-secure-outputs';
  const rows: readonly (readonly [string, Json, readonly string[]])[] = [
    [
      'as ARM gives it back',
      {
        id: '/x',
        type: 'Microsoft.Logic/workflows',
        name: 'w',
        identity: { type: 'SystemAssigned' },
        properties: { definition, parameters: { $connections } },
      },
      [`${rule} /properties/definition/actions/Get/${AT} +`],
    ],
    [
      'as ARM gives it back, without an identity',
      {
        id: '/x',
        type: 'Microsoft.Logic/workflows',
        name: 'w',
        properties: { definition, parameters: { $connections } },
      },
      [`${rule} /properties/definition/actions/Get/${AT} +`, 'workflow-managed-identity /identity +'],
    ],
    [
      'in a list',
      {
        value: [
          {
            type: 'Microsoft.Logic/workflows',
            name: 'w',
            identity: { type: 'SystemAssigned' },
            properties: { definition },
          },
        ],
      },
      [`${rule} /value/0/properties/definition/actions/Get/${AT} +`],
    ],
    [
      'as its code view shows it',
      { definition, parameters: { $connections } },
      [`${rule} /definition/actions/Get/${AT} +`],
    ],
    [
      'as workflow.json of Logic Apps Standard',
      { definition, kind: 'Stateful' },
      [`${rule} /definition/actions/Get/${AT} +`],
    ],
    [
      'as workflow.json, by a connection of connections.json',
      {
        definition: definitionOf({
          Get: {
            type: 'ApiConnection',
            inputs: {
              method: 'get',
              path: "/secrets/@{encodeURIComponent('k')}/value",
              host: { connection: { referenceName: 'keyvault' } },
            },
          },
        }),
        kind: 'Stateful',
      },
      [`${rule} /definition/actions/Get/${AT} +`],
    ],
    [
      'as workflow.json, by the built-in connector',
      {
        definition: definitionOf({
          Get: builtIn('getSecret'),
          Decrypt: builtIn('decryptDataWithKey'),
          Describe: builtIn('getSecretMetadata'),
        }),
        kind: 'Stateless',
      },
      [`${rule} /definition/actions/Get/${AT} +`, `${rule} /definition/actions/Decrypt/${AT} +`],
    ],
    ['as a definition', definition, [`${rule} /actions/Get/${AT} +`]],
  ];
  test.each(rows)('%s', (_, value, expected) => {
    expect(told(value)).toEqual(expected);
  });

  it('has no expressions of a template in it', () => {
    const text = "[listKeys('x', 'y')]";
    expect(told(definitionOf({ Call: http(text, { runAfter: {} }) }))).toEqual([]);
  });
});
