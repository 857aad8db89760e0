import { z } from 'zod';
import { ArmFailure } from '../arm/arm-error.js';
import { isGranted } from '../authorization/is-granted.js';
import { ResourceId } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import type { Document, DocumentCall } from '../documents/document-type.js';
import { hasIdentity, identityAt } from '../documents/resource-identity.js';
import type { World } from '../world.js';
import { AdvancedFilter } from './advanced-filter.js';
import { invalidRequest } from './system-topic.js';

/** https://learn.microsoft.com/azure/event-grid/event-schema-subscriptions#available-event-types */
const EVENT_TYPES = ['Write', 'Delete', 'Action'].flatMap((what) =>
  ['Success', 'Failure', 'Cancel'].map((how) => `Microsoft.Resources.Resource${what}${how}`),
);
/** https://learn.microsoft.com/azure/event-grid/event-filtering#limitations */
const MAX_ADVANCED = 25;

const Filter = z.strictObject({
  includedEventTypes: z.array(z.enum(EVENT_TYPES)).optional(),
  subjectBeginsWith: z.string().optional(),
  advancedFilters: z.array(AdvancedFilter).max(MAX_ADVANCED).optional(),
});

const DeadLetters = z.strictObject({
  identity: z.strictObject({ type: z.literal('UserAssigned'), userAssignedIdentity: ResourceId }),
  deadLetterDestination: z.strictObject({
    endpointType: z.literal('StorageBlob'),
    properties: z.strictObject({ resourceId: ResourceId, blobContainerName: z.string().min(3) }),
  }),
});

const Properties = z.strictObject({
  destination: z.strictObject({
    endpointType: z.literal('AzureFunction'),
    properties: z.strictObject({
      resourceId: ResourceId,
      maxEventsPerBatch: z.int().min(1).max(5000).optional(),
      preferredBatchSizeInKilobytes: z.int().min(1).max(1024).optional(),
    }),
  }),
  filter: Filter.optional(),
  eventDeliverySchema: z.enum(['EventGridSchema', 'CloudEventSchemaV1_0']).optional(),
  labels: z.array(z.string()).optional(),
  retryPolicy: z
    .strictObject({
      maxDeliveryAttempts: z.int().min(1).max(30).optional(),
      eventTimeToLiveInMinutes: z.int().min(1).max(1440).optional(),
    })
    .optional(),
  deadLetterWithResourceIdentity: DeadLetters.nullish(),
});

export type TopicSubscription = z.infer<typeof Properties>;

/**
 * https://learn.microsoft.com/azure/templates/microsoft.eventgrid/2022-06-15/systemtopics/eventsubscriptions
 * Of the destinations, functions: https://learn.microsoft.com/azure/event-grid/handler-functions
 */
export const TOPIC_SUBSCRIPTION = defineType({
  type: 'Microsoft.EventGrid/systemTopics/eventSubscriptions',
  apiVersions: ['2022-06-15'],
  name: /^[a-z0-9-]{3,64}$/i,
  body: z.strictObject({ properties: Properties }),
  check(call, { properties }) {
    const { advancedFilters = [] } = properties.filter ?? {};
    const count = advancedFilters.reduce((sum, { values }) => sum + values.length, 0);
    if (count > MAX_ADVANCED) {
      throw invalidRequest(
        `The number of advanced filter values is limited to ${MAX_ADVANCED} for an event subscription; it has ${count}.`,
      );
    }
    checkFunction(call.world, properties.destination.properties.resourceId);
    const { deadLetterWithResourceIdentity: deadLetters } = properties;
    if (deadLetters !== undefined && deadLetters !== null) checkDeadLetters(call, deadLetters);
  },
  generated: ({ place }) => ({ provisioningState: 'Succeeded', topic: place.parentId }),
  stored: deliver,
});

/** Code and wording: https://github.com/Azure/bicep/issues/11656 */
function checkFunction(world: World, functionId: string): void {
  const [, siteId = '', name = ''] = /^(.+\/sites\/[^/]+)\/functions\/([^/]+)$/i.exec(functionId) ?? [];
  if (world.documents.find(siteId) !== undefined && world.functionApps.hasFunction(siteId, name)) return;
  throw new ArmFailure(400, 'Endpoint validation', 'Destination endpoint not found.');
}

/** https://learn.microsoft.com/azure/event-grid/add-identity-roles: saving fails where the topic's identity may not write there. */
function checkDeadLetters(
  { world, place }: DocumentCall,
  { identity, deadLetterDestination }: z.infer<typeof DeadLetters>,
): void {
  const topic = world.documents.find(place.parentId ?? '');
  if (!hasIdentity(topic?.content.identity, identity.userAssignedIdentity)) {
    throw invalidRequest(`The identity '${identity.userAssignedIdentity}' is not assigned to the topic.`);
  }
  const { resourceId, blobContainerName } = deadLetterDestination.properties;
  const container = `${resourceId}/blobServices/default/containers/${blobContainerName}`;
  if (world.documents.find(container) === undefined) {
    throw invalidRequest(`The dead letter container '${blobContainerName}' does not exist.`);
  }
  const demand = {
    principalId: identityAt(world, identity.userAssignedIdentity)?.principalId ?? '',
    action: 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write',
    scope: container,
    isData: true,
  };
  if (!isGranted(world, demand)) {
    throw invalidRequest('The identity of the topic may not write to the dead letter destination.');
  }
}

/** From now on the function gets what the filter lets pass, wherever its app answers at the time. */
function deliver(world: World, { id, name, subscriptionId, content }: Document): void {
  const {
    destination,
    filter = {},
    eventDeliverySchema = 'EventGridSchema',
  } = Properties.partial().required({ destination: true }).loose().parse(content.properties);
  const [, siteId = '', functionName = ''] =
    /^(.+)\/functions\/([^/]+)$/i.exec(destination.properties.resourceId) ?? [];
  const { includedEventTypes, subjectBeginsWith, advancedFilters } = filter;
  world.events.subscribeFunction(id, {
    name,
    schema: eventDeliverySchema,
    subscriptionId,
    ...(includedEventTypes === undefined ? {} : { includedEventTypes }),
    ...(subjectBeginsWith === undefined ? {} : { subjectBeginsWith }),
    ...(advancedFilters === undefined ? {} : { advancedFilters }),
    endpoint: () => {
      const host = world.functionApps.hostUrl(siteId);
      return host === null ? null : `${host}/runtime/webhooks/eventgrid?functionName=${functionName}`;
    },
  });
}
