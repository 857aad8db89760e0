import { z } from 'zod';
import { badRequest } from '../arm/arm-error.js';
import { Location, ResourceId, Tags } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import { guidOf } from '../random.js';

/** https://learn.microsoft.com/azure/templates/microsoft.insights/2020-02-02/components */
export const APP_INSIGHTS = defineType({
  type: 'Microsoft.Insights/components',
  apiVersions: ['2020-02-02'],
  name: /^[^%&\\?/]{1,259}[^%&\\?/. ]$/,
  body: z.strictObject({
    location: Location,
    tags: Tags,
    kind: z.string(),
    properties: z.strictObject({
      Application_Type: z.enum(['web', 'other']),
      WorkspaceResourceId: ResourceId.optional(),
      DisableLocalAuth: z.boolean().optional(),
      DisableIpMasking: z.boolean().optional(),
      Flow_Type: z.literal('Bluefield').optional(),
      Request_Source: z.literal('rest').optional(),
      RetentionInDays: z.int().optional(),
      SamplingPercentage: z.number().min(0).max(100).optional(),
      IngestionMode: z.enum(['LogAnalytics', 'ApplicationInsights']).optional(),
      publicNetworkAccessForIngestion: z.enum(['Enabled', 'Disabled']).optional(),
      publicNetworkAccessForQuery: z.enum(['Enabled', 'Disabled']).optional(),
    }),
  }),
  check({ world }, { properties: { WorkspaceResourceId: workspace } }) {
    // Components without a workspace can no longer be made:
    // https://learn.microsoft.com/previous-versions/azure/azure-monitor/app/convert-classic-resource
    if (workspace === undefined) throw badRequest('A component needs a WorkspaceResourceId.');
    if (world.logs.workspace(workspace) === undefined) {
      throw badRequest(`The workspace '${workspace}' could not be found.`);
    }
  },
  generated: ({ world, place }, { location }) => {
    const key = guidOf(`instrumentation:${place.key}`);
    const appId = guidOf(`application:${place.key}`);
    return {
      AppId: appId,
      InstrumentationKey: key,
      TenantId: world.tenantId,
      provisioningState: 'Succeeded',
      ConnectionString: `InstrumentationKey=${key};IngestionEndpoint=https://${location}-1.in.applicationinsights.azure.com/;LiveEndpoint=https://${location}.livediagnostics.monitor.azure.com/;ApplicationId=${appId}`,
    };
  },
});
