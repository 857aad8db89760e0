import type { Node } from 'jsonc-parser';
import { memberOf } from './json-node.js';
import { leftOut } from './left-out.js';
import { reportUnresolved } from './load.js';
import { readMember, readStringMember, sourceOf } from './read-member.js';
import type { ResourceName } from './read-name.js';
import { resourceIdOf } from './resource-id.js';
import { resourceText } from './resource-text.js';
import type { Place, Scope } from './scope.js';

/** Adds a resource to what was loaded, unless it cannot be told which one it is. */
export function listResource(
  node: Node,
  pointer: string,
  scope: Scope,
  target: Place,
  { type, name }: ResourceName,
  opaque?: Node,
): void {
  const { load } = scope;
  const extended = readMember(node, 'scope', pointer, scope, leftOut);
  if (extended !== undefined && typeof extended !== 'string') return;
  const id = resourceIdOf(target, extended ?? null, type, name);
  if (id === null) {
    const written = memberOf(node, 'name');
    const why = `${leftOut}no id can be made of the type '${type}' and the name '${name}'`;
    reportUnresolved(load, `${pointer}/name`, written === undefined ? name : sourceOf(written, scope), why);
    return;
  }
  load.budget.spend(1000);
  const lastName = name.slice(name.lastIndexOf('/') + 1);
  load.resources.push({
    id,
    type,
    apiVersion: readStringMember(node, 'apiVersion', pointer, scope),
    name: lastName,
    location:
      memberOf(node, 'location') === undefined ? null : readStringMember(node, 'location', pointer, scope),
    text: resourceText(node, pointer, { type, name: lastName }, scope, opaque),
  });
}
