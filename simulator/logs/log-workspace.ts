import { z } from 'zod';
import { ArmFailure } from '../arm/arm-error.js';
import { Location, Tags } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import type { DocumentCall } from '../documents/document-type.js';
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
  check: checkNameIsFree,
  stored(world, { id, content }) {
    world.logs.recover(id);
    world.logs.addWorkspace(id, textAt(content.properties, 'customerId'));
  },
  removed(world, { id }) {
    world.logs.softDelete(id, world.clock.now());
  },
});

/** A deleted workspace keeps its name for those who would have it back: https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace */
function checkNameIsFree({ world, place }: DocumentCall): void {
  const deleted = world.logs.deleted(world.clock.now());
  const isTaken = deleted.some(
    (id) =>
      id.split('/').at(-1) === place.name.toLowerCase() && isInSubscription(id, place) && id !== place.key,
  );
  if (!isTaken) return;
  throw new ArmFailure(409, 'Conflict', `The workspace name '${place.name}' is not unique`);
}

function isInSubscription(id: string, { subscriptionId }: DocumentCall['place']): boolean {
  return id.startsWith(`/subscriptions/${subscriptionId.toLowerCase()}/`);
}
