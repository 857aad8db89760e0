import type { Node } from 'jsonc-parser';
import { evaluateNode } from './evaluate-node.js';
import { settled } from './inspect-value.js';
import { endOf, namedMember, pointerTo } from './json-node.js';
import { reportUnresolved } from './load.js';
import type { Scope } from './scope.js';
import { Unresolved } from './unresolved.js';
import { compactText } from './value-text.js';
import type { Value } from './value.js';

/** The value of a resource's member: undefined if it has none, null if there is one that cannot be told, which is reported, with what follows from it. */
export function readMember(
  object: Node,
  name: string,
  pointer: string,
  scope: Scope,
  consequence = '',
): Value | undefined {
  const member = namedMember(object, name);
  if (member === undefined) return undefined;
  const at = pointerTo(pointer, member.name);
  try {
    return settled(evaluateNode(member.value, at, scope));
  } catch (error) {
    if (!(error instanceof Unresolved)) throw error;
    reportUnresolved(scope.load, at, sourceOf(member.value, scope), consequence + error.why);
    return null;
  }
}

/** The same, of a member that has to be a string. */
export function readStringMember(
  object: Node,
  name: string,
  pointer: string,
  scope: Scope,
  consequence = '',
): string | null {
  const value = readMember(object, name, pointer, scope, consequence);
  if (typeof value === 'string') return value;
  if (value !== undefined && value !== null) {
    reportUnresolved(
      scope.load,
      `${pointer}/${name}`,
      compactText(value),
      `${consequence}it is not a string`,
    );
  }
  return null;
}

export function sourceOf(node: Node, { text }: Scope): string {
  return node.type === 'string' ? String(node.value) : text.slice(node.offset, endOf(node));
}
