import { z } from 'zod';
import { Location, Tags } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import { textAt } from '../json.js';
import { guidOf } from '../random.js';

const Access = z.enum(['Enabled', 'Disabled', 'SecuredByPerimeter']).optional();

/**
 * https://learn.microsoft.com/azure/templates/microsoft.operationalinsights/2023-09-01/workspaces
 * https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure has what may be kept for how long.
 */
export const LOG_WORKSPACE = defineType({
  type: 'Microsoft.OperationalInsights/workspaces',
  apiVersions: ['2023-09-01'],
  name: /^[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$/i,
  body: z.strictObject({
    location: Location,
    tags: Tags,
    properties: z
      .strictObject({
        sku: z
          .strictObject({
            name: z.enum(['PerGB2018', 'CapacityReservation', 'LACluster', 'Free', 'PerNode', 'Standalone']),
            capacityReservationLevel: z.literal([100, 200, 300, 400, 500, 1000, 2000, 5000]).optional(),
          })
          .optional(),
        retentionInDays: z.int().min(30).max(730).optional(),
        workspaceCapping: z.strictObject({ dailyQuotaGb: z.number() }).optional(),
        publicNetworkAccessForIngestion: Access,
        publicNetworkAccessForQuery: Access,
        features: z
          .strictObject({
            disableLocalAuth: z.boolean().optional(),
            enableDataExport: z.boolean().optional(),
            enableLogAccessUsingOnlyResourcePermissions: z.boolean().optional(),
            immediatePurgeDataOn30Days: z.boolean().optional(),
          })
          .optional(),
      })
      .optional(),
  }),
  generated: ({ place }) => ({ customerId: guidOf(`workspace:${place.id}`), provisioningState: 'Succeeded' }),
  stored(world, { id, content }) {
    world.logs.addWorkspace(id, textAt(content.properties, 'customerId'));
  },
});
