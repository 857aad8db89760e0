import { z } from 'zod';
import { ArmFailure } from '../arm/arm-error.js';
import { Location, ResourceId, Tags } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import { guidOf } from '../random.js';
import { checkFlows } from './check-data-flows.js';

const Column = z.strictObject({
  name: z.string().min(1),
  type: z.enum(['string', 'int', 'long', 'real', 'boolean', 'datetime', 'dynamic']),
});

const Properties = z.strictObject({
  description: z.string().optional(),
  dataCollectionEndpointId: ResourceId.optional(),
  streamDeclarations: z.record(z.string(), z.strictObject({ columns: z.array(Column) })),
  destinations: z.strictObject({
    logAnalytics: z.array(z.strictObject({ name: z.string().min(1), workspaceResourceId: ResourceId })),
  }),
  dataFlows: z
    .array(
      z.strictObject({
        streams: z.array(z.string()).min(1),
        destinations: z.array(z.string()).min(1),
        transformKql: z.string().optional(),
        outputStream: z.string(),
      }),
    )
    .min(1),
});

export type CollectionRule = z.infer<typeof Properties>;

/** A rule of kind Direct is given endpoints of its own, whose host begins with its name. */
const LONGEST_DIRECT_NAME = 30;

/**
 * https://learn.microsoft.com/azure/templates/microsoft.insights/2023-03-11/datacollectionrules
 * https://learn.microsoft.com/azure/azure-monitor/data-collection/data-collection-rule-structure
 * Of the rules, those of kind Direct: the ones an app sends its records through.
 */
export const DATA_COLLECTION_RULE = defineType({
  type: 'Microsoft.Insights/dataCollectionRules',
  apiVersions: ['2023-03-11'],
  name: /^[a-z0-9][\w-]{1,62}[a-z0-9]$/i,
  body: z.strictObject({ location: Location, tags: Tags, kind: z.literal('Direct'), properties: Properties }),
  check({ world, place }, { properties }) {
    if (place.name.length > LONGEST_DIRECT_NAME) {
      throw new ArmFailure(
        400,
        'InvalidPayload',
        `The name of a data collection rule of kind Direct has at most ${LONGEST_DIRECT_NAME} characters; '${place.name}' has ${place.name.length}.`,
      );
    }
    checkFlows(world, properties);
  },
  generated: ({ place }, { location }) => {
    const host = `${place.name}-${guidOf(`host:${place.key}`).slice(0, 4)}-${location}`;
    return {
      immutableId: `dcr-${guidOf(`rule:${place.key}`).replaceAll('-', '')}`,
      endpoints: {
        logsIngestion: `https://${host}.logs.z1.ingest.monitor.azure.com`,
        metricsIngestion: `https://${host}.metrics.z1.ingest.monitor.azure.com`,
      },
      provisioningState: 'Succeeded',
    };
  },
});
