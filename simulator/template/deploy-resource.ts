import type { Node } from 'jsonc-parser';
import { deployContentTemplate, isContentTemplate } from './content-template.js';
import { deployResources } from './deploy-template.js';
import { memberAt, memberOf } from './json-node.js';
import { leftOut } from './left-out.js';
import { listResource } from './list-resource.js';
import { reportUnresolved } from './load.js';
import { deployNested, deploymentPlace, isDeployment } from './nested-deployment.js';
import { resourceCopyScopes } from './property-copy.js';
import { isNamed, readName, type ResourceName } from './read-name.js';
import { readMember, readStringMember, sourceOf } from './read-member.js';
import type { Place, Scope } from './scope.js';
import { compactText } from './value-text.js';
import { Unresolved } from './unresolved.js';

/** Deploys one resource of a template, as often as its copy loop says. */
export function deployResource(
  node: Node,
  pointer: string,
  scope: Scope,
  target: Place,
  parent?: ResourceName,
): void {
  if (node.type !== 'object') {
    reportUnresolved(scope.load, pointer, sourceOf(node, scope), 'it is no resource');
    return;
  }
  if (memberOf(node, 'existing')?.value === true) return;
  for (const turn of loopScopes(node, pointer, scope)) {
    if (isWanted(node, pointer, turn)) deployOnce(node, pointer, turn, target, parent);
  }
}

function loopScopes(node: Node, pointer: string, scope: Scope): Scope[] {
  const copy = memberOf(node, 'copy');
  const count = memberOf(copy, 'count');
  if (copy === undefined || count === undefined) return [scope];
  const name = readStringMember(copy, 'name', `${pointer}/copy`, scope) ?? '';
  try {
    return resourceCopyScopes(name, count, `${pointer}/copy`, scope);
  } catch (error) {
    if (!(error instanceof Unresolved)) throw error;
    reportUnresolved(scope.load, `${pointer}/copy/count`, sourceOf(count, scope), leftOut + error.why);
    return [];
  }
}

/** A resource whose condition cannot be told is left out: the one who loads is told, and nothing is made up. */
function isWanted(node: Node, pointer: string, scope: Scope): boolean {
  const condition = readMember(node, 'condition', pointer, scope, leftOut);
  if (condition === undefined || typeof condition === 'boolean') return condition ?? true;
  if (condition !== null) {
    reportUnresolved(
      scope.load,
      `${pointer}/condition`,
      compactText(condition),
      `${leftOut}it is no boolean`,
    );
  }
  return false;
}

function deployOnce(node: Node, pointer: string, scope: Scope, target: Place, parent?: ResourceName): void {
  const named = readName(node, pointer, scope, parent);
  if (isDeployment(named.type)) {
    const place = deploymentPlace(node, pointer, scope, target);
    if (place === null) return;
    const template = memberAt(node, 'properties', 'template');
    if (isNamed(named)) listResource(node, pointer, scope, place, named, template);
    deployNested(node, pointer, scope, place, named.name);
    return;
  }
  if (isNamed(named)) listResource(node, pointer, scope, target, named);
  if (isContentTemplate(named.type)) deployContentTemplate(node, pointer, scope, target);
  const children = memberOf(node, 'resources');
  if (children === undefined) return;
  if (isNamed(named)) deployResources(children, `${pointer}/resources`, scope, target, named);
  else reportUnresolved(scope.load, `${pointer}/resources`, 'resources', 'their parent has no type and name');
}
