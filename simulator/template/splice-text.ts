import type { Node } from 'jsonc-parser';
import { endOf, membersOf, pointerTo } from './json-node.js';
import { reportUnresolved } from './load.js';
import { copyScopes, propertyCopies, type PropertyCopy } from './property-copy.js';
import { readKey, readString } from './read-string.js';
import type { Scope } from './scope.js';
import { Unresolved } from './unresolved.js';
import { valueText } from './value-text.js';

export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The node's own text with its expressions evaluated. What cannot be is left in place, and reported. */
export function spliceText(node: Node, pointer: string, scope: Scope, opaque?: Node): string {
  return applySplices(scope, node.offset, endOf(node), splicesOf(node, pointer, scope, opaque));
}

/** Splices must not overlap. They need no order, but for two at one place. */
export function applySplices(scope: Scope, start: number, end: number, splices: readonly Splice[]): string {
  const parts: string[] = [];
  let at = start;
  for (const splice of splices.toSorted((left, right) => left.start - right.start)) {
    parts.push(scope.text.slice(at, splice.start), splice.text);
    at = splice.end;
  }
  parts.push(scope.text.slice(at, end));
  const text = parts.join('');
  scope.load.budget.spend(text.length + 20);
  return text;
}

/** `opaque` is a node that is left as it is: the template of a nested deployment has a scope of its own. */
export function splicesOf(node: Node, pointer: string, scope: Scope, opaque?: Node): Splice[] {
  if (node === opaque) return [];
  if (node.type === 'string') return spliceString(node, pointer, scope);
  if (node.type !== 'array' && node.type !== 'object') return [];
  return scope.load.budget.nested(() =>
    node.type === 'array'
      ? (node.children ?? []).flatMap((item, index) =>
          splicesOf(item, pointerTo(pointer, index), scope, opaque),
        )
      : spliceObject(node, pointer, scope, opaque),
  );
}

function spliceObject(node: Node, pointer: string, scope: Scope, opaque?: Node): Splice[] {
  return membersOf(node).flatMap((member) => {
    const at = pointerTo(pointer, member.name);
    const copies = propertyCopies(member, at);
    if (copies !== undefined) {
      const text = copies.map((copy) => spliceCopy(copy, scope));
      if (text.includes(null)) return [];
      return [{ start: member.node.offset, end: endOf(member.node), text: text.join(', ') }];
    }
    return [...spliceString(member.key, at, scope, readKey), ...splicesOf(member.value, at, scope, opaque)];
  });
}

function spliceCopy(copy: PropertyCopy, scope: Scope): string | null {
  return reporting(copy.pointer, `copy '${copy.name}'`, scope, () => {
    const items = copyScopes(copy, scope).map((each) =>
      spliceText(copy.input, `${copy.pointer}/input`, each),
    );
    return `${JSON.stringify(copy.name)}: [${items.join(', ')}]`;
  });
}

function spliceString(node: Node, pointer: string, scope: Scope, readOne = readString): Splice[] {
  const splice = reporting(pointer, String(node.value), scope, () => {
    const read = readOne(node, pointer, scope);
    if (read.kind === 'literal') return null;
    const start = node.offset;
    // Only the bracket goes, so that escapes in the rest stay as they were written.
    if (read.kind === 'unescaped' && scope.text.startsWith('"[[', start)) {
      return { start: start + 1, end: start + 2, text: '' };
    }
    return { start, end: endOf(node), text: valueText(read.value, scope.load.sourceText) };
  });
  return splice === null ? [] : [splice];
}

function reporting<T>(pointer: string, expression: string, scope: Scope, run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof Unresolved)) throw error;
    reportUnresolved(scope.load, pointer, expression, error.why);
    return null;
  }
}
