import { z } from 'zod';
import { Location, Tags } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import { guidOf } from '../random.js';

/**
 * https://learn.microsoft.com/azure/templates/microsoft.managedidentity/2023-01-31/userassignedidentities
 * A name has 3 to 128 letters, digits, hyphens and underscores and begins with a letter or digit.
 */
export const USER_ASSIGNED_IDENTITY = defineType({
  type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
  apiVersions: ['2023-01-31'],
  name: /^[a-z0-9][a-z0-9_-]{2,127}$/i,
  body: z.strictObject({ location: Location, tags: Tags, properties: z.strictObject({}).optional() }),
  generated: ({ world, place }) => ({
    tenantId: world.tenantId,
    principalId: guidOf(`principal:${place.key}`),
    clientId: guidOf(`client:${place.key}`),
  }),
});
