import { memberAt, stringOf } from '../template/json-node.js';
import { resourceText } from '../template/resource-text.js';
import { membersOf, objectText } from '../raw-json.js';
import type { PlannedResource } from './planned-resource.js';

/** What says where a resource goes; the rest is its body. */
const PLACE_MEMBERS = new Set(['type', 'name', 'subscriptionid', 'resourcegroup']);

/** The request that deploys a resource. What of it cannot be told is noted in the plan's load. */
export function sentResource(resource: PlannedResource): { readonly path: string; readonly body: string } {
  const { node, pointer, scope, type, name, id, apiVersion, nested } = resource;
  // A template of a scope of its own is read where it is deployed; one in the outer scope is read here.
  const inner = stringOf(memberAt(node, 'properties', 'expressionEvaluationOptions', 'scope'));
  const isInner = nested !== null && inner?.toLowerCase() === 'inner';
  const opaque = isInner ? memberAt(node, 'properties', 'template') : undefined;
  const text = resourceText(node, pointer, { type, name }, scope, opaque);
  const members = [...membersOf(text)].filter(([member]) => !PLACE_MEMBERS.has(member.toLowerCase()));
  const path = `${encodeURI(id)}?api-version=${encodeURIComponent(apiVersion)}`;
  return { path, body: objectText(new Map(members)) };
}
