import type { Node } from 'jsonc-parser';
import { evaluateNode } from './evaluate-node.js';
import { settled } from './inspect-value.js';
import { memberOf, pointerTo, stringOf, type Member } from './json-node.js';
import type { Scope } from './scope.js';
import { TemplateError } from './template-error.js';
import { Unresolved } from './unresolved.js';

/** https://learn.microsoft.com/azure/azure-resource-manager/templates/copy-resources#copy-limits */
const maxCopies = 800;

/** One entry of `"copy": [{ name, count, input }]`: the property `name` becomes an array of `count` inputs. */
export interface PropertyCopy {
  readonly name: string;
  readonly count: Node;
  readonly input: Node;
  readonly pointer: string;
}

/** The copies that a member stands for, or undefined if it is a property like any other. */
export function propertyCopies(member: Member, pointer: string): PropertyCopy[] | undefined {
  if (member.name.toLowerCase() !== 'copy' || member.value.type !== 'array') return undefined;
  const copies: PropertyCopy[] = [];
  for (const [index, entry] of (member.value.children ?? []).entries()) {
    const name = stringOf(memberOf(entry, 'name'));
    const count = memberOf(entry, 'count');
    const input = memberOf(entry, 'input');
    if (name === undefined || count === undefined || input === undefined) return undefined;
    copies.push({ name, count, input, pointer: pointerTo(pointer, index) });
  }
  return copies.length === 0 ? undefined : copies;
}

/** A scope for each turn of a loop over a property. Throws Unresolved if the number of turns cannot be told. */
export function copyScopes(copy: PropertyCopy, scope: Scope): Scope[] {
  return turns(copy.count, copy.pointer, scope).map((turn) => ({
    ...scope,
    copies: { ...scope.copies, named: new Map(scope.copies.named).set(copy.name.toLowerCase(), turn) },
  }));
}

/** The same for a resource, whose loop `copyIndex()` answers without a name. */
export function resourceCopyScopes(name: string, count: Node, pointer: string, scope: Scope): Scope[] {
  return turns(count, pointer, scope).map((turn) => ({
    ...scope,
    copies: { current: turn, named: new Map(scope.copies.named).set(name.toLowerCase(), turn) },
  }));
}

function turns(count: Node, pointer: string, scope: Scope): number[] {
  const number = settled(evaluateNode(count, `${pointer}/count`, scope));
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) {
    throw new Unresolved('the count of the copy loop is not a whole number');
  }
  if (number > maxCopies) {
    throw new TemplateError(`The loop at ${pointer} makes ${number} copies; ARM makes at most ${maxCopies}.`);
  }
  scope.load.budget.spend(number * 100);
  return [...Array(number).keys()];
}
