import { ArmFailure } from '../arm/arm-error.js';
import { columnsOf } from '../logs/log-table.js';
import type { World } from '../world.js';
import type { CollectionRule } from './data-collection-rule.js';

/**
 * Whether each flow of a rule leads from a declared stream to a table that takes what is in it. Throws `InvalidPayload`
 * where one does not: https://github.com/Azure/Azure-Sentinel/issues/12145 has code and wording for a missing table.
 */
export function checkFlows(world: World, rule: CollectionRule): void {
  const workspaces = new Map(
    rule.destinations.logAnalytics.map(({ name, workspaceResourceId }) => [name, workspaceResourceId]),
  );
  for (const id of workspaces.values()) {
    if (world.logs.workspace(id) === undefined) {
      throw invalid('InvalidDestination', `The workspace '${id}' does not exist`);
    }
  }
  for (const name of Object.keys(rule.streamDeclarations)) {
    if (!name.startsWith('Custom-')) {
      throw invalid('InvalidStream', `The stream '${name}' does not begin with 'Custom-'`);
    }
  }
  for (const flow of rule.dataFlows) {
    for (const stream of flow.streams) {
      if (rule.streamDeclarations[stream] === undefined) {
        throw invalid('InvalidStream', `The stream '${stream}' of a data flow is not declared`);
      }
    }
    for (const destination of flow.destinations) {
      const workspace = workspaces.get(destination);
      if (workspace === undefined) {
        throw invalid(
          'InvalidDestination',
          `The destination '${destination}' of a data flow is not declared`,
        );
      }
      checkTable(world, rule, flow, destination, workspace);
    }
  }
}

function checkTable(
  world: World,
  rule: CollectionRule,
  flow: CollectionRule['dataFlows'][number],
  destination: string,
  workspace: string,
): void {
  const { outputStream, streams, transformKql = 'source' } = flow;
  const table = /^Custom-(.+)$/.exec(outputStream)?.[1];
  const found = table === undefined ? undefined : world.documents.find(`${workspace}/tables/${table}`);
  if (found === undefined) {
    throw invalid(
      'InvalidOutputTable',
      `Table for output stream '${outputStream}' is not available for destination '${destination}'. Please ensure that the table exists in Log Analytics Workspace before creating or updating the rule`,
    );
  }
  // What another transformation makes of the stream is not worked out here.
  if (transformKql.trim() !== 'source') return;
  const columns = columnsOf(found);
  for (const stream of streams) {
    for (const { name, type } of rule.streamDeclarations[stream]?.columns ?? []) {
      if (columns.get(name) === type) continue;
      throw invalid(
        'InvalidTransformOutput',
        `The column '${name}' of type ${type} is not in the table of output stream '${outputStream}'`,
      );
    }
    if (rule.streamDeclarations[stream]?.columns.some(({ name }) => name === 'TimeGenerated') === true)
      continue;
    throw invalid('InvalidTransformOutput', `The output of stream '${stream}' has no TimeGenerated`);
  }
}

function invalid(code: string, message: string): ArmFailure {
  return new ArmFailure(400, 'InvalidPayload', `Data collection rule is invalid: ${code}: ${message}.`);
}
