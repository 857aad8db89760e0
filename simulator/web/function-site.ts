import { z } from 'zod';
import { ArmFailure, badRequest } from '../arm/arm-error.js';
import { HttpsUrl, Location, ResourceId, Tags } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import type { DocumentCall } from '../documents/document-type.js';
import { hasIdentity, Identity } from '../documents/resource-identity.js';
import { containerAt } from '../storage/storage-account.js';
import { demandFlexSettings, demandFlexSiteConfig, REFUSED_SITE_CONFIG } from './flex-settings.js';

const FunctionAppConfig = z.strictObject({
  deployment: z.strictObject({
    storage: z.strictObject({
      type: z.literal('blobContainer'),
      value: HttpsUrl,
      authentication: z.discriminatedUnion('type', [
        z.strictObject({
          type: z.literal('UserAssignedIdentity'),
          userAssignedIdentityResourceId: ResourceId,
        }),
        z.strictObject({
          type: z.literal('StorageAccountConnectionString'),
          storageAccountConnectionStringName: z.string().min(1),
        }),
      ]),
    }),
  }),
  runtime: z.strictObject({
    name: z.enum(['dotnet-isolated', 'node', 'java', 'powershell', 'python', 'custom']),
    // Azure takes a version that it does not have and fails when the app starts:
    // https://github.com/Azure/Azure-Functions/issues/2666
    version: z.string().min(1),
  }),
  scaleAndConcurrency: z.strictObject({
    maximumInstanceCount: z.int().max(1000),
    // 512 stands in Microsoft's pages and is refused: https://github.com/Azure/azure-rest-api-specs/issues/40898
    instanceMemoryMB: z.literal([2048, 4096]),
    alwaysReady: z.array(z.strictObject({ name: z.string(), instanceCount: z.int().min(0) })).optional(),
  }),
});

const SiteConfig = z.strictObject({
  minTlsVersion: z.enum(['1.0', '1.1', '1.2', '1.3']).optional(),
  scmMinTlsVersion: z.enum(['1.0', '1.1', '1.2', '1.3']).optional(),
  http20Enabled: z.boolean().optional(),
  appSettings: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
  cors: z.strictObject({ allowedOrigins: z.array(z.string()) }).optional(),
  ...Object.fromEntries(REFUSED_SITE_CONFIG.map((name) => [name, z.unknown().optional()])),
});

const Body = z.strictObject({
  location: Location,
  tags: Tags,
  kind: z.literal('functionapp,linux'),
  identity: Identity.optional(),
  properties: z.strictObject({
    serverFarmId: ResourceId,
    httpsOnly: z.boolean().optional(),
    enabled: z.boolean().optional(),
    reserved: z.boolean().optional(),
    clientAffinityEnabled: z.boolean().optional(),
    publicNetworkAccess: z.enum(['Enabled', 'Disabled']).optional(),
    keyVaultReferenceIdentity: z.string().optional(),
    siteConfig: SiteConfig.optional(),
    functionAppConfig: FunctionAppConfig.optional(),
  }),
});

/**
 * https://learn.microsoft.com/azure/templates/microsoft.web/2024-04-01/sites
 * Of the sites, function apps on a Flex Consumption plan. The first 32 characters of a name tell hosts apart.
 */
export const FUNCTION_SITE = defineType({
  type: 'Microsoft.Web/sites',
  apiVersions: ['2024-04-01'],
  name: /^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$/i,
  body: Body,
  check: checkSite,
  generated: ({ place: { name } }) => ({
    state: 'Running',
    defaultHostName: `${name.toLowerCase()}.azurewebsites.net`,
    hostNames: [`${name.toLowerCase()}.azurewebsites.net`],
  }),
  shown({ content }) {
    // What a site is given as app settings no GET shows.
    const shown = Object.entries(content.properties).filter(([name]) => name !== 'siteConfig');
    return { ...content, properties: Object.fromEntries(shown) };
  },
});

function checkSite(call: DocumentCall, { identity, properties }: z.infer<typeof Body>): void {
  const { world, place } = call;
  const {
    serverFarmId,
    keyVaultReferenceIdentity: forVaults,
    siteConfig = {},
    functionAppConfig,
  } = properties;
  const plan = world.documents.find(serverFarmId);
  if (plan === undefined) {
    throw badRequest(`Cannot find ServerFarm with name ${serverFarmId.split('/').at(-1) ?? ''}.`);
  }
  const taken = world.documents
    .ofType(FUNCTION_SITE)
    .find(({ name, key }) => name.toLowerCase() === place.name.toLowerCase() && key !== place.key);
  if (taken !== undefined) {
    throw new ArmFailure(409, 'Conflict', `Website with given name ${place.name} already exists.`);
  }
  demandFlexSiteConfig(siteConfig);
  demandFlexSettings(
    world,
    settingsIn(siteConfig).map(({ name }) => name),
  );
  if (forVaults !== undefined && forVaults !== 'SystemAssigned' && !hasIdentity(identity, forVaults)) {
    throw badRequest(`The keyVaultReferenceIdentity '${forVaults}' is not an identity of the site.`);
  }
  // The wording: https://github.com/Azure/bicep-registry-modules/issues/3389
  if (functionAppConfig === undefined) {
    throw badRequest(
      'Site.FunctionAppConfig is invalid.  The FunctionAppConfig section was not specified in the request, which is required for Flex Consumption sites. To proceed, please add the FunctionAppConfig section in your request.',
    );
  }
  checkConfig(call, identity, functionAppConfig);
}

function settingsIn(siteConfig: object): readonly { readonly name: string }[] {
  return 'appSettings' in siteConfig ? (siteConfig.appSettings as readonly { readonly name: string }[]) : [];
}

/**
 * What https://learn.microsoft.com/azure/azure-functions/functions-infrastructure-as-code?pivots=flex-consumption-plan#deployment-sources
 * asks of the deployment container and of who reaches it.
 */
function checkConfig(
  { world }: DocumentCall,
  identity: unknown,
  { deployment, scaleAndConcurrency }: z.infer<typeof FunctionAppConfig>,
): void {
  const { value, authentication } = deployment.storage;
  const container = containerAt(world, value);
  if (container === undefined || world.documents.find(container.containerId) === undefined) {
    throw badRequest(
      `Site.FunctionAppConfig.Deployment.Storage.Value is invalid.  There is no blob container '${value}'.`,
    );
  }
  const isIdentity = authentication.type === 'UserAssignedIdentity';
  if (isIdentity && !hasIdentity(identity, authentication.userAssignedIdentityResourceId)) {
    throw badRequest(
      `Site.FunctionAppConfig.Deployment.Storage.Authentication.UserAssignedIdentityResourceId is invalid.  The identity is not assigned to the site.`,
    );
  }
  const least = world.switches.values.flexLeastMaximum === 'forty' ? 40 : 1;
  if (scaleAndConcurrency.maximumInstanceCount >= least) return;
  throw badRequest(
    `Site.FunctionAppConfig.ScaleAndConcurrency.MaximumInstanceCount is invalid.  It must be from ${least} to 1000.`,
  );
}
