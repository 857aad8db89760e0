import { z } from 'zod';

const Text = z.string().nullish();

/**
 * https://learn.microsoft.com/azure/templates/microsoft.authorization/2022-04-01/roleassignments
 * What the values must be is checked where they are used.
 */
export const AssignmentBody = z.strictObject({
  properties: z
    .strictObject({
      roleDefinitionId: Text,
      principalId: Text,
      principalType: z.string().optional(),
      scope: Text,
      description: Text,
      condition: Text,
      conditionVersion: Text,
      delegatedManagedIdentityResourceId: Text,
    })
    .optional(),
});
