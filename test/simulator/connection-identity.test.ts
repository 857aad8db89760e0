import { beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../simulator/actor.js';
import { Azure } from '../../simulator/azure.js';
import { refused } from './refused.js';
import { CONNECTION_ID, connectionBody, GROUP, SUBSCRIPTION, WORKFLOW_ID, workflowBody } from './samples.js';

const alternative = {
  parameterValueType: 'Alternative',
  alternativeParameterValues: { vaultName: 'kv-one' },
};
const valueSet = { parameterValueSet: { name: 'oauthMI', values: { vaultName: { value: 'kv-one' } } } };
const credentials = { parameterValues: { vaultName: 'kv-one', 'token:clientSecret': 'hush' } };
const IDENTITY_ID = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/reader`;
const authentication = { type: 'ManagedServiceIdentity' };

let azure: Azure;
let actor: Actor;
beforeEach(() => {
  azure = new Azure(() => 'https://arm.example');
  azure.addResourceGroup(SUBSCRIPTION, 'rg');
  actor = azure.as('alice@contoso.com');
});

const put = (properties: object, id = CONNECTION_ID): Promise<{ body: string }> =>
  actor.put(id, connectionBody(properties));

async function statusOf(id = CONNECTION_ID): Promise<unknown> {
  const { properties } = JSON.parse(await actor.get(id)) as {
    properties: { statuses: { status: string }[] };
  };
  return properties.statuses[0]?.status;
}

describe('a connection', () => {
  it.each<[string, object, string]>([
    ['with the alternative is ready', alternative, 'Ready'],
    ['with a value set for a managed identity is ready', valueSet, 'Ready'],
    [
      'with the other name of such a set is ready',
      { parameterValueSet: { name: 'managedIdentityAuth', values: {} } },
      'Ready',
    ],
    [
      'with a set for somebody to sign in waits for them',
      { parameterValueSet: { name: 'oauthDefault', values: {} } },
      'Error',
    ],
    [
      'with a set that has a secret is connected',
      { parameterValueSet: { name: 'oauthSP', values: { 'token:clientSecret': { value: 'hush' } } } },
      'Connected',
    ],
    ['with credentials is connected', credentials, 'Connected'],
    ['with nothing waits for somebody', {}, 'Error'],
    [
      'with an empty set beside the alternative is ready, as it is exported',
      { ...alternative, parameterValueSet: {} },
      'Ready',
    ],
  ])('%s', async (_name, properties, status) => {
    await put(properties);
    expect(await statusOf()).toBe(status);
    expect(JSON.parse(await actor.get(CONNECTION_ID))).toMatchObject({ kind: 'V1' });
  });

  it.each<[string, object]>([
    ['the alternative and a set', { ...alternative, ...valueSet }],
    ['the alternative and credentials', { ...alternative, ...credentials }],
    ['a set and credentials', { ...valueSet, ...credentials }],
  ])('is refused with %s', async (_name, properties) => {
    expect(await refused(put(properties))).toBe('400 BadRequest');
    await put({});
    expect(await refused(actor.patch(CONNECTION_ID, { properties }))).toBe('400 BadRequest');
  });

  it('keeps the kind that it is given', async () => {
    await actor.put(CONNECTION_ID, { ...connectionBody(), kind: 'V2' });
    expect(JSON.parse(await actor.get(CONNECTION_ID))).toMatchObject({ kind: 'V2' });
  });

  it.each([
    ['lost', 'Error'],
    ['kept', 'Connected'],
  ] as const)(
    'that somebody has signed in to: in a PUT of what a GET gave their consent is %s',
    async (setting, after) => {
      azure.switches.set({ connectionConsentOnPut: setting });
      await put({});
      azure.signIn(CONNECTION_ID, 'bob@contoso.com');
      expect(await statusOf()).toBe('Connected');
      const shown = await actor.get(CONNECTION_ID);
      expect(JSON.parse(shown)).toMatchObject({
        properties: { authenticatedUser: { name: 'bob@contoso.com' } },
      });
      await actor.patch(CONNECTION_ID, { tags: { a: 'b' } });
      expect(await statusOf()).toBe('Connected');
      await actor.put(CONNECTION_ID, shown);
      expect(await statusOf()).toBe(after);
      expect(azure.connectionPrincipal(CONNECTION_ID)?.name).toBe(
        setting === 'kept' ? 'bob@contoso.com' : undefined,
      );
    },
  );

  it('that there is not cannot be signed in to', () => {
    expect(() => {
      azure.signIn(CONNECTION_ID, 'bob@contoso.com');
    }).toThrow(RangeError);
  });
});

describe('saving a workflow', () => {
  const save = (
    used: object | null,
    identity: object | undefined = { type: 'SystemAssigned' },
  ): Promise<unknown> => {
    const reference = {
      connectionId: CONNECTION_ID,
      ...(used === null ? {} : { connectionProperties: { authentication: used } }),
    };
    const parameters = { $connections: { value: { keyvault: reference } } };
    const definition = { parameters: { $connections: { type: 'Object', defaultValue: {} } } };
    return actor.put(WORKFLOW_ID, { ...workflowBody(definition, { parameters }), identity });
  };
  const INVALID = '400 WorkflowManagedIdentityConfigurationInvalid';

  it.each<[string, object, object | null, string]>([
    ['an identity connection with authentication', alternative, authentication, 'not refused'],
    ['an identity connection without', alternative, null, INVALID],
    ['a value set without', valueSet, null, INVALID],
    ['another authentication', valueSet, { type: 'Raw' }, INVALID],
    ['credentials with authentication', credentials, authentication, INVALID],
    ['credentials without', credentials, null, 'not refused'],
  ])('with %s', async (_name, connection, used, expected) => {
    await put(connection);
    expect(await refused(save(used))).toBe(expected);
    azure.switches.set({ connectionAuthenticationOnSave: 'unchecked' });
    expect(await refused(save(used))).toBe('not refused');
  });

  it('with a connection that there is not says nothing of its identity', async () => {
    expect(await refused(save(null))).toBe('not refused');
  });

  it.each<[string, object, object | undefined, string]>([
    ['its own, which it has', authentication, { type: 'SystemAssigned' }, 'not refused'],
    ['its own, which it has not', authentication, undefined, '400 InvalidWorkflowManagedIdentitySpecified'],
    [
      'one that it has',
      { ...authentication, identity: IDENTITY_ID },
      { type: 'UserAssigned', userAssignedIdentities: { [IDENTITY_ID]: {} } },
      'not refused',
    ],
    [
      'one that it has not',
      { ...authentication, identity: IDENTITY_ID },
      { type: 'SystemAssigned' },
      '400 InvalidWorkflowManagedIdentitySpecified',
    ],
  ])('that uses the identity: %s', async (_name, used, identity, expected) => {
    await put(alternative);
    expect(await refused(save(used, identity ?? { type: 'None' }))).toBe('not refused');
    azure.switches.set({ workflowIdentityMissingOnSave: 'reject' });
    expect(await refused(save(used, identity ?? { type: 'None' }))).toBe(expected);
  });

  it('is checked by validate as well', async () => {
    await put(alternative);
    const parameters = { $connections: { value: { keyvault: { connectionId: CONNECTION_ID } } } };
    const definition = { parameters: { $connections: { type: 'Object', defaultValue: {} } } };
    const body = workflowBody(definition, { parameters });
    expect(await refused(actor.post(`${WORKFLOW_ID}/validate`, body))).toBe(INVALID);
  });
});
