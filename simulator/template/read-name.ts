import type { Node } from 'jsonc-parser';
import { reportUnresolved } from './load.js';
import { readStringMember } from './read-member.js';
import { memberOf } from './json-node.js';
import { leftOut } from './left-out.js';
import type { Scope } from './scope.js';

/** In full: `Microsoft.KeyVault/vaults/accessPolicies` and `vault/add`. */
export interface ResourceName {
  readonly type: string;
  readonly name: string;
}

/** What could be told of it; the rest is null, and reported. */
export interface PartialName {
  readonly type: string | null;
  readonly name: string | null;
}

export function isNamed(name: PartialName): name is ResourceName {
  return name.type !== null && name.name !== null;
}

/** A nested resource gives its own part of type and name only; its parent's goes before it. */
export function readName(node: Node, pointer: string, scope: Scope, parent?: ResourceName): PartialName {
  const read = (member: string) => {
    if (memberOf(node, member) === undefined) {
      reportUnresolved(scope.load, `${pointer}/${member}`, '', `${leftOut}it has no ${member}`);
    }
    return readStringMember(node, member, pointer, scope, leftOut);
  };
  const [type, name] = [read('type'), read('name')];
  if (parent === undefined) return { type, name };
  // Some write the whole type, which begins with a namespace, where ARM asks for the last part.
  const fullType = type === null || /^[^/]*\./.test(type) ? type : `${parent.type}/${type}`;
  const parts = fullType?.split('/').length ?? 0;
  const isShort = name !== null && name.split('/').length < parts - 1;
  return { type: fullType, name: isShort ? `${parent.name}/${name}` : name };
}
