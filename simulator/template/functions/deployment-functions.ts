import type { Place, Scope } from '../scope.js';
import { Unresolved } from '../unresolved.js';
import { valueOfJson } from '../value-text.js';
import type { Value } from '../value.js';
import { asInteger, asText, takes, type FunctionTable, type TemplateFunction } from './template-function.js';

/** An object of what is known; what is null is left out, and so is unresolved for whoever asks for it. */
function known(members: Record<string, Value>): Value {
  return new Map(Object.entries(members).filter(([, value]) => value !== null));
}

function subscriptionPath({ subscriptionId }: Place): string {
  if (subscriptionId === null) throw new Unresolved('the deployment is not to a subscription');
  return `/subscriptions/${subscriptionId}`;
}

export function resourceGroupPath(place: Place): string {
  if (place.resourceGroup === null) throw new Unresolved('the deployment is not to a resource group');
  return `${subscriptionPath(place)}/resourceGroups/${place.resourceGroup}`;
}

function resourceGroup({ place }: Scope): Value {
  return known({
    id: resourceGroupPath(place),
    name: place.resourceGroup,
    type: 'Microsoft.Resources/resourceGroups',
    location: place.location,
  });
}

function subscription({ place }: Scope): Value {
  const { subscriptionId, tenantId } = place;
  return known({ id: subscriptionPath(place), subscriptionId, tenantId });
}

function deployment({ place }: Scope): Value {
  const location = place.resourceGroup === null ? place.location : null;
  return known({ name: place.deploymentName, location });
}

/** The public cloud. https://management.azure.com/metadata/endpoints?api-version=2019-05-01 */
function environment({ load }: Scope): Value {
  return valueOfJson({
    name: 'AzureCloud',
    gallery: 'https://gallery.azure.com/',
    graph: 'https://graph.windows.net/',
    portal: 'https://portal.azure.com',
    graphAudience: 'https://graph.windows.net/',
    activeDirectoryDataLake: 'https://datalake.azure.net/',
    batch: 'https://batch.core.windows.net/',
    media: 'https://rest.media.azure.net',
    sqlManagement: 'https://management.core.windows.net:8443/',
    resourceManager: load.options.resourceManager ?? 'https://management.azure.com/',
    authentication: {
      loginEndpoint: 'https://login.microsoftonline.com/',
      audiences: ['https://management.core.windows.net/', 'https://management.azure.com/'],
      tenant: 'common',
      identityProvider: 'AAD',
    },
    suffixes: {
      acrLoginServer: '.azurecr.io',
      azureDatalakeAnalyticsCatalogAndJob: 'azuredatalakeanalytics.net',
      azureDatalakeStoreFileSystem: 'azuredatalakestore.net',
      azureFrontDoorEndpointSuffix: 'azurefd.net',
      keyvaultDns: '.vault.azure.net',
      sqlServerHostname: '.database.windows.net',
      storage: 'core.windows.net',
    },
  });
}

function copyIndex(args: readonly Value[], { copies }: Scope): number {
  const named = typeof args[0] === 'string';
  const offset = asInteger((named ? args[1] : args[0]) ?? 0);
  const index = named ? copies.named.get(asText(args[0]).toLowerCase()) : copies.current;
  if (index === undefined || index === null) throw new Unresolved('copyIndex() stands outside its loop');
  return index + offset;
}

function reference([target, version, full]: readonly Value[], { load }: Scope): Value {
  const resourceId = asText(target);
  const apiVersion = version === undefined ? null : asText(version);
  const asked = { resourceId, apiVersion, full: asText(full ?? '').toLowerCase() === 'full' };
  const answer = load.options.reference?.(asked);
  if (answer !== undefined) return valueOfJson(answer);
  throw new Unresolved(`reference() asks Azure for the deployed resource ${resourceId}`);
}

function onlyAzureKnows(what: string): TemplateFunction {
  return takes(0, Infinity, () => {
    throw new Unresolved(what);
  });
}

export const deploymentFunctions: FunctionTable = {
  copyIndex: takes(0, 2, copyIndex),
  deployment: takes(0, 0, (_, scope) => deployment(scope)),
  environment: takes(0, 0, (_, scope) => environment(scope)),
  managementGroup: onlyAzureKnows('the management group of the deployment is not known here'),
  parameters: takes(1, 1, ([name], scope) => scope.parameter(asText(name))),
  pickZones: onlyAzureKnows('pickZones() asks Azure which zones there are'),
  providers: onlyAzureKnows('providers() asks Azure which API versions there are'),
  reference: takes(1, 3, reference),
  resourceGroup: takes(0, 0, (_, scope) => resourceGroup(scope)),
  subscription: takes(0, 0, (_, scope) => subscription(scope)),
  tenant: takes(0, 0, (_, { place }) => known({ id: '/', tenantId: place.tenantId })),
  variables: takes(1, 1, ([name], scope) => scope.variable(asText(name))),
};
