import { beforeAll, describe, expect, it } from 'vitest';
import { membersBelow, objectAt, type JsonObject } from './changed-template.js';
import { modelsOf, type Models } from './microsoft-models.js';
import { problemsWith } from './model-problems.js';
import { emptyAzure, HOME, install, LOG_WORKSPACE, OTHER_GROUP } from './installation.js';

/* What the template sends, resource by resource, against Microsoft's own models of each type. */

/** By type: the client that has its models, and the model that a PUT takes. */
const MODELS = new Map([
  ['Microsoft.ManagedIdentity/userAssignedIdentities', ['arm-msi', 'Identity']],
  ['Microsoft.Storage/storageAccounts', ['arm-storage', 'StorageAccountCreateParameters']],
  ['Microsoft.Storage/storageAccounts/blobServices', ['arm-storage', 'BlobServiceProperties']],
  ['Microsoft.Storage/storageAccounts/blobServices/containers', ['arm-storage', 'BlobContainer']],
  [
    'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies',
    ['arm-storage', 'ImmutabilityPolicy'],
  ],
  ['Microsoft.OperationalInsights/workspaces', ['arm-operationalinsights', 'Workspace']],
  ['Microsoft.OperationalInsights/workspaces/tables', ['arm-operationalinsights', 'Table']],
  ['Microsoft.Insights/dataCollectionRules', ['arm-monitor', 'DataCollectionRuleResource']],
  ['Microsoft.Web/serverfarms', ['arm-appservice', 'AppServicePlan']],
  ['Microsoft.Web/sites', ['arm-appservice', 'Site']],
  ['Microsoft.Web/sites/config/appsettings', ['arm-appservice', 'StringDictionary']],
  ['Microsoft.Web/sites/config/authsettingsV2', ['arm-appservice', 'SiteAuthSettingsV2']],
  [
    'Microsoft.Web/sites/basicPublishingCredentialsPolicies',
    ['arm-appservice', 'CsmPublishingCredentialsPoliciesEntity'],
  ],
  ['Microsoft.Web/sites/extensions', ['arm-appservice', 'MSDeploy']],
  ['Microsoft.EventGrid/systemTopics', ['arm-eventgrid', 'SystemTopic']],
  ['Microsoft.EventGrid/systemTopics/eventSubscriptions', ['arm-eventgrid', 'EventSubscription']],
  ['Microsoft.Authorization/roleDefinitions', ['arm-authorization', 'RoleDefinition']],
  ['Microsoft.Authorization/roleAssignments', ['arm-authorization', 'RoleAssignmentCreateParameters']],
  ['Microsoft.Resources/deployments', ['arm-resources', 'Deployment']],
  ['Microsoft.Resources/resourceGroups', ['arm-resources', 'ResourceGroup']],
]);

/** No client of this generation has it at a version with these properties; docs/decisions/0028 says what it was read against. */
const WITHOUT_MODEL = ['Microsoft.Insights/components'];

interface Sent {
  readonly type: string;
  readonly body: JsonObject;
}

let sent: readonly Sent[];
const clients = new Map<string, Models>();

beforeAll(async () => {
  const azure = emptyAzure();
  await install(azure, {
    parameters: {
      mode: 'enforce',
      scopes: [`/subscriptions/${HOME}`, OTHER_GROUP],
      logWorkspaceId: LOG_WORKSPACE,
      authClientId: HOME,
    },
  });
  sent = azure.journal
    .requests({ origin: 'actor' })
    .filter(({ method, body }) => method === 'PUT' && body !== null)
    .map(({ path, body }) => ({ type: typeOf(path), body: JSON.parse(body ?? '') as JsonObject }));
  for (const [client] of MODELS.values()) {
    if (client !== undefined && !clients.has(client)) clients.set(client, await modelsOf(client));
  }
});

function typeOf(path: string): string {
  const segments = path.split('/').slice(1);
  const start = segments.lastIndexOf('providers');
  if (start < 0) return 'Microsoft.Resources/resourceGroups';
  const [namespace = '', ...pairs] = segments.slice(start + 1);
  const type = [namespace, ...pairs.filter((_, i) => i % 2 === 0)].join('/');
  return type === 'Microsoft.Web/sites/config' ? `${type}/${segments.at(-1) ?? ''}` : type;
}

function problemsOf({ type, body }: Sent): readonly string[] {
  const [client = '', model = ''] = MODELS.get(type) ?? [];
  const models = clients.get(client);
  if (models === undefined) return WITHOUT_MODEL.includes(type) ? [] : [`${type}: no model`];
  return problemsWith(models, model, body).map((problem) => `${type} ${problem}`);
}

/** What the newest client with models does not know, of a later version of the API, and what Azure writes in two ways. */
const LATER = [
  // https://learn.microsoft.com/azure/templates/microsoft.insights/2023-03-11/datacollectionrules
  "Microsoft.Insights/dataCollectionRules kind: 'Direct' is none of Linux, Windows",
  'Microsoft.Insights/dataCollectionRules properties.dataFlows[0].outputStream: no such property',
  'Microsoft.Insights/dataCollectionRules properties.dataFlows[0].transformKql: no such property',
  'Microsoft.Insights/dataCollectionRules properties.streamDeclarations: no such property',
  // https://learn.microsoft.com/azure/azure-functions/functions-infrastructure-as-code?pivots=flex-consumption-plan
  'Microsoft.Web/sites/extensions properties.remoteBuild: no such property',
];

/** Names that whoever sends them chooses, and what a deployment hands on as it is. */
const FREE = [
  /^Microsoft\.Web\/sites\/config\/appsettings properties\./,
  /^Microsoft\.Web\/sites tags\./,
  / identity\.userAssignedIdentities\./,
  /^Microsoft\.Resources\/deployments properties\.(template|parameters)\./,
  /^Microsoft\.Insights\/dataCollectionRules properties\.streamDeclarations\./,
];

/** Each name and each text in a body, with the body in which that one is otherwise. */
function mutationsOf({ type, body }: Sent): readonly (readonly [string, Sent])[] {
  return membersBelow(body).flatMap((path) => {
    const name = String(path.at(-1));
    const label = `${type} ${path.join('.').replaceAll(/\.(\d+)(?=\.|$)/g, '[$1]')}`;
    if (FREE.some((free) => free.test(label))) return [];
    const renamed = structuredClone(body);
    const parent = objectAt(renamed, path.slice(0, -1));
    parent[`${name}x`] = parent[name] ?? null;
    Reflect.deleteProperty(parent, name);
    return [[`${label} renamed`, { type, body: renamed }] as const];
  });
}

describe('each resource that is deployed', () => {
  it('is of a type that is looked at, and every type of the table is deployed', () => {
    const types = new Set(sent.map(({ type }) => type));
    expect([...MODELS.keys(), ...WITHOUT_MODEL].filter((type) => !types.has(type))).toEqual([]);
  });

  it('has what its model has, with allowed values of the right types, and nothing else', () => {
    expect([...new Set(sent.flatMap(problemsOf))].toSorted()).toEqual(LATER.toSorted());
  });

  it('is turned down with any one name misspelled', () => {
    const looked = sent.filter(({ type }) => !WITHOUT_MODEL.includes(type));
    const mutations = looked.flatMap(mutationsOf);
    expect(mutations.length).toBeGreaterThan(250);
    const unnoticed = mutations.filter(([, one]) =>
      problemsOf(one).every((problem) => LATER.includes(problem)),
    );
    expect(unnoticed.map(([label]) => label)).toEqual([]);
  });

  it.each([
    ['Microsoft.Storage/storageAccounts', ['kind'], 'StorageV3'],
    ['Microsoft.Storage/storageAccounts', ['sku', 'name'], 'Standard_XRS'],
    ['Microsoft.Storage/storageAccounts', ['properties', 'minimumTlsVersion'], 'TLS1.2'],
    ['Microsoft.Storage/storageAccounts', ['properties', 'allowSharedKeyAccess'], 'false'],
    ['Microsoft.Storage/storageAccounts/blobServices/containers', ['properties', 'publicAccess'], 'Nobody'],
    ['Microsoft.OperationalInsights/workspaces/tables', ['properties', 'plan'], 'Analytic'],
    ['Microsoft.OperationalInsights/workspaces', ['properties', 'retentionInDays'], '90'],
    ['Microsoft.Web/sites', ['identity', 'type'], 'User'],
    ['Microsoft.Web/sites', ['properties', 'functionAppConfig', 'runtime', 'name'], 'nodejs'],
    [
      'Microsoft.Web/sites/config/authsettingsV2',
      ['properties', 'globalValidation', 'unauthenticatedClientAction'],
      'Allow',
    ],
    [
      'Microsoft.EventGrid/systemTopics/eventSubscriptions',
      ['properties', 'destination', 'endpointType'],
      'Function',
    ],
    ['Microsoft.Authorization/roleAssignments', ['properties', 'principalType'], 'Service'],
    ['Microsoft.Resources/deployments', ['properties', 'mode'], 'Increment'],
  ] as const)('%s is turned down where %s is %s', (type, path, value) => {
    const original = sent.find((one) => one.type === type);
    const body = structuredClone(original?.body ?? {});
    const before = problemsOf({ type, body });
    objectAt(body, path.slice(0, -1))[String(path.at(-1))] = value;
    expect(problemsOf({ type, body }).filter((problem) => !before.includes(problem))).toHaveLength(1);
  });
});
