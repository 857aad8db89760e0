import { ArmFailure, badRequest, invalidContent } from '../arm/arm-error.js';
import { demandJoin } from '../arm/linked-access.js';
import type { ProviderCall } from '../arm/provider.js';
import { isNullText, type Members } from '../raw-json.js';
import { connectionReferences } from './connection-references.js';
import { versionOf } from './workflow-children.js';

/** If-Match, where the service honours it. The designer sends `*`, which any workflow that is there satisfies. */
export function checkIfMatch(call: ProviderCall): void {
  const wanted = call.headers['if-match'];
  if (call.world.switches.values.ifMatch === 'ignored' || wanted === undefined) return;
  const etag = call.existing === undefined ? null : `"${versionOf(call.existing.state)}"`;
  if (etag !== null && (wanted === '*' || wanted === etag)) return;
  throw new ArmFailure(
    412,
    'PreconditionFailed',
    'The precondition given in the request headers evaluated to false.',
  );
}

/** https://github.com/arcus-azure/arcus.scripting/issues/105 has the wording; the code is not in it. */
export function checkIntegrationAccount(before: Members | undefined, sent: Members): void {
  const hadOne = before?.has('integrationAccount') ?? false;
  if (!hadOne || !isNullText(sent.get('integrationAccount'))) return;
  throw badRequest(
    "The integration account id must be provided in the 'integrationAccount' property of the workflow.",
  );
}

/** Whoever saves a workflow must be allowed to use the connections it names. */
export function demandConnections(
  call: ProviderCall,
  sent: string | undefined,
  before: string | undefined,
): void {
  demandJoin(call, 'Microsoft.Web/connections/join/action', connectionsIn(sent), connectionsIn(before));
}

/** The state a workflow has after a PUT that says `sent`. */
export function stateAfter(call: ProviderCall, sent: string | undefined): 'Enabled' | 'Disabled' {
  const before = call.existing?.state.properties.get('state') ?? '"Enabled"';
  const isKept = call.world.switches.values.stateOmitted === 'keep';
  const value: unknown = isNullText(sent)
    ? isKept
      ? JSON.parse(before)
      : 'Enabled'
    : JSON.parse(sent ?? 'null');
  if (String(value).toLowerCase() === 'enabled') return 'Enabled';
  if (String(value).toLowerCase() === 'disabled') return 'Disabled';
  throw invalidContent("Error converting value to type 'WorkflowState'. Path 'properties.state'");
}

function connectionsIn(parameters: string | undefined): readonly string[] {
  return connectionReferences(parameters).flatMap(({ connectionId }) => connectionId ?? []);
}
