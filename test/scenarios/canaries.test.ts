import { createHash, randomUUID } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { fetchRecords } from '../../demo/audit-client.js';
import { getSecret, OPEN, playbook, vault as vaultDocument } from '../../demo/estate.js';
import type { Azure } from '../../simulator/azure.js';
import type { FaultAction } from '../../simulator/faults.js';
import { fake, FAKE } from '../workflow/plaintext/fake-secrets.js';
import { openFindings } from './open-findings.js';
import {
  ALICE,
  announce,
  BOB,
  connection,
  connectionPath,
  deliver,
  eventually,
  freshName,
  GROUP,
  gridEvent,
  httpGet,
  recordsOf,
  remediate,
  settle,
  startScenario,
  SUBSCRIPTION,
  sweep,
  textNow,
  vaultPath,
  withEvents,
  workflow,
  workflowPath,
  type Scenario,
} from './scenario.js';

/*
 * Secrets wherever one can stand in an estate, every remediator on, and Azure at its worst: no piece of any of them is
 * in anything that Holdfast says or keeps.
 */

vi.setConfig({ testTimeout: 120_000 });

const WORKSPACE = `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/audit`;
const SETTINGS = {
  HOLDFAST_REMEDIATORS: 'vault-deleted=enforce,connection-managed-identity=enforce',
  HOLDFAST_LOG_WORKSPACE: WORKSPACE,
};

let scenario: Scenario;
let azure: Azure;

// ── The secrets ──────────────────────────────────────────────────────────────────────────────────────────────

/** As long as whoever has it could guess the rest. */
const PIECE = 8;
/** By each piece of a secret, in lower case, where the secret was put. */
const pieces = new Map<string, string>();
/** What is no secret in the formats of some: the services' hosts and fields. */
const PUBLIC = [
  'https://prod-12.westeurope.logic.azure.com:443/workflows//triggers/manual/paths/invoke?api-version=2016-10-01&sp=%2ftriggers%2fmanual%2frun&sv=1.0&sig=',
  'https://acct.blob.core.windows.net/c/b.txt?sv=2023-11-03&se=2030-01-01t00%3a00z&sr=b&sp=r&sig=',
  'https://contoso.webhook.office.com/webhookb2/ /incomingwebhook/',
  'https://hooks.slack.com/services/',
  ['-----begin', 'private', 'key-----', '-----end', 'private', 'key-----'].join(' '),
].join(' ');

function planted(where: string, secret: string): string {
  const text = secret.toLowerCase();
  for (let i = 0; i + PIECE <= text.length; i += 1) {
    const piece = text.slice(i, i + PIECE);
    if (!PUBLIC.includes(piece)) pieces.set(piece, where);
  }
  return secret;
}

let count = 0;
/** A secret that looks like nothing but one, different each time. */
function canary(where: string): string {
  count += 1;
  const digest = createHash('sha256').update(`${where} ${count}`).digest('base64');
  return planted(where, digest.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, 24));
}

/** The places whose secrets are in a text, each once. */
function foundIn(text: string): readonly string[] {
  const lower = text.toLowerCase();
  const found = new Set<string>();
  for (let i = 0; i + PIECE <= lower.length; i += 1) {
    const where = pieces.get(lower.slice(i, i + PIECE));
    if (where !== undefined) found.add(where);
  }
  return [...found].sort();
}

// ── The estate ───────────────────────────────────────────────────────────────────────────────────────────────

interface Estate {
  readonly vaults: readonly string[];
  readonly connections: readonly string[];
  readonly workflows: readonly string[];
}

interface Placed {
  readonly id: string;
  readonly location: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Puts more into a resource, past all rules: what Azure has and would no longer take, or gives of its own. */
function place(id: string, change: (document: Placed) => object): void {
  azure.place(JSON.stringify(change(JSON.parse(textNow(azure, id)) as Placed)));
}

/** A definition's actions with a secret in every corner. */
function leakyActions(vault: string): object {
  const http = (inputs: object, more: object = {}): object => ({
    type: 'Http',
    runAfter: {},
    inputs: { method: 'POST', uri: 'https://api.example/', ...inputs },
    ...more,
  });
  const formats = Object.entries(FAKE).map(
    ([name, make]) => [name, planted(`format ${name}`, make())] as const,
  );
  return {
    Get_secret: { ...getSecret('api-token'), description: canary('action description') },
    Get_other: { ...getSecret('other'), metadata: { note: canary('action metadata') } },
    Read: { ...httpGet(vault), runtimeConfiguration: { note: canary('runtimeConfiguration') } },
    Formats: { type: 'Compose', runAfter: {}, inputs: Object.fromEntries(formats) },
    Named: {
      type: 'Compose',
      runAfter: {},
      inputs: {
        [canary('a field’s name')]: 'x',
        [`ghp_${canary('a token as a name').slice(0, 20)}${fake(16)}`]: 1,
      },
    },
    Passwords: {
      type: 'Compose',
      runAfter: {},
      inputs: {
        password: canary('password'),
        clientSecret: canary('clientSecret'),
        nested: [{ 'x-api-key': canary('nested key') }],
        text: `{"password":"${canary('JSON in a text')}"}`,
        xml: `<password>${canary('XML in a text')}</password>`,
        form: `grant_type=password&client_secret=${canary('form in a text')}`,
      },
    },
    Headers: http({
      headers: {
        Authorization: `Bearer ${canary('Authorization header')}`,
        'x-functions-key': canary('function key header'),
        Cookie: `session=${canary('cookie')}`,
      },
    }),
    Query: http({
      uri: `https://api.example/x?code=${canary('code in a query')}&sig=${canary('sig in a query')}`,
      queries: { 'subscription-key': canary('queries') },
    }),
    User: http({ uri: `https://joe:${canary('password in a URI')}@api.example/` }),
    Basic: http({ authentication: { type: 'Basic', username: 'joe', password: canary('Basic') } }),
    OAuth: http({
      authentication: { type: 'ActiveDirectoryOAuth', tenant: 't', clientId: 'c', secret: canary('OAuth') },
    }),
    Certificate: http({
      authentication: { type: 'ClientCertificate', pfx: canary('pfx'), password: canary('pfx password') },
    }),
    Raw: http({ authentication: { type: 'Raw', value: canary('Raw') } }),
    Variable: {
      type: 'InitializeVariable',
      runAfter: {},
      inputs: { variables: [{ name: 'apiKey', type: 'string', value: canary('variable') }] },
    },
    Chain: {
      type: 'Compose',
      runAfter: { Get_secret: ['Succeeded'] },
      inputs: `@concat(body('Get_secret')?['value'], '${canary('literal beside a secret')}')`,
    },
    Use: {
      ...http({ body: "@outputs('Chain')", headers: { 'x-api-key': canary('header beside a secret') } }),
      runAfter: { Chain: ['Succeeded'] },
    },
    Tracked: {
      ...http({ body: "@outputs('Chain')" }),
      runAfter: { Chain: ['Succeeded'] },
      trackedProperties: { key: canary('tracked property'), out: "@outputs('Chain')" },
    },
    Set: {
      type: 'Compose',
      runAfter: {},
      inputs: `@setProperty(json('{}'), 'password', '${canary('setProperty')}')`,
    },
    Broken: {
      type: 'Compose',
      runAfter: {},
      inputs: `@concat('${canary('expression that does not parse')}', body('Get_secret')`,
    },
    Check: {
      type: 'If',
      runAfter: { Get_secret: ['Succeeded'] },
      expression: { and: [{ equals: ["@body('Get_secret')?['value']", canary('condition')] }] },
      actions: {},
    },
    End: {
      type: 'Terminate',
      runAfter: { Chain: ['Succeeded'] },
      inputs: { runStatus: 'Failed', runError: { code: canary('error code'), message: "@outputs('Chain')" } },
    },
    Answer: {
      type: 'Response',
      kind: 'Http',
      runAfter: { Chain: ['Succeeded'] },
      inputs: {
        statusCode: 200,
        headers: { 'Set-Cookie': canary('response header') },
        body: "@outputs('Chain')",
      },
    },
  };
}

const asKept = (document: object, authentication?: object): object => {
  const { properties } = document as {
    properties: {
      parameters: { $connections: { value: Record<string, { connectionProperties?: object }> } };
    };
  };
  for (const entry of Object.values(properties.parameters.$connections.value)) {
    if (authentication === undefined) delete entry.connectionProperties;
    else entry.connectionProperties = { authentication };
  }
  return document;
};

interface Definition {
  readonly properties: {
    readonly definition: { readonly parameters: object };
    readonly parameters: object;
  };
}

/** More of a workflow's definition and parameters. */
function withMore(document: object, definition: object, values: object, declared: object = {}): object {
  const { properties } = document as Definition;
  return {
    ...document,
    properties: {
      ...properties,
      parameters: { ...properties.parameters, ...values },
      definition: {
        ...properties.definition,
        ...definition,
        parameters: { ...properties.definition.parameters, ...declared },
      },
    },
  };
}

const CAREFUL = { enableSoftDelete: true, enableRbacAuthorization: false, networkAcls: OPEN };

/** A connection that signs in with an app's secret. */
function secretConnection(vault: string): object {
  return {
    parameterValueType: null,
    alternativeParameterValues: null,
    customParameterValues: { key: canary('custom parameter') },
    parameterValues: {
      vaultName: vault,
      'token:clientId': 'client',
      'token:clientSecret': canary('client secret of a connection'),
      'token:TenantId': azure.tenantId,
      'token:grantType': 'client_credentials',
    },
  };
}

async function addVaults(): Promise<readonly string[]> {
  const alice = azure.as(ALICE);
  const names = [freshName('kv-policies'), freshName('kv-roles'), freshName('kv-shut')];
  const [policies = '', roles = '', shut = ''] = names;
  const base = CAREFUL;
  await alice.put(vaultPath(policies), vaultDocument(azure, base));
  await alice.put(vaultPath(roles), vaultDocument(azure, { ...base, enableRbacAuthorization: true }));
  await alice.put(vaultPath(shut), vaultDocument(azure, base));
  return names;
}

/**
 * What stands in a vault that nobody documents, and what belongs to it. What Holdfast may have to put back it keeps
 * whole: an access policy that it trims, a firewall that was seen shut. ARM has no place for a secret in these.
 */
function spoil(vault: string, objectId: string): void {
  place(vaultPath(vault), (document) => ({
    ...document,
    tags: { secret: canary('tag'), 'holdfast-exempt': `vault-firewall ${canary('exemption tag')}` },
    futureTop: canary('top of a vault'),
    properties: {
      ...document.properties,
      futureProperty: { key: canary('property of a vault') },
      accessPolicies: [
        {
          tenantId: azure.tenantId,
          objectId,
          permissions: { secrets: ['get', 'list', 'set'] },
        },
        {
          tenantId: azure.tenantId,
          objectId: '33333333-3333-4333-8333-333333333333',
          note: canary('foreign policy member'),
          permissions: { secrets: ['all'], note: [canary('foreign permission member')] },
        },
      ],
      networkAcls: {
        ...OPEN,
        ipRules: [{ value: '203.0.113.9' }],
      },
      privateEndpointConnections: [{ properties: { note: canary('private endpoint') } }],
    },
  }));
}

async function addEstate(): Promise<Estate> {
  const alice = azure.as(ALICE);
  const vaults = await addVaults();
  const [policies = '', roles = '', shut = ''] = vaults;

  const good = freshName('good');
  await alice.put(connectionPath(good), connection(policies));
  const kept = freshName('kept');
  await alice.put(connectionPath(kept), connection(policies, secretConnection(policies)));
  const app = freshName('app');
  await alice.put(
    connectionPath(app),
    connection(roles, {
      parameterValueType: null,
      alternativeParameterValues: null,
      parameterValueSet: {
        name: 'oauthServicePrincipal',
        values: {
          vaultName: { value: roles },
          'token:clientId': { value: 'client' },
          'token:clientSecret': { value: canary('client secret of a value set') },
        },
      },
    }),
  );
  const connections = [good, kept, app];
  for (const name of connections) {
    place(connectionPath(name), (document) => ({
      ...document,
      tags: { secret: canary('tag of a connection') },
      properties: {
        ...document.properties,
        ...(name === kept
          ? {
              parameterValues: {
                vaultName: policies,
                'token:clientSecret': canary('a secret that ARM shows'),
                'token:grantType': 'client_credentials',
              },
            }
          : {}),
        displayName: canary('display name'),
        testLinks: [{ requestUri: `https://api.example/?sig=${canary('test link')}` }],
        futureProperty: canary('property of a connection'),
      },
    }));
  }

  const workflows: string[] = [];
  const add = async (document: object): Promise<string> => {
    const id = workflowPath(freshName('wf-leaky'));
    await alice.put(id, { ...document, tags: { key: canary('tag of a workflow') } });
    workflows.push(id);
    return id;
  };
  const description = {
    description: canary('description'),
    outputs: { o: { type: 'String', value: canary('output') } },
  };
  const values = {
    apiKey: { value: canary('parameter value') },
    options: { value: { password: canary('value in an object') } },
  };
  const declared = {
    apiKey: { type: 'String', defaultValue: canary('default') },
    options: { type: 'Object', defaultValue: { secret: canary('default in an object') } },
  };
  const triggers = {
    manual: {
      type: 'Request',
      kind: 'Http',
      inputs: { schema: { properties: { key: { default: canary('schema') } } } },
      description: canary('trigger description'),
    },
  };
  const main = await add(
    withMore(playbook(leakyActions(policies), good), { ...description, triggers }, values, declared),
  );
  await add(
    withMore(
      playbook(leakyActions(policies), good),
      description,
      { ...values, safe: { value: canary('value of a secure parameter') } },
      { ...declared, safe: { type: 'SecureString', defaultValue: canary('default of a secure parameter') } },
    ),
  );
  await add(withMore(asKept(playbook(leakyActions(policies), kept)), description, values, declared));
  const noIdentity = asKept(playbook(leakyActions(roles), app));
  Reflect.deleteProperty(noIdentity, 'identity');
  await add(withMore(noIdentity, description, values, declared));
  await add(
    workflow({
      actions: {
        Child: {
          type: 'Workflow',
          runAfter: {},
          inputs: {
            host: { triggerName: 'manual', workflow: { id: main } },
            body: { key: canary('handed on') },
            headers: { 'x-key': canary('handed on in a header') },
          },
        },
      },
    }),
  );

  // What Azure would no longer take.
  const odd = await add(asKept(playbook({ Get_secret: getSecret('api-token') }, kept)));
  place(odd, (document) => ({
    ...asKept(document, { type: 'Raw', value: canary('foreign authentication') }),
    identity: { type: 'None', note: canary('identity member') },
  }));
  const malformed = await add(
    playbook({ Get_secret: getSecret('api-token'), Read: httpGet(policies) }, good),
  );
  place(malformed, (document) => {
    const { definition } = document.properties as { definition: { actions: Record<string, object> } };
    const actions = {
      Get_secret: {
        ...definition.actions.Get_secret,
        runtimeConfiguration: canary('runtimeConfiguration as a text'),
      },
      Read: {
        ...definition.actions.Read,
        runtimeConfiguration: {
          secureData: {
            properties: [canary('a member of the list'), { x: canary('an object in the list') }],
          },
        },
      },
    };
    return {
      ...document,
      identity: canary('identity as a text'),
      properties: { ...document.properties, definition: { ...definition, actions } },
    };
  });

  const { identity } = JSON.parse(textNow(azure, main)) as { identity: { principalId: string } };
  for (const vault of vaults) spoil(vault, identity.principalId);
  place(vaultPath(shut), (document) => ({
    ...document,
    properties: {
      ...document.properties,
      networkAcls: { ...OPEN, defaultAction: 'Deny', ipRules: [{ value: '203.0.113.77' }] },
    },
  }));
  await azure
    .as(ALICE)
    .put(`${vaultPath(roles)}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`, {
      properties: {
        principalId: identity.principalId,
        roleDefinitionId: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6`,
        description: canary('description of a role assignment'),
        condition: `@Resource[Microsoft.KeyVault/vaults/secrets:name] StringEquals '${canary('condition of a role assignment')}'`,
        conditionVersion: '2.0',
      },
    });
  for (const id of workflows)
    azure.run(id, { trigger: canary('trigger of a run'), startedAt: Date.now() - 3_600_000 });

  // One whose identity holds more than it uses, which is taken from it.
  const trimmed = freshName('kv-trimmed');
  await alice.put(vaultPath(trimmed), vaultDocument(azure, CAREFUL));
  const plain = await add(workflow({ actions: { Read: httpGet(trimmed) } }));
  const own = JSON.parse(textNow(azure, plain)) as { identity: { principalId: string } };
  spoil(trimmed, own.identity.principalId);

  // One that can be moved.
  const moved = freshName('kv-moved');
  await alice.put(vaultPath(moved), vaultDocument(azure, CAREFUL));
  const movable = freshName('movable');
  await alice.put(connectionPath(movable), connection(moved, secretConnection(moved)));
  const mover = await add(asKept(playbook({ Get_secret: getSecret('api-token') }, movable)));
  const { identity: moving } = JSON.parse(textNow(azure, mover)) as { identity: { principalId: string } };
  spoil(moved, moving.principalId);

  const gone = freshName('kv-gone');
  await alice.put(vaultPath(gone), vaultDocument(azure, CAREFUL));
  spoil(gone, identity.principalId);
  await azure.as(BOB).delete(vaultPath(gone));
  return { vaults: [...vaults, trimmed, moved, gone], connections: [...connections, movable], workflows };
}

/** What Azure answers beside the resources: run lists, logs and settings, each with a secret in every member. */
function answerWithSecrets(): void {
  const rows = [['203.0.113.50', BOB, 3, '2026-11-01T00:00:00Z', canary('a log’s request URI')]];
  azure.logs.answer(() => ({
    columns: [
      { name: 'Address', type: 'string' },
      { name: 'Caller', type: 'string' },
      { name: 'Calls', type: 'long' },
      { name: 'LastSeen', type: 'datetime' },
      { name: 'requestUri_s', type: 'string' },
    ],
    rows,
  }));
  const answerList = (path: string, member: object): void => {
    azure.faults.add({
      method: 'GET',
      path,
      action: { kind: 'error', status: 200, body: JSON.stringify({ value: [member] }) },
    });
  };
  answerList('*/runs', {
    name: canary('name of a run'),
    properties: {
      startTime: '2026-11-01T00:00:00Z',
      error: { message: canary('error of a run') },
      outputs: { o: { value: canary('output of a run') } },
      trigger: { inputsLink: { uri: `https://x/?sig=${canary('link of a run')}` } },
    },
  });
}

// ── What Holdfast said and kept ──────────────────────────────────────────────────────────────────────────────

const answers: string[] = [];

async function ask(path: string, init?: RequestInit): Promise<string> {
  const answer = await fetch(`${scenario.stack.hostUrl}/api/${path}`, init);
  const text = await answer.text();
  answers.push(`${JSON.stringify([...answer.headers])} ${text}`);
  return text;
}

async function look(resourceId: string, dryRun: boolean): Promise<void> {
  const answer = await remediate(scenario, { resourceId, dryRun });
  answers.push(`${JSON.stringify([...answer.headers])} ${answer.text}`);
}

async function stored(): Promise<readonly string[]> {
  const { storage } = scenario.stack;
  const options = { allowInsecureConnection: true };
  const texts: string[] = [];
  for await (const { name } of TableServiceClient.fromConnectionString(storage, options).listTables()) {
    const table = TableClient.fromConnectionString(storage, name ?? '', options);
    const rows = new Map<string, Readonly<Record<string, unknown>>>();
    for await (const entity of table.listEntities()) {
      texts.push(JSON.stringify(entity));
      rows.set(`${entity.partitionKey ?? ''}/${entity.rowKey ?? ''}`, entity);
    }
    for (const [key, row] of rows) texts.push(valueOf(key, row, rows));
  }
  expect(texts.length).toBeGreaterThan(20);
  const queues = QueueServiceClient.fromConnectionString(storage);
  for await (const { name } of queues.listQueues()) {
    const { peekedMessageItems } = await queues.getQueueClient(name).peekMessages({ numberOfMessages: 32 });
    texts.push(
      ...peekedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString('utf8')),
    );
  }
  const blobs = BlobServiceClient.fromConnectionString(storage);
  for await (const { name } of blobs.listContainers()) {
    const container = blobs.getContainerClient(name);
    for await (const blob of container.listBlobsFlat({ includeMetadata: true, includeTags: true })) {
      const content = await container.getBlobClient(blob.name).downloadToBuffer();
      texts.push(JSON.stringify([blob.name, blob.metadata, blob.tags]), content.toString('utf8'));
    }
  }
  return texts;
}

/** What the rows of one value say together, inflated where they are deflated. */
function valueOf(
  key: string,
  row: Readonly<Record<string, unknown>>,
  rows: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): string {
  const parts = Array.from({ length: Number(row.parts ?? 0) }, (_, i) =>
    rows.get(i === 0 ? key : `${key}~${i}`),
  );
  const text = parts
    .flatMap((part) =>
      Array.from({ length: Number(part?.chunks ?? 0) }, (_, i) => String(part?.[`text${i}`])),
    )
    .join('');
  return row.encoding === 'deflate' ? inflateRawSync(Buffer.from(text, 'base64')).toString('latin1') : text;
}

/** The places whose secrets are in anything that Holdfast has said or kept so far, by what holds them. */
async function leaks(): Promise<Readonly<Record<string, readonly string[]>>> {
  for (const path of ['findings?limit=1000', 'findings?limit=1000&accepted=true', 'posture']) await ask(path);
  const records = await fetchRecords(scenario.stack.hostUrl);
  expect(records.length).toBeGreaterThan(5);
  const said = {
    log: scenario.lines,
    records: records.map((record) => JSON.stringify(record)),
    answers,
    storage: await stored(),
  };
  return Object.fromEntries(
    Object.entries(said).flatMap(([where, texts]) => {
      const found = foundIn(texts.join('\n'));
      return found.length === 0 ? [] : [[where, found]];
    }),
  );
}

beforeAll(async () => {
  scenario = await startScenario({
    allRemediators: true,
    settings: SETTINGS,
    simulator: { events: { timeScale: 0.02 } },
  });
  ({ azure } = scenario);
  azure.logs.addWorkspace(WORKSPACE);
});
afterAll(() => scenario.stack.close());
afterEach(() => {
  azure.faults.clear();
  azure.logs.clear();
});

async function changeHost(settings: Readonly<Record<string, string>>): Promise<void> {
  await scenario.stack.stopHost();
  const host = await scenario.stack.startHost({ settings: { ...SETTINGS, ...settings } });
  scenario = { ...scenario, stack: { ...scenario.stack, ...host } };
}

/** Nobody after it has to look at it, too. */
function displace(estate: Estate): void {
  for (const id of idsOf(estate)) azure.displace(id);
}

const idsOf = ({ vaults, connections, workflows }: Estate): readonly string[] => [
  ...vaults.map(vaultPath),
  ...connections.map(connectionPath),
  ...workflows,
];

it('a secret that is said is found, wherever it stands in a text', () => {
  const secret = canary('a test of the test');
  expect(foundIn(`x${secret.slice(3, 11).toUpperCase()}x`)).toEqual(['a test of the test']);
  expect(foundIn(`x${secret.slice(3, 10)}x`)).toEqual([]);
});

describe.each([
  [
    'audit',
    { HOLDFAST_MODE: 'audit', HOLDFAST_REMEDIATORS: 'vault-deleted=audit,connection-managed-identity=audit' },
  ],
  ['enforce', {}],
] as const)('in %s', (mode, settings) => {
  let estate: Estate;

  beforeAll(async () => {
    await changeHost(settings);
    estate = await addEstate();
  });
  afterAll(() => {
    displace(estate);
  });

  it('no secret of the estate is said or kept', async () => {
    answerWithSecrets();
    for (const id of idsOf(estate)) await look(id, true);
    await withEvents(scenario, async () => {
      await sweep(scenario);
      for (const name of estate.vaults.slice(0, 5)) {
        await azure.as(BOB).patch(vaultPath(name), { tags: { secret: canary('new tag') } });
      }
    });
    for (const id of idsOf(estate)) await look(id, false);
    await settle(scenario);
    await sweep(scenario);
    expect(await leaks()).toEqual({});

    // There was enough to say.
    const records = await recordsOf(scenario);
    const done = new Set(records.map(({ remediator }) => remediator));
    expect([...done].sort()).toEqual(
      expect.arrayContaining([
        'vault-deleted',
        'vault-firewall',
        'vault-least-privilege',
        'vault-logging',
        'workflow-managed-identity',
        'workflow-secret-flow',
        'workflow-secure-outputs',
      ]),
    );
    expect(records.some(({ outcome }) => outcome === (mode === 'audit' ? 'planned' : 'applied'))).toBe(true);
    const plain = await openFindings(scenario, { remediator: 'workflow-plaintext-secrets', limit: '1000' });
    expect(plain.length).toBeGreaterThan(100);
  });

  it('no secret that an event brings is said or kept', async () => {
    const uri = estate.workflows[0] ?? '';
    const event = gridEvent(scenario, { uri, operation: 'Microsoft.Logic/workflows/write' });
    const data = {
      ...(event.data as object),
      authorization: { scope: uri, evidence: { role: canary('evidence') } },
      httpRequest: { method: 'PUT', url: `https://x/?sig=${canary('request of an event')}` },
      body: canary('body of an event'),
    };
    const claims = {
      ...(data as unknown as { claims: object }).claims,
      aio: canary('claim'),
      uti: canary('token id'),
    };
    await deliver(scenario, [{ ...event, data: { ...data, claims }, note: canary('member of an event') }]);
    await deliver(scenario, [
      { ...event, data: { ...data, resourceUri: `${uri}?sig=${canary('query of an event')}` } },
    ]);
    await deliver(scenario, `{"broken": "${canary('an event that is no JSON')}`);
    await settle(scenario);
    expect(await leaks()).toEqual({});
  });

  it('no secret that waits on the queue, or is handed to whoever asks wrongly, is said or kept', async () => {
    await changeHost({ ...settings, 'AzureWebJobs.reconcile.Disabled': 'true' });
    // The sweep's own message waits on the queue, too.
    await scenario.stack.beginSweep();
    const queue = new QueueClient(scenario.stack.storage, 'reconcile');
    const countWaiting = async (): Promise<number> =>
      (await queue.getProperties()).approximateMessagesCount ?? 0;
    await eventually('the sweep to begin', async () => ((await countWaiting()) > 0 ? true : null));
    if (mode === 'enforce') {
      for (const id of estate.workflows.slice(0, 2)) {
        azure.faults.add({ method: 'GET', path: id, action: { kind: 'error', status: 429, retryAfter: 6 } });
        await announce(scenario, { uri: id, operation: 'Microsoft.Logic/workflows/write' });
      }
      expect(await countWaiting()).toBeGreaterThan(1);
    }
    for (const [path, body] of [
      ['remediate', { resourceId: `${GROUP}/providers/Microsoft.KeyVault/vaults/none`, dryRun: true }],
      ['remediate', { resourceId: 'x', note: canary('a field that nobody knows') }],
      ['remediate', `{"resourceId": "${canary('a body that is no JSON')}`],
      ['findings/accept', { id: 'no such', reason: canary('a reason of nothing') }],
    ] as const) {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      await ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text });
    }
    expect(await leaks()).toEqual({});
    await queue.clearMessages();
    await changeHost(settings);
  });
});

describe('what Azure quotes in its errors: it', () => {
  const quoting = (where: string): string =>
    `The request content was invalid: {"Authorization":"Bearer ${canary(where)}"}`;
  const kinds = (where: string): readonly FaultAction[] => [
    { kind: 'error', status: 400, code: 'InvalidTemplate', message: quoting(where) },
    { kind: 'error', status: 400, code: `No-${canary(where)}`, message: quoting(where) },
    { kind: 'error', status: 403, code: 'AuthorizationFailed', message: quoting(where) },
    {
      kind: 'error',
      status: 403,
      code: 'LinkedAuthorizationFailed',
      message: `has permission to perform action '${canary(where)}' on the linked scope(s) '${canary(where)}'`,
    },
    { kind: 'error', status: 409, code: 'ScopeLocked', message: quoting(where) },
    { kind: 'error', status: 400, body: `<html>${quoting(where)}</html>` },
    {
      kind: 'error',
      status: 400,
      code: 'BadRequest',
      headers: { 'x-ms-detail': quoting(where), 'x-ms-diagnostics': quoting(where) },
    },
    { kind: 'error', status: 200, body: `<html>${quoting(where)}</html>` },
    { kind: 'error', status: 200, body: JSON.stringify({ properties: { quoted: quoting(where) } }) },
  ];
  const writes: readonly (readonly [string, string, string])[] = [
    ['the write of a workflow', 'PUT', '*/workflows/*'],
    ['the write of a vault', 'PATCH', '*/vaults/*'],
    ['the write of a policy', 'PUT', '*/accessPolicies/*'],
    ['the write of a connection', 'PUT', '*/connections/*'],
    ['the write of a setting', 'PUT', '*/diagnosticSettings/*'],
    ['the recovery of a vault', 'PUT', '*/vaults/*'],
  ];
  const reads: readonly (readonly [string, string, string])[] = [
    ['the list of workflows', 'GET', '*/workflows'],
    ['the list of connections', 'GET', '*/connections'],
    ['the list of vaults', 'GET', '*/vaults'],
    ['the list of deleted vaults', 'GET', '*/deletedVaults'],
    ['the list of roles', 'GET', '*/roleAssignments'],
    ['the list of settings', 'GET', '*/diagnosticSettings'],
    ['the list of runs', 'GET', '*/runs'],
    ['the read of a workflow', 'GET', '*/workflows/*'],
    ['the read of a connection', 'GET', '*/connections/*'],
    ['the read of a vault', 'GET', '*/vaults/*'],
  ];
  let shared: Estate;

  beforeAll(async () => {
    await changeHost({});
    shared = await addEstate();
  });

  /** Has Azure answer each such request in another of these ways; tells how often it did. */
  async function provoke(
    { connections, vaults, workflows }: Estate,
    [where, method, path]: readonly [string, string, string],
  ): Promise<number> {
    const ways = kinds(where);
    for (const [skip, action] of [...ways, ...ways].entries()) {
      azure.faults.add({ method, path, skip, times: 1, action });
    }
    const some = [
      ...workflows.slice(0, 3),
      ...connections.slice(3).map(connectionPath),
      ...vaults.slice(2).map(vaultPath),
    ];
    for (const id of some) await look(id, false);
    await scenario.stack.sweep().catch((error: unknown) => answers.push(String(error)));
    const struck = azure.faults.all.reduce((sum, fault) => sum + fault.struck, 0);
    azure.faults.clear();
    await new QueueClient(scenario.stack.storage, 'reconcile').clearMessages();
    return struck;
  }

  it.each(writes)('answers %s in every way that quotes a secret', async (...request) => {
    const estate = await addEstate();
    expect(await provoke(estate, request)).toBeGreaterThan(0);
    displace(estate);
  });

  it.each(reads)('answers %s in every way that quotes a secret', async (...request) => {
    expect(await provoke(shared, request)).toBeGreaterThan(0);
  });

  it('answers a query of the logs so', async () => {
    const name = freshName('kv-logs');
    await azure
      .as(ALICE)
      .put(vaultPath(name), vaultDocument(azure, { enableSoftDelete: true, networkAcls: OPEN }));
    for (const action of kinds('a query of the logs')) {
      azure.faults.clear();
      azure.faults.add({ endpoint: 'logs', path: '*', action });
      await look(vaultPath(name), true);
    }
    await look(vaultPath(name), false);
    expect(azure.journal.queries().length).toBeGreaterThan(0);
  });

  it('answers a request for a token so', async () => {
    for (const action of kinds('a request for a token').slice(0, 4)) {
      azure.faults.clear();
      // A new process has no token yet.
      azure.faults.add({ endpoint: 'identity', path: '*', action });
      await changeHost({});
      await look(shared.workflows[0] ?? '', true);
      await scenario.stack.sweep().catch((error: unknown) => answers.push(String(error)));
    }
    azure.faults.clear();
    await changeHost({});
  });

  it('none of it is said or kept', async () => {
    expect(await leaks()).toEqual({});
  });
});
