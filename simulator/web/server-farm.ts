import { z } from 'zod';
import { badRequest } from '../arm/arm-error.js';
import { Location, Tags } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';

/**
 * https://learn.microsoft.com/azure/templates/microsoft.web/2024-04-01/serverfarms
 * Of the plans, Flex Consumption: https://learn.microsoft.com/azure/azure-functions/functions-infrastructure-as-code?pivots=flex-consumption-plan
 */
export const SERVER_FARM = defineType({
  type: 'Microsoft.Web/serverfarms',
  apiVersions: ['2024-04-01'],
  name: /^[a-z0-9-]{1,60}$/i,
  body: z.strictObject({
    location: Location,
    tags: Tags,
    kind: z.enum(['functionapp', 'functionapp,linux', 'linux', 'app', 'elastic']).optional(),
    sku: z.strictObject({ name: z.literal('FC1'), tier: z.literal('FlexConsumption').optional() }),
    properties: z
      .strictObject({ reserved: z.boolean().optional(), zoneRedundant: z.boolean().optional() })
      .optional(),
  }),
  check(_call, { properties }) {
    // `reserved` is Linux, and Flex Consumption has nothing else.
    if (properties?.reserved !== true) throw badRequest('A Flex Consumption plan must be reserved (Linux).');
  },
  generated: () => ({ status: 'Ready', provisioningState: 'Succeeded' }),
});
