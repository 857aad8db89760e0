import { z } from 'zod';
import { ArmFailure } from '../arm/arm-error.js';
import { Location, ResourceId, Tags } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import type { DocumentCall } from '../documents/document-type.js';
import { Identity } from '../documents/resource-identity.js';
import { guidOf } from '../random.js';

/**
 * https://learn.microsoft.com/azure/templates/microsoft.eventgrid/2022-06-15/systemtopics
 * https://learn.microsoft.com/azure/event-grid/system-topics#location-and-resource-group-for-a-system-topic
 * Of the sources, Azure subscriptions.
 */
export const SYSTEM_TOPIC = defineType({
  type: 'Microsoft.EventGrid/systemTopics',
  apiVersions: ['2022-06-15'],
  name: /^[a-z0-9-]{3,50}$/i,
  body: z.strictObject({
    location: Location,
    tags: Tags,
    identity: Identity.optional(),
    properties: z.strictObject({
      source: ResourceId,
      topicType: z.literal('Microsoft.Resources.Subscriptions'),
    }),
  }),
  check(call, { location, properties: { source } }) {
    const subscription = /^\/subscriptions\/([0-9a-f-]{36})$/i.exec(source)?.[1];
    if (subscription === undefined) throw invalidRequest(`Invalid source '${source}' for the topic type.`);
    if (location.toLowerCase() !== 'global') {
      throw invalidRequest('System topic location must match with location of the source resource.');
    }
    checkPlace(call, source, subscription);
  },
  generated: ({ place }) => ({
    provisioningState: 'Succeeded',
    metricResourceId: guidOf(`metrics:${place.key}`),
  }),
});

/** The wording is Azure's, from public logs of a topic that was made twice. */
function checkPlace({ world, place }: DocumentCall, source: string, subscription: string): void {
  if (subscription.toLowerCase() !== place.subscriptionId) {
    throw invalidRequest('The system topic and its source must be in the same subscription.');
  }
  const other = world.documents.all.find(
    ({ type, key, content }) =>
      type.type === SYSTEM_TOPIC.type &&
      key !== place.key &&
      String(content.properties.source).toLowerCase() === source.toLowerCase(),
  );
  if (other === undefined) return;
  throw invalidRequest(
    `There is an existing tracked system topic for the given source ${source}. Only one system topic is allowed per source.`,
  );
}

export function invalidRequest(message: string): ArmFailure {
  return new ArmFailure(400, 'InvalidRequest', message);
}
