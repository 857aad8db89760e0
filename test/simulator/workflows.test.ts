import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Azure } from '../../simulator/azure.js';
import { manualClock } from '../../simulator/clock.js';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { call, type Reply } from './arm-client.js';
import { CONNECTION_ID, GROUP, SUBSCRIPTION, TENANT, workflowBody } from './samples.js';

let simulator: Simulator;
let id = '';
let count = 0;

beforeAll(async () => {
  simulator = await startSimulator();
  simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg');
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.azure.switches.reset();
  count += 1;
  id = `${GROUP}/providers/Microsoft.Logic/workflows/la-${count}`;
});

const put = (body: unknown = workflowBody(), headers = {}): Promise<Reply> =>
  call(simulator, 'PUT', id, { body, headers });
const get = (): Promise<Reply> => call(simulator, 'GET', id);

function propertiesOf(reply: Reply): Record<string, unknown> {
  return (reply.json as { properties: Record<string, unknown> }).properties;
}

const IDENTITY = { type: 'SystemAssigned' };
const secure = (value?: unknown): object =>
  workflowBody(
    { parameters: { token: { type: 'SecureString' } } },
    { parameters: value === undefined ? {} : { token: { value } } },
  );

describe('the text of a definition', () => {
  const definition =
    '{ "$schema" : "s",\n  "contentVersion":"1.0.0.0", "triggers": {},' +
    ' "actions": {"A": {"type":"Compose","inputs":{"big":12345678901234567890,"one":1.0,"e":1e2,"u":"\\u0041\\/","z":1,"a":2}}} ,"outputs":{}}';
  const parameters = '{"p" : {"value":[1.0,  2.50]}}';
  const declared = definition.replace('"triggers"', '"parameters":{"p":{"type":"Array"}}, "triggers"');
  const control = '{"triggers":{"sasAuthenticationPolicy":{"state":"Disabled"}},"n":1.0}';
  const body = `{"location":"westeurope","properties":{"definition":${declared},"parameters":${parameters},"accessControl":${control},"novelty":{"x":1.0}},"kind":"Stateful"}`;

  it('comes out as it went in, and so do parameters and what nobody knows', async () => {
    await put(body);
    const { text } = await get();
    for (const part of [declared, parameters, control, '"novelty":{"x":1.0}', '"kind":"Stateful"']) {
      expect(text).toContain(part);
    }
  });

  it('stays the same through a PUT of what a GET gave', async () => {
    await put(body);
    const first = await get();
    await put(first.text);
    const second = await get();
    const withoutTimes = (text: string): string =>
      text.replace(/"changedTime":"[^"]*"/, '').replace(/"version":"[^"]*"/, '');
    expect(withoutTimes(second.text)).toBe(withoutTimes(first.text));
    expect(second.text).not.toBe(first.text);
  });
});

describe('what the service sets', () => {
  it('is there, and is not taken from a PUT', async () => {
    const created = await put();
    expect(created.status).toBe(201);
    const read = propertiesOf(created);
    const echoed = {
      ...(created.json as object),
      properties: {
        ...read,
        version: '1',
        createdTime: '2000-01-01',
        sku: { name: 'Premium' },
        endpointsConfiguration: {},
      },
    };
    const replaced = propertiesOf(await put(echoed));
    expect(replaced).toMatchObject({
      provisioningState: 'Succeeded',
      state: 'Enabled',
      createdTime: read.createdTime,
      sku: { name: 'NotSpecified' },
      accessEndpoint: read.accessEndpoint,
      endpointsConfiguration: read.endpointsConfiguration,
    });
    expect(String(replaced.version)).toMatch(/^\d{20}$/);
    expect(String(replaced.version) < String(read.version)).toBe(true);
  });

  it('never is the same version twice, also where the workflow was deleted in between', async () => {
    const azure = new Azure(() => 'https://arm.example', { clock: manualClock() });
    azure.addResourceGroup(SUBSCRIPTION, 'rg');
    const alice = azure.as('alice@contoso.com');
    const versions: string[] = [];
    for (const isDeleted of [false, true, true, false]) {
      if (isDeleted) await alice.delete(id);
      await alice.put(id, workflowBody());
      const { properties } = JSON.parse(azure.read(id) ?? '{}') as { properties: { version: string } };
      versions.push(properties.version);
    }
    expect(versions).toEqual([...new Set(versions)].sort().toReversed());
  });

  it("has the platform's present addresses, of the workflow's region", async () => {
    await put();
    const { azure } = simulator;
    expect(propertiesOf(await get()).endpointsConfiguration).toMatchObject({
      connector: {
        outgoingIpAddresses: [
          { address: '52.174.88.118' },
          { address: '13.69.64.208/28' },
          { address: '13.69.71.192/27' },
        ],
      },
    });
    const mark = azure.journal.mark();
    azure.changeOutboundIps('West Europe', { connector: ['20.1.2.3'] });
    expect(propertiesOf(await get()).endpointsConfiguration).toMatchObject({
      connector: { outgoingIpAddresses: [{ address: '20.1.2.3' }] },
      workflow: {
        outgoingIpAddresses: azure.outboundIps('westeurope').runtime.map((address) => ({ address })),
      },
    });
    expect(azure.journal.changes({ since: mark })).toEqual([]);
  });
});

describe('a PUT replaces', () => {
  it('access control and parameters, when it does not name them', async () => {
    const parameters = { p: { value: 1 } };
    const accessControl = { triggers: { sasAuthenticationPolicy: { state: 'Disabled' } } };
    await put(workflowBody({ parameters: { p: { type: 'Int' } } }, { parameters, accessControl }));
    const after = propertiesOf(await put());
    expect(after).not.toHaveProperty('accessControl');
    expect(after.parameters).toEqual({});
  });

  it.each([
    ['enable', 'Enabled'],
    ['keep', 'Disabled'],
  ] as const)('the state, when it does not name it: %s', async (stateOmitted, state) => {
    simulator.azure.switches.set({ stateOmitted });
    await put(workflowBody({}, { state: 'Disabled' }));
    expect(propertiesOf(await put()).state).toBe(state);
  });

  it.each([
    ['remove', undefined],
    ['keep', 'SystemAssigned'],
  ] as const)('the identity, when it does not name it: %s', async (identityOmitted, type) => {
    simulator.azure.switches.set({ identityOmitted });
    const created = await put({ ...workflowBody(), identity: IDENTITY });
    expect(created.json).toMatchObject({ identity: { type: 'SystemAssigned', tenantId: TENANT } });
    const { identity } = (await put()).json as { identity?: { type: string } };
    expect(identity?.type).toBe(type);
  });

  it('not without the integration account, where there is one', async () => {
    const account = `${GROUP}/providers/Microsoft.Logic/integrationAccounts/ia`;
    const created = await put(workflowBody({}, { integrationAccount: { id: account } }));
    expect(propertiesOf(created).integrationAccount).toEqual({
      id: account,
      name: 'ia',
      type: 'Microsoft.Logic/integrationAccounts',
    });
    expect((await put()).status).toBe(400);
    expect((await put(created.text)).status).toBe(200);
  });
});

describe('what is refused', () => {
  const actions = (action: object): object => workflowBody({ actions: { Act: action } });
  const tracked = {
    type: 'Http',
    trackedProperties: { x: '@action().outputs.body' },
    runtimeConfiguration: { secureData: { properties: ['outputs'] } },
  };
  const nested = (depth: number): object =>
    depth === 1 ? { type: 'Wait' } : { type: 'Scope', actions: { [`D${depth}`]: nested(depth - 1) } };
  const many = (n: number): object =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`A${i}`, { type: 'Wait' }]));
  const declared = (n: number): object =>
    Object.fromEntries(Array.from({ length: n }, (_, i) => [`p${i}`, { type: 'Int', defaultValue: 1 }]));

  it.each([
    ['no location', { properties: {} }, 'LocationRequired'],
    ['no properties', { location: 'westeurope' }, 'InvalidRequestContent'],
    ['no definition', { location: 'westeurope', properties: {} }, 'InvalidTemplate'],
    ['an unknown state', workflowBody({}, { state: 'Sleeping' }), 'InvalidRequestContent'],
    ['an action without a type', actions({ inputs: {} }), 'InvalidTemplate'],
    ['runAfter of nobody', actions({ type: 'Wait', runAfter: { Nobody: ['Succeeded'] } }), 'InvalidTemplate'],
    ['a long name', workflowBody({ actions: { ['x'.repeat(81)]: { type: 'Wait' } } }), 'InvalidTemplate'],
    [
      'a long expression',
      actions({ type: 'Compose', inputs: `@concat('${'x'.repeat(8200)}')` }),
      'InvalidTemplate',
    ],
    ['nine levels', actions(nested(9)), 'InvalidTemplate'],
    ['501 actions', workflowBody({ actions: many(501) }), 'InvalidTemplate'],
    ['51 parameters', workflowBody({ parameters: declared(51) }), 'InvalidTemplate'],
    ['tracked properties beside secure data', actions(tracked), 'InvalidTemplate'],
    [
      'a value of another type',
      workflowBody({ parameters: { p: { type: 'Int' } } }, { parameters: { p: { value: 'x' } } }),
      'InvalidTemplate',
    ],
    ['a value nobody declared', workflowBody({}, { parameters: { p: { value: 1 } } }), 'InvalidTemplate'],
    [
      'a parameter that is no object',
      workflowBody({ parameters: { p: { type: 'Int' } } }, { parameters: { p: 1 } }),
      'InvalidRequestContent',
    ],
    ['an unknown identity type', { ...workflowBody(), identity: { type: 'Mine' } }, 'InvalidRequestContent'],
    [
      'no identity where one is assigned',
      { ...workflowBody(), identity: { type: 'UserAssigned' } },
      'MissingIdentityIds',
    ],
    [
      'an identity with content',
      {
        ...workflowBody(),
        identity: { type: 'UserAssigned', userAssignedIdentities: { '/x': { clientId: 'y' } } },
      },
      'InvalidIdentityValues',
    ],
  ])('%s', async (_name, body, code) => {
    const reply = await put(body);
    expect([reply.status, reply.code]).toEqual([400, code]);
    expect((await get()).status).toBe(404);
  });

  it.each([
    [
      'the limits themselves',
      workflowBody({ actions: { ...many(490), Deep: nested(8) }, parameters: declared(50) }),
    ],
    ['secure data without tracked properties', actions({ ...tracked, trackedProperties: undefined })],
    ['literal tracked properties', actions({ ...tracked, trackedProperties: { x: 'y' } })],
  ])('but not %s', async (_name, body) => {
    expect((await put(body)).status).toBe(201);
  });

  it('a missing value, with the words of Azure', async () => {
    const reply = await put(workflowBody({ parameters: { $connections: { type: 'Object' } } }));
    expect(reply.code).toBe('InvalidTemplate');
    expect((reply.json as { error: { message: string } }).error.message).toMatch(
      /^The template validation failed: 'The value for the workflow parameter '\$connections' at line '1' and column '\d+' is not provided\.'\.$/,
    );
  });

  it('an identity may be sent as it came', async () => {
    const identity = { type: 'UserAssigned', userAssignedIdentities: { '/subscriptions/s/uai': {} } };
    const created = await put({ ...workflowBody(), identity });
    expect(created.text).toContain('clientId');
    expect((await put(created.text)).status).toBe(200);
  });

  const steps = [
    ['AppendToArrayVariable', false, false],
    ['AppendToStringVariable', false, false],
    ['DecrementVariable', false, false],
    ['Foreach', false, false],
    ['If', false, false],
    ['IncrementVariable', false, false],
    ['InitializeVariable', false, false],
    ['Scope', false, false],
    ['SetVariable', false, false],
    ['Switch', false, false],
    ['Terminate', false, false],
    ['Until', false, false],
    ['Compose', true, false],
    ['ParseJson', true, false],
    ['Response', true, false],
    ['Wait', true, false],
    ['Http', true, true],
    ['ApiConnection', true, true],
    ['Function', true, true],
    ['Workflow', true, true],
    ['Query', true, true],
    ['Select', true, true],
    ['Join', true, true],
    ['Table', true, true],
  ] as const;

  it.each(steps)('secure data of %s: inputs %s, outputs %s', async (type, inputs, outputs) => {
    const secured = (part: string): object =>
      actions({ type, runtimeConfiguration: { secureData: { properties: [part] } } });
    expect((await put(secured('inputs'))).status < 300).toBe(inputs);
    expect((await put(secured('outputs'))).status < 300).toBe(outputs);
    simulator.azure.switches.set({ secureDataOnUnsupported: 'accept' });
    expect((await put(secured('outputs'))).status < 300).toBe(true);
  });

  it.each([
    ['else', { type: 'If', actions: {}, else: { actions: { In: {} } } }],
    ['a case', { type: 'Switch', cases: { One: { actions: { In: {} } } } }],
    ['the default', { type: 'Switch', cases: {}, default: { actions: { In: {} } } }],
    ['a loop', { type: 'Foreach', actions: { In: {} } }],
  ])('something wrong inside %s is found', async (_name, action) => {
    expect((await put(actions(action))).text).toContain("template action 'In'");
  });
});

describe('secure parameters', () => {
  it('are kept and never shown', async () => {
    await put(secure('hush'));
    const { text } = await get();
    const list = await call(simulator, 'GET', `${GROUP}/providers/Microsoft.Logic/workflows`);
    const versions = await call(simulator, 'GET', `${id}/versions`);
    for (const shown of [text, list.text, versions.text]) expect(shown).not.toContain('hush');
    expect(text).toContain('"parameters":{"token":{}}');
    expect(simulator.azure.secretOf(id, 'token')).toBe('"hush"');
    expect(simulator.azure.journal.changes({ resourceId: id }).at(-1)?.after).not.toContain('hush');
    simulator.azure.switches.set({ secureParameterOnGet: 'absent' });
    expect((await get()).text).toContain('"parameters":{}');
  });

  it.each([
    ['reject', 400, '"hush"'],
    ['preserve', 200, '"hush"'],
    ['wipe', 200, undefined],
  ] as const)('left out of a PUT: %s', async (secureValueOmitted, status, left) => {
    await put(secure('hush'));
    simulator.azure.switches.set({ secureValueOmitted });
    const shown = await get();
    expect((await put(shown.text)).status).toBe(status);
    expect(simulator.azure.secretOf(id, 'token')).toBe(left);
  });

  it('cannot be preserved where there is none yet', async () => {
    simulator.azure.switches.set({ secureValueOmitted: 'preserve' });
    expect((await put(secure())).code).toBe('InvalidTemplate');
  });
});

describe('a recurrence', () => {
  const recurrence = (startTime?: string): object => ({
    triggers: { Every: { type: 'Recurrence', recurrence: { frequency: 'Day', interval: 1, startTime } } },
  });

  it.each([
    ['without a start time runs with every PUT', workflowBody(recurrence()), 2],
    ['with one does not', workflowBody(recurrence('2030-01-01T00:00:00Z')), 0],
    ['of a disabled workflow does not', workflowBody(recurrence(), { state: 'Disabled' }), 0],
  ])('%s', async (_name, body, runs) => {
    const mark = simulator.azure.journal.mark();
    await put(body);
    await put(body);
    expect(simulator.azure.journal.runs(mark).map(({ workflowId }) => workflowId)).toEqual(
      Array.from({ length: runs }, () => id),
    );
  });
});

describe('If-Match', () => {
  it('is passed over', async () => {
    await put();
    expect((await put(workflowBody(), { 'if-match': '"old"' })).status).toBe(200);
    expect((await get()).headers.etag).toBeUndefined();
  });

  it('or honoured, with an ETag to match', async () => {
    simulator.azure.switches.set({ ifMatch: 'honoured' });
    expect((await put(workflowBody(), { 'if-match': '*' })).status).toBe(412);
    await put();
    const etag = String((await get()).headers.etag);
    expect((await put(workflowBody(), { 'if-match': '*' })).status).toBe(200);
    expect((await put(workflowBody(), { 'if-match': etag })).status).toBe(412);
  });
});

describe('what is done with a workflow', () => {
  it('PATCH changes nothing, with or without a body', async () => {
    const created = await put();
    const mark = simulator.azure.journal.mark();
    expect((await call(simulator, 'PATCH', id)).status).toBe(200);
    const body = { tags: { a: 'b' }, properties: { state: 'Disabled' } };
    expect((await call(simulator, 'PATCH', id, { body })).text).toBe(created.text);
    expect(simulator.azure.journal.changes({ since: mark })).toEqual([]);
  });

  it('it is disabled and enabled', async () => {
    const created = propertiesOf(await put());
    expect((await call(simulator, 'POST', `${id}/disable`)).status).toBe(200);
    expect(propertiesOf(await get())).toMatchObject({ state: 'Disabled', version: created.version });
    await call(simulator, 'POST', `${id}/enable`);
    expect(propertiesOf(await get()).state).toBe('Enabled');
    expect((await call(simulator, 'GET', `${id}/enable`)).status).toBe(405);
    expect((await call(simulator, 'POST', `${id}/explode`)).status).toBe(404);
  });

  it('its versions are kept, newest first, each with its definition', async () => {
    await put(workflowBody({ actions: { First: { type: 'Wait' } } }));
    await put(workflowBody({ actions: { Second: { type: 'Wait' } } }));
    await call(simulator, 'POST', `${id}/disable`);
    const list = (await call(simulator, 'GET', `${id}/versions`)).json as {
      value: { id: string; name: string; properties: { definition: { actions: object }; version: string } }[];
    };
    expect(list.value.map(({ properties }) => Object.keys(properties.definition.actions))).toEqual([
      ['Second'],
      ['First'],
    ]);
    const [newest, oldest] = list.value;
    expect(newest?.properties.version).toBe(propertiesOf(await get()).version);
    expect(oldest?.id).toBe(`${id}/versions/${oldest?.name ?? ''}`);
    const one = await call(simulator, 'GET', oldest?.id ?? '');
    expect(one.json).toEqual(oldest);
    expect((await call(simulator, 'GET', `${id}/versions?$top=1`)).json).toEqual({ value: [newest] });
    expect((await call(simulator, 'GET', `${id}/versions/1`)).code).toBe('WorkflowVersionNotFound');
  });

  it('it can be checked without being saved, also by its location', async () => {
    const wrong = { body: workflowBody({ actions: { A: {} } }) };
    const paths = [
      `${id}/validate`,
      id.replace('/workflows/', '/locations/westeurope/workflows/') + '/validate',
    ];
    for (const path of paths) {
      const versioned = `${path}?api-version=2019-05-01`;
      expect((await call(simulator, 'POST', versioned, { body: workflowBody() })).status).toBe(200);
      expect((await call(simulator, 'POST', versioned, wrong)).code).toBe('InvalidTemplate');
    }
    expect((await get()).status).toBe(404);
  });

  it('it is deleted once', async () => {
    await put();
    expect((await call(simulator, 'DELETE', id)).status).toBe(200);
    expect((await call(simulator, 'DELETE', id)).status).toBe(204);
    expect((await get()).status).toBe(404);
  });

  it('its connections need a permission to join', async () => {
    const { azure } = simulator;
    const connections = { 'keyvault-1': { connectionId: CONNECTION_ID } };
    const body = workflowBody(
      { parameters: { $connections: { type: 'Object' } } },
      { parameters: { $connections: { value: connections } } },
    );
    const actions = ['Microsoft.Logic/workflows/*'];
    azure.permissions.restrict(azure.as('clerk').principal.objectId, [{ actions, scope: GROUP }]);
    const token = azure.tokenFor('clerk');
    const refused = await call(simulator, 'PUT', id, { body, token });
    expect(refused.code).toBe('LinkedAuthorizationFailed');
    expect(refused.text).toContain('Microsoft.Web/connections/join/action');
    await put(body);
    expect((await call(simulator, 'PUT', id, { body, token })).status).toBe(200);
  });

  it('tags make no version', async () => {
    await put();
    const tags = `${id}/providers/Microsoft.Resources/tags/default`;
    await call(simulator, 'PUT', tags, { body: { properties: { tags: { a: 'b' } } } });
    expect((await get()).json).toMatchObject({ tags: { a: 'b' } });
    const { value } = (await call(simulator, 'GET', `${id}/versions`)).json as { value: unknown[] };
    expect(value).toHaveLength(1);
  });
});
