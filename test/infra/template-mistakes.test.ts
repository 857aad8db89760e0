import { describe, expect, it } from 'vitest';
import type { Azure } from '../../simulator/azure.js';
import { RefusedError } from '../../simulator/actor.js';
import type { Switches } from '../../simulator/switches.js';
import { objectAt, resourceOf, type JsonObject } from './changed-template.js';
import {
  emptyAzure,
  errorsOf,
  GROUP,
  HOME,
  install,
  installation,
  LOG_WORKSPACE,
  OTHER,
  OTHER_GROUP,
  type Json,
} from './installation.js';

/* What can be wrong with an installation though every name in it is right: each is refused, and the error says what it is. */

interface Mistake {
  /** Changes the template in place. */
  readonly change?: (template: JsonObject) => void;
  readonly parameters?: Readonly<Record<string, Json>>;
  readonly switches?: Partial<Switches>;
  readonly before?: (azure: Azure) => unknown;
  readonly error: RegExp;
}

async function errorOf({ change, parameters = {}, switches = {}, before }: Mistake): Promise<string> {
  const azure = emptyAzure({ switches });
  await before?.(azure);
  const template = installation();
  change?.(template);
  try {
    return errorsOf(await install(azure, { template, parameters })).join('\n');
  } catch (error) {
    if (error instanceof RefusedError) return error.message;
    throw error;
  }
}

const properties = (template: Json, type: string, words?: string): JsonObject =>
  objectAt(resourceOf(template, type, words), ['properties']);
const site = (template: Json): JsonObject => properties(template, 'Microsoft.Web/sites');
const config = (template: Json, ...path: string[]): JsonObject =>
  objectAt(site(template), ['functionAppConfig', ...path]);
const values = (count: number): Json => Array.from({ length: count }, (_, i) => `value-${i}`);
const filter = (template: Json): JsonObject => objectAt(template, ['variables', 'eventFilter']);
const topicBody = {
  location: 'global',
  properties: { source: `/subscriptions/${HOME}`, topicType: 'Microsoft.Resources.Subscriptions' },
};
const withSetting = (name: string): Readonly<Record<string, Json>> => ({ settings: { [name]: 'x' } });

describe.each<readonly [string, Readonly<Record<string, Mistake>>]>([
  [
    'storage',
    {
      'a name with capitals': {
        change: (template) => (objectAt(template, ['variables']).storage = 'Holdfast'),
        error: /InvalidResourceName: Resource name Holdfast/,
      },
      'a name that another account has': {
        change: (template) => (objectAt(template, ['variables']).storage = 'taken'),
        before: (azure) =>
          azure
            .as('bob@contoso.com')
            .put(`${OTHER_GROUP}/providers/Microsoft.Storage/storageAccounts/taken?api-version=2023-05-01`, {
              location: 'northeurope',
              kind: 'StorageV2',
              sku: { name: 'Standard_LRS' },
            }),
        error: /StorageAccountAlreadyTaken/,
      },
      'an archive that takes appends in two ways': {
        change: (template) =>
          (properties(template, 'immutabilityPolicies').allowProtectedAppendWritesAll = true),
        error: /mutually exclusive/,
      },
      'no role for the host’s queues': {
        change: (template) => (objectAt(template, ['variables']).storageRoles as Json[]).splice(1, 1),
        error: /Destination endpoint not found/,
      },
      'no role for the package': {
        change: (template) => (objectAt(template, ['variables']).storageRoles as Json[]).splice(0, 1),
        error: /AuthorizationPermissionMismatch/,
      },
    },
  ],
  [
    'the function app',
    {
      'no functionAppConfig': {
        change: (template) => delete site(template).functionAppConfig,
        error: /The FunctionAppConfig section was not specified/,
      },
      'a container that nobody makes': {
        change: (template) =>
          (config(template, 'deployment', 'storage').value = 'https://elsewhere.blob.core.windows.net/app'),
        error: /There is no blob container/,
      },
      'an identity that is not its own': {
        change: (template) =>
          (config(template, 'deployment', 'storage', 'authentication').userAssignedIdentityResourceId =
            `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-other`),
        error: /The identity is not assigned to the site/,
      },
      'its package put there by a key that the account does not take': {
        change: (template) =>
          (config(template, 'deployment', 'storage').authentication = {
            type: 'StorageAccountConnectionString',
            storageAccountConnectionStringName: 'DEPLOYMENT_STORAGE',
          }),
        error: /KeyBasedAuthenticationNotPermitted/,
      },
      'a runtime that Azure takes and does not have': {
        change: (template) => (config(template, 'runtime').version = '22.1'),
        error: /Destination endpoint not found/,
      },
      'an instance size that Azure does not have': {
        change: (template) => (config(template, 'scaleAndConcurrency').instanceMemoryMB = 512),
        error: /InvalidRequestContent.*instanceMemoryMB/,
      },
      'fewer instances than Azure may ask for': {
        parameters: { maximumInstanceCount: 10 },
        switches: { flexLeastMaximum: 'forty' },
        error: /MaximumInstanceCount is invalid/,
      },
      'what Flex Consumption says elsewhere': {
        change: (template) => (objectAt(site(template), ['siteConfig']).ftpsState = 'Disabled'),
        error: /Site\.SiteConfig\.FtpsState\) for Flex Consumption sites is invalid/,
      },
      'a plan that is not Linux': {
        change: (template) => (properties(template, 'serverfarms').reserved = false),
        error: /must be reserved/,
      },
      'a package that is not there': {
        parameters: { packageUri: 'https://example.com/holdfast.zip' },
        error: /could not be downloaded/,
      },
      'its storage by a key': {
        parameters: {
          settings: { AzureWebJobsStorage: 'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=eA==' },
        },
        error: /Destination endpoint not found/,
      },
      'a setting that is no text': {
        parameters: { settings: { HOLDFAST_MAX_CHANGES: 10 } },
        error: /expected string/,
      },
      'the runtime as a setting': {
        parameters: withSetting('FUNCTIONS_WORKER_RUNTIME'),
        switches: { flexDeprecatedSettings: 'ignored' },
        error:
          /Site\.SiteConfig\.AppSettings\.FUNCTIONS_WORKER_RUNTIME\) for Flex Consumption sites is invalid/,
      },
      'run from package': {
        parameters: withSetting('WEBSITE_RUN_FROM_PACKAGE'),
        error: /WEBSITE_RUN_FROM_PACKAGE\) for Flex/,
      },
      'the host’s version': {
        parameters: withSetting('FUNCTIONS_EXTENSION_VERSION'),
        error: /FUNCTIONS_EXTENSION_VERSION\) for Flex/,
      },
    },
  ],
  [
    'records in Log Analytics',
    {
      'a table without columns': {
        change: (template) => (objectAt(template, ['variables']).auditColumns = []),
        error: /no column 'TimeGenerated'/,
      },
      'a table without its time': {
        change: (template) => (objectAt(template, ['variables']).auditColumns as Json[]).splice(0, 1),
        error: /no column 'TimeGenerated'/,
      },
      'a column that every table has': {
        change: (template) =>
          (objectAt(template, ['variables']).auditColumns as Json[]).push({ name: 'Type', type: 'string' }),
        error: /'Type' is reserved/,
      },
      'a table of another name than its schema': {
        change: (template) => (objectAt(properties(template, 'tables'), ['schema']).name = 'Holdfast_CL'),
        error: /is not the table's name/,
      },
      'a stream to a table that is not there': {
        change: (template) =>
          (objectAt(properties(template, 'dataCollectionRules'), ['dataFlows', 0]).outputStream =
            'Custom-Holdfast_CL'),
        error: /InvalidOutputTable/,
      },
      'a flow of an undeclared stream': {
        change: (template) =>
          (objectAt(properties(template, 'dataCollectionRules'), ['dataFlows', 0]).streams = [
            'Custom-Other',
          ]),
        error: /'Custom-Other' of a data flow is not declared/,
      },
      'a column that the table does not have': {
        change: (template) =>
          (objectAt(properties(template, 'dataCollectionRules'), [
            'streamDeclarations',
            'Custom-HoldfastAudit',
          ]).columns = [{ name: 'Colour', type: 'string' }]),
        error: /The column 'Colour' of type string is not in the table/,
      },
      'a rule whose name is too long for its endpoint': {
        change: (template) => (objectAt(template, ['variables']).collectionRule = `dcr-${'x'.repeat(27)}`),
        error: /has at most 30 characters/,
      },
      'a rule that is given no endpoint': {
        change: (template) => delete resourceOf(template, 'dataCollectionRules').kind,
        error: /InvalidRequestContent/,
      },
      'a workspace that keeps nothing long enough': {
        parameters: { retentionInDays: 7 },
        error: /'retentionInDays' is out of range/,
      },
    },
  ],
  [
    'events',
    {
      'a second topic for the subscription': {
        before: (azure) =>
          azure
            .as('central-it@contoso.com')
            .put(
              `${GROUP}/providers/Microsoft.EventGrid/systemTopics/evgt-central?api-version=2022-06-15`,
              topicBody,
            ),
        error: /There is an existing tracked system topic for the given source/,
      },
      'a topic in another subscription than its source': {
        change: (template) => (properties(template, 'systemTopics').source = `/subscriptions/${OTHER}`),
        error: /must be in the same subscription/,
      },
      'a topic in a region': {
        change: (template) => (resourceOf(template, 'systemTopics').location = 'westeurope'),
        error: /System topic location must match/,
      },
      'a topic without the identity that keeps dead letters': {
        change: (template) => delete resourceOf(template, 'systemTopics').identity,
        error: /is not assigned to the topic/,
      },
      'dead letters for a container that nobody makes': {
        change: (template) =>
          (objectAt(properties(template, 'deployments', 'events'), [
            'parameters',
            'deadLetterContainer',
          ]).value = 'elsewhere'),
        error: /The dead letter container 'elsewhere' does not exist/,
      },
      'more values than a filter takes': {
        change: (template) =>
          (filter(template).advancedFilters = [
            { operatorType: 'StringIn', key: 'subject', values: values(26) },
          ]),
        error: /limited to 25/,
      },
      'more filters than there may be': {
        change: (template) =>
          (filter(template).advancedFilters = Array.from({ length: 26 }, () => ({
            operatorType: 'StringIn',
            key: 'subject',
            values: ['a'],
          }))),
        error: /InvalidRequestContent.*advancedFilters/,
      },
      'a filter on what no event has': {
        change: (template) => (objectAt(filter(template), ['advancedFilters', 0]).key = 'operationName'),
        error: /is no key of an event/,
      },
      'a kind of event that there is not': {
        change: (template) => (filter(template).includedEventTypes = ['Microsoft.Resources.ResourceWritten']),
        error: /includedEventTypes/,
      },
      'a function that the app does not have': {
        change: (template) =>
          (objectAt(properties(template, 'deployments', 'events'), ['parameters', 'functionId']).value =
            "[format('{0}/functions/changed', variables('appId'))]"),
        error: /Endpoint validation: Destination endpoint not found/,
      },
      'none of the code': {
        parameters: { packageUri: '' },
        error: /Endpoint validation: Destination endpoint not found/,
      },
    },
  ],
  [
    'roles',
    {
      'a name that another role of the tenant has': {
        change: (template) => (properties(template, 'roleDefinitions').roleName = 'Ours'),
        before: (azure) => azure.addRoleDefinition({ roleName: 'ours', actions: ['*/read'] }),
        error: /RoleDefinitionWithSameNameExists/,
      },
      'an action that is none': {
        change: (template) => (objectAt(template, ['variables', 'roles']).read = ['Read vaults']),
        error: /is no action/,
      },
      'a scope in which the role cannot be given': {
        change: (template) =>
          (properties(template, 'roleDefinitions', "variables('role')").assignableScopes = [GROUP]),
        error: /RoleDefinitionDoesNotExist/,
      },
      'an assignment that is not called by a GUID': {
        change: (template) =>
          (resourceOf(template, 'roleAssignments', 'copyIndex').name = "[format('role-{0}', copyIndex())]"),
        error: /InvalidRoleAssignmentId/,
      },
      'a principal that is not there': {
        change: (template) => (properties(template, 'roleAssignments').principalId = OTHER),
        error: /PrincipalNotFound/,
      },
      'a workspace that is not there': {
        parameters: { logWorkspaceId: LOG_WORKSPACE.replace('la-security', 'la-gone') },
        error: /ResourceNotFound.*la-gone/,
      },
      'a scope that is not there': {
        parameters: { scopes: [`${GROUP}-gone`] },
        error: /ResourceGroupNotFound/,
      },
    },
  ],
  [
    'where things go',
    {
      'a subscription’s deployment without a location': {
        change: (template) => delete resourceOf(template, 'deployments', 'access').location,
        error: /does not fit a deployment to a resource group/,
      },
      'a resource group’s deployment with one': {
        change: (template) => (resourceOf(template, 'deployments', 'holdfast-group').location = 'westeurope'),
        parameters: { scopes: [OTHER_GROUP] },
        error: /InvalidDeployment: The 'location' property is not allowed/,
      },
      'a mode that there is not': { parameters: { mode: 'approve' }, error: /not part of the allowed value/ },
      'a parameter that there is not': {
        parameters: { modus: 'audit' },
        error: /'modus' in the parameters file are not valid/,
      },
      'no scope at all': { parameters: { scopes: [] }, error: /'scopes' has an invalid length/ },
      'a scope that is no list': {
        parameters: { scopes: `/subscriptions/${HOME}` },
        error: /type is not valid for 'scopes'/,
      },
    },
  ],
])('%s', (_what, mistakes) => {
  it.each(Object.entries(mistakes))('%s', async (_name, mistake) => {
    expect(await errorOf(mistake)).toMatch(mistake.error);
  });
});

it.each(['one', 'forty'] as const)(
  'ten instances at most, where the least that is taken is %s',
  async (flexLeastMaximum) => {
    const error = await errorOf({
      parameters: { maximumInstanceCount: 10 },
      switches: { flexLeastMaximum },
      error: /./,
    });
    expect(error === '').toBe(flexLeastMaximum === 'one');
  },
);

it.each(['checked', 'unchecked'] as const)(
  'a principal that is not there is %s where its type is said',
  async (principalWithType) => {
    const error = await errorOf({
      change: (template) => (properties(template, 'roleAssignments', 'insightsId').principalId = OTHER),
      switches: { principalWithType },
      error: /./,
    });
    expect(error === '').toBe(principalWithType === 'unchecked');
  },
);

it.each(['rejected', 'ignored'] as const)('a deprecated setting is %s', async (flexDeprecatedSettings) => {
  const parameters = { settings: { FUNCTIONS_EXTENSION_VERSION: '~4' } };
  const error = await errorOf({ parameters, switches: { flexDeprecatedSettings }, error: /./ });
  expect(error === '').toBe(flexDeprecatedSettings === 'ignored');
});
