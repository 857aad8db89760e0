import type { Node } from 'jsonc-parser';
import { deployResource } from './deploy-resource.js';
import { memberOf, membersOf, pointerTo } from './json-node.js';
import { reportUnresolved } from './load.js';
import { sourceOf } from './read-member.js';
import type { ResourceName } from './read-name.js';
import type { Place, Scope } from './scope.js';

/** Deploys each resource of a template to a place, as far as it can be told. */
export function deployTemplate(template: Node, pointer: string, scope: Scope, target: Place): void {
  deployResources(memberOf(template, 'resources'), `${pointer}/resources`, scope, target);
}

/** Resources stand in an array, or, in newer templates, in an object by their symbolic names. */
export function deployResources(
  resources: Node | undefined,
  pointer: string,
  scope: Scope,
  target: Place,
  parent?: ResourceName,
): void {
  if (resources?.type === 'array') {
    for (const [index, node] of (resources.children ?? []).entries()) {
      deployResource(node, pointerTo(pointer, index), scope, target, parent);
    }
  } else if (resources?.type === 'object') {
    for (const { name, value } of membersOf(resources)) {
      deployResource(value, pointerTo(pointer, name), scope, target, parent);
    }
  } else if (resources !== undefined) {
    reportUnresolved(scope.load, pointer, sourceOf(resources, scope), 'it is no list of resources');
  }
}
