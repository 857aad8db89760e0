import { ArmFailure } from '../arm/arm-error.js';
import { at, entriesOf, textAt } from '../json.js';
import { usesManagedIdentity } from '../web/connection-sign-in.js';
import type { World } from '../world.js';
import {
  connectionReferences,
  type ConnectionReference,
  type UsedIdentity,
} from './connection-references.js';

/**
 * A workflow is saved only where each connection that signs in with a managed identity is named with
 * `connectionProperties.authentication`, and no other is. Codes and wordings: https://github.com/Azure/LogicAppsUX/issues/2203
 * (a managed identity connection without) and https://github.com/Azure/bicep-types-az/issues/2197 (another one with).
 */
export function checkConnectionIdentities(
  world: World,
  parameters: string | undefined,
  identity: string | undefined,
): void {
  const { connectionAuthenticationOnSave, workflowIdentityMissingOnSave } = world.switches.values;
  for (const reference of connectionReferences(parameters)) {
    if (connectionAuthenticationOnSave === 'checked') checkAgreement(world, reference);
    const used = reference.identity;
    if (used === null || workflowIdentityMissingOnSave === 'accept' || has(identity, used)) continue;
    // The code is seen, mostly at run time; its wording is not.
    throw new ArmFailure(
      400,
      'InvalidWorkflowManagedIdentitySpecified',
      `The managed identity of the workflow connection parameter '${reference.key}' is not an identity of the workflow.`,
    );
  }
}

function checkAgreement(world: World, { key, connectionId, identity }: ConnectionReference): void {
  const connection = connectionId === undefined ? undefined : world.estate.find(connectionId);
  if (connection === undefined) return;
  const isOfIdentity = usesManagedIdentity(connection.state.properties);
  if (isOfIdentity === (identity !== null)) return;
  const why = isOfIdentity
    ? `is configured to support managed identity but the connection parameter is either missing 'authentication' property in connection properties or authentication type is not 'ManagedServiceIdentity'`
    : 'is not configured to support managed identity';
  throw new ArmFailure(
    400,
    'WorkflowManagedIdentityConfigurationInvalid',
    `The workflow connection parameter '${key}' is not valid. The API connection '${connection.name}' ${why}.`,
  );
}

function has(identity: string | undefined, used: UsedIdentity): boolean {
  const parsed: unknown = JSON.parse(identity ?? 'null');
  const type = textAt(parsed, 'type')?.toLowerCase() ?? '';
  if (used.kind === 'system') return type.includes('systemassigned');
  const wanted = used.id.toLowerCase();
  return entriesOf(at(parsed, 'userAssignedIdentities')).some(([id]) => id.toLowerCase() === wanted);
}
