import type { Node } from 'jsonc-parser';
import { endOf, membersOf, pointerTo } from './json-node.js';
import type { Scope } from './scope.js';
import { applySplices, splicesOf, type Splice } from './splice-text.js';

/** What only a template has: https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax#resources */
const templateOnly = new Set([
  'apiversion',
  'asserts',
  'comments',
  'condition',
  'copy',
  'dependson',
  'existing',
  'metadata',
  'resources',
  'scope',
]);

/** Type and name are written as ARM answers them: a child's type in full, and the last part of the name. */
export interface WrittenName {
  readonly type: string;
  readonly name: string;
}

/** The text of a resource as it reaches ARM: the template's own bytes outside expressions and what is left out. */
export function resourceText(
  node: Node,
  pointer: string,
  written: WrittenName,
  scope: Scope,
  opaque?: Node,
): string {
  const members = membersOf(node);
  let splices: Splice[] = [];
  let keptBefore = false;
  for (const [index, member] of members.entries()) {
    const name = member.name.toLowerCase();
    const at = pointerTo(pointer, member.name);
    const { offset } = member.node;
    if (templateOnly.has(name)) {
      // The comma goes with it: the one before it, or, as long as nothing was kept, the one after it.
      const before = members[index - 1]?.node;
      const after = members[index + 1]?.node;
      const end = endOf(member.node);
      if (keptBefore && before !== undefined) splices.push({ start: endOf(before), end, text: '' });
      else splices.push({ start: offset, end: after?.offset ?? end, text: '' });
      continue;
    }
    keptBefore = true;
    if (name === 'type' || name === 'name') {
      splices.push({
        start: member.value.offset,
        end: endOf(member.value),
        text: JSON.stringify(written[name]),
      });
    } else splices = splices.concat(splicesOf(member.value, at, scope, opaque));
  }
  return applySplices(scope, node.offset, endOf(node), splices);
}
