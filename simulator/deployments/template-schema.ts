import { z } from 'zod';

/**
 * What a template may consist of: https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax
 * ARM reads it strictly. Not part of this simulator, and refused: symbolic names, resources inside resources, `existing`.
 */

const Text = z.string();
const Metadata = z.record(z.string(), z.unknown());

/** ARM reads the names of types in any case. */
export const PARAMETER_TYPES = ['string', 'securestring', 'int', 'bool', 'object', 'secureobject', 'array'];

const Parameter = z.strictObject({
  type: Text.refine((type) => PARAMETER_TYPES.includes(type.toLowerCase()), 'is no type of a parameter'),
  defaultValue: z.unknown().optional(),
  allowedValues: z.array(z.unknown()).optional(),
  minValue: z.int().optional(),
  maxValue: z.int().optional(),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  metadata: Metadata.optional(),
});

const Output = z.strictObject({
  type: Text.refine((type) => PARAMETER_TYPES.includes(type.toLowerCase()), 'is no type of an output'),
  value: z.unknown(),
  condition: z.union([z.boolean(), Text]).optional(),
  metadata: Metadata.optional(),
});

const Resource = z.strictObject({
  type: Text,
  apiVersion: Text,
  name: Text,
  comments: Text.optional(),
  metadata: Metadata.optional(),
  condition: z.union([z.boolean(), Text]).optional(),
  copy: z.strictObject({ name: Text, count: z.union([z.int(), Text]) }).optional(),
  dependsOn: z.array(Text).optional(),
  scope: Text.optional(),
  location: Text.optional(),
  tags: z.union([Text, z.record(z.string(), z.unknown())]).optional(),
  kind: Text.optional(),
  sku: z.union([Text, z.record(z.string(), z.unknown())]).optional(),
  identity: z.union([Text, z.record(z.string(), z.unknown())]).optional(),
  properties: z.union([Text, z.record(z.string(), z.unknown())]).optional(),
  /** Of a nested deployment. */
  subscriptionId: Text.optional(),
  resourceGroup: Text.optional(),
});

export const Template = z.strictObject({
  $schema: Text.regex(
    /^https:\/\/schema\.management\.azure\.com\/schemas\/[0-9-]+\/(subscriptionDeployment|deployment)Template\.json#$/,
    'is no schema of a template for a resource group or a subscription',
  ),
  contentVersion: Text.regex(/^\d+\.\d+\.\d+\.\d+$/),
  metadata: Metadata.optional(),
  parameters: z.record(z.string(), Parameter).optional(),
  variables: z.record(z.string(), z.unknown()).optional(),
  resources: z.array(Resource),
  outputs: z.record(z.string(), Output).optional(),
});

export type Template = z.infer<typeof Template>;
export type ParameterDeclaration = z.infer<typeof Parameter>;

/** The body of a deployment: https://learn.microsoft.com/rest/api/resources/deployments/create-or-update */
export const DeploymentBody = z.strictObject({
  location: Text.optional(),
  tags: z.record(z.string(), z.string()).optional(),
  properties: z.strictObject({
    mode: z.literal('Incremental'),
    template: z.record(z.string(), z.unknown()),
    parameters: z.record(z.string(), z.strictObject({ value: z.unknown() })).optional(),
    expressionEvaluationOptions: z
      .strictObject({ scope: z.enum(['Inner', 'inner', 'Outer', 'outer', 'NotSpecified']) })
      .optional(),
  }),
});
