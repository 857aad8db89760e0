import type { Node } from 'jsonc-parser';
import { endOf, membersOf, pointerTo } from './json-node.js';
import { copyScopes, propertyCopies, type PropertyCopy } from './property-copy.js';
import { readKey, readString } from './read-string.js';
import type { Scope } from './scope.js';
import { spliceText } from './splice-text.js';
import { Unresolved } from './unresolved.js';
import { numberValue, type Value } from './value.js';

/** The value of a piece of the template. What has none is an Unresolved in its place. */
export function evaluateNode(node: Node, pointer: string, scope: Scope): Value {
  scope.load.budget.spend(10);
  if (node.type === 'string') return orUnresolved(() => readString(node, pointer, scope).value);
  if (node.type === 'number') return numberValue(scope.text.slice(node.offset, endOf(node)));
  if (node.type !== 'array' && node.type !== 'object') return node.value as boolean | null;
  const value = scope.load.budget.nested(() =>
    node.type === 'array' ? evaluateArray(node, pointer, scope) : evaluateObject(node, pointer, scope),
  );
  scope.load.rememberSource(value, () => spliceText(node, pointer, scope));
  return value;
}

export function orUnresolved(evaluate: () => Value): Value {
  try {
    return evaluate();
  } catch (error) {
    if (error instanceof Unresolved) return error;
    throw error;
  }
}

function evaluateArray(node: Node, pointer: string, scope: Scope): Value[] {
  return (node.children ?? []).map((item, index) => evaluateNode(item, pointerTo(pointer, index), scope));
}

function evaluateObject(node: Node, pointer: string, scope: Scope): Map<string, Value> {
  const object = new Map<string, Value>();
  for (const member of membersOf(node)) {
    const at = pointerTo(pointer, member.name);
    const copies = propertyCopies(member, at);
    if (copies !== undefined) {
      for (const copy of copies) object.set(copy.name, evaluateCopy(copy, scope));
      continue;
    }
    const key = orUnresolved(() => readKey(member.key, at, scope).value);
    // A key that cannot be told keeps its text, so that the rest of the object can be used.
    if (typeof key === 'string') object.set(key, evaluateNode(member.value, at, scope));
    else object.set(member.name, key);
  }
  return object;
}

export function evaluateCopy(copy: PropertyCopy, scope: Scope): Value {
  return orUnresolved(() =>
    copyScopes(copy, scope).map((each) => evaluateNode(copy.input, `${copy.pointer}/input`, each)),
  );
}
