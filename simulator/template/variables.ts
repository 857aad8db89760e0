import type { Node } from 'jsonc-parser';
import { evaluateCopy, evaluateNode } from './evaluate-node.js';
import { namedMember, pointerTo } from './json-node.js';
import { propertyCopies } from './property-copy.js';
import type { Scope } from './scope.js';
import { Unresolved } from './unresolved.js';
import type { Value } from './value.js';

/** The variable of the template, from its own member or from the copy loops beside them. */
export function readVariable(
  declarations: Node | undefined,
  name: string,
  pointer: string,
  scope: Scope,
): Value {
  const variable = namedMember(declarations, name);
  if (variable !== undefined && name.toLowerCase() !== 'copy') {
    return evaluateNode(variable.value, pointerTo(pointer, variable.name), scope);
  }
  const loops = namedMember(declarations, 'copy');
  const copies = loops === undefined ? [] : (propertyCopies(loops, pointerTo(pointer, loops.name)) ?? []);
  const copy = copies.find((each) => each.name.toLowerCase() === name.toLowerCase());
  if (copy === undefined) throw new Unresolved(`the template has no variable '${name}'`);
  return evaluateCopy(copy, scope);
}
