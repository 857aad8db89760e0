import type { Node } from 'jsonc-parser';
import { applyEdits, toPointer } from '../types/apply-edits.js';
import type { Edit } from '../types/edit.js';
import { isJsonObject, type Json } from '../types/json.js';
import { membersOf, reach, valueOf, type JsonDocument } from './json-document.js';
import { layoutOf, written, type Layout } from './layout.js';

/** Text in place of other text; all of them are of the same text, in order, and do not overlap. */
export interface Replacement {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** What in a text an edit changes cannot be told apart from what it must not. */
export class UnspliceableError extends Error {
  override readonly name = 'UnspliceableError';
}

/**
 * The edits as changes of the text, which leave every other character as it is: what is new stands at the end of the object
 * or list that it belongs to, and is laid out as the file is. Throws {@link UnspliceableError}.
 */
export function spliceOf({ text, root }: JsonDocument, edits: readonly Edit[]): readonly Replacement[] {
  const layout = layoutOf(text);
  const places = new Map<Node, Edit[]>();
  for (const edit of edits) {
    const { node, path } = placeFor(root, edit);
    places.set(node, [...(places.get(node) ?? []), { ...edit, path }]);
  }
  return [...places].map(([node, own]) => changeAt(node, own, layout)).sort((a, b) => a.offset - b.offset);
}

/** The text with the replacements in it. */
export function replaced(text: string, replacements: readonly Replacement[]): string {
  let result = '';
  let at = 0;
  for (const { offset, length, text: own } of replacements) {
    result += text.slice(at, offset) + own;
    at = offset + length;
  }
  return result + text.slice(at);
}

/** The innermost value that is there and that the edit changes or goes into. */
function placeFor(root: Node, edit: Edit): { readonly node: Node; readonly path: string } {
  const { node, rest } = reach(root, edit.path);
  if (rest.length === 0) {
    if (edit.op === 'add' ? node.type === 'array' || node.type === 'null' : edit.op === 'set')
      return { node, path: '' };
  } else if (node.type === 'object' || node.type === 'null') return { node, path: toPointer(rest) };
  throw new UnspliceableError(`There is no room for ${edit.path}.`);
}

function changeAt(node: Node, edits: readonly Edit[], layout: Layout): Replacement {
  if (node.type === 'object') return insertedMembers(node, edits, layout);
  if (node.type === 'array' && edits.every(({ op, path }) => op === 'add' && path === ''))
    return insertedItems(node, edits, layout);
  if (edits.some(({ path }) => path === '') && edits.length > 1 && edits.some(({ op }) => op === 'set'))
    throw new UnspliceableError('Two edits set the same value.');
  const after = afterEdits(node.type === 'null' ? null : valueOf(node), edits);
  return {
    offset: node.offset,
    length: node.length,
    text: written(after, layout.indentAt(node.offset), layout),
  };
}

/** A value of any kind with the edits in it, which may be of the value itself. */
export function afterEdits(before: Json, edits: readonly Edit[]): Json {
  const holder = applyEdits(
    { value: before },
    edits.map((edit) => ({ ...edit, path: `/value${edit.path}` })),
  );
  return holder.value ?? null;
}

/** Members that the object does not have. */
function insertedMembers(node: Node, edits: readonly Edit[], layout: Layout): Replacement {
  const members = afterEdits({}, edits);
  if (!isJsonObject(members)) throw new UnspliceableError('An object is not replaced.');
  const last = membersOf(node).at(-1)?.property;
  const indent = layout.indentAt(last?.offset ?? node.offset) + (last === undefined ? layout.step : '');
  const isOpen = last === undefined || layout.isSpread(node);
  const texts = Object.entries(members).map(([key, value]) => {
    const member = written(value ?? null, isOpen ? indent : null, layout);
    return `${JSON.stringify(key)}${layout.colon}${member}`;
  });
  return inserted(node, last, texts, isOpen ? indent : null, layout);
}

function insertedItems(node: Node, edits: readonly Edit[], layout: Layout): Replacement {
  const last = node.children?.at(-1);
  const isOpen = last !== undefined && layout.isSpread(node);
  const indent = layout.indentAt(last?.offset ?? node.offset);
  const texts = edits.map(({ after }) => written(after, isOpen ? indent : null, layout));
  return inserted(node, last, texts, isOpen ? indent : null, layout);
}

/** Behind the last one, or as the first ones; on lines of their own where there is an indent. */
function inserted(
  node: Node,
  last: Node | undefined,
  texts: readonly string[],
  indent: string | null,
  layout: Layout,
): Replacement {
  const gap = indent === null ? '' : layout.eol + indent;
  const between = indent === null ? layout.comma : `,${gap}`;
  if (last !== undefined)
    return { offset: last.offset + last.length, length: 0, text: between + texts.join(between) };
  const end = indent === null ? '' : layout.eol + layout.indentAt(node.offset);
  return { offset: node.offset + 1, length: 0, text: gap + texts.join(between) + end };
}
