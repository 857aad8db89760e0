import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import { pointerKeys } from '../types/apply-edits.js';
import type { Json } from '../types/json.js';

/** A place in a text; both from 1, a column in UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A file's text, read as ARM reads templates: comments, trailing commas and texts over several lines are taken. */
export interface JsonDocument {
  readonly text: string;
  readonly root: Node;
  readonly value: Json;
}

export interface BrokenJson extends Position {
  readonly what: string;
}

/**
 * The document in a text, or where it is broken and how; nothing that stands in it is repeated.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/syntax#comments-and-metadata
 */
export function readDocument(text: string): JsonDocument | BrokenJson {
  const errors: ParseError[] = [];
  try {
    const root = parseTree(plain(text), errors, { allowTrailingComma: true });
    const [error] = errors;
    if (root !== undefined && error === undefined) return { text, root, value: valueOf(root) };
    const what = error === undefined ? 'it is empty' : inWords(printParseErrorCode(error.error));
    return { ...positionAt(lineStartsOf(text), error?.offset ?? 0), what };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { line: 1, column: 1, what: 'it is nested too deeply' };
  }
}

/** Comments and texts; one without an end goes to the file's, so that no place is looked at twice. */
const TOKENS = /\/\/[^\r\n]*|\/\*[^]*?(?:\*\/|$)|"[^"\\]*(?:\\[^][^"\\]*)*(?:"|\\?$)/g;

/** `ValueExpected` is "value expected". */
function inWords(code: string): string {
  return code.replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

/**
 * The text with a byte order mark, and what strict JSON does not take within a text (line ends, tabs), as spaces: it is as
 * long, so that every place in it is the same.
 */
function plain(text: string): string {
  return text
    .replace(/^\uFEFF/, ' ')
    .replace(TOKENS, (token) => (token.startsWith('"') ? token.replace(/[\u0000-\u001f]/g, ' ') : token));
}

/** What a node says. Of a key that stands there twice, the last one counts, as for ARM. */
export function valueOf(node: Node): Json {
  if (node.type === 'array') return (node.children ?? []).map(valueOf);
  if (node.type !== 'object') return node.value as Json;
  // Defined and not assigned, so that a key that is called __proto__ stays data.
  return Object.fromEntries(membersOf(node).map(({ key, value }) => [key, valueOf(value)]));
}

/** A member of an object: its key and value, and where both stand together. */
export interface Member {
  readonly key: string;
  readonly value: Node;
  readonly property: Node;
}

export function membersOf(node: Node): readonly Member[] {
  return (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? [];
    return key === undefined || value === undefined ? [] : [{ key: String(key.value), value, property }];
  });
}

/** What stands at a pointer, or the nearest thing around it, and the keys of the pointer that lead on from there. */
export interface Reached {
  readonly node: Node;
  /** Null at the root and in a list. */
  readonly property: Node | null;
  readonly rest: readonly string[];
}

export function reach(root: Node, pointer: string): Reached {
  const keys = pointerKeys(pointer);
  let reached: Reached = { node: root, property: null, rest: keys };
  for (const [at, key] of keys.entries()) {
    const next = childOf(reached.node, key);
    if (next === null) break;
    reached = { ...next, rest: keys.slice(at + 1) };
  }
  return reached;
}

function childOf(node: Node, key: string): Pick<Reached, 'node' | 'property'> | null {
  if (node.type === 'array') {
    const item = /^\d+$/.test(key) ? node.children?.[Number(key)] : undefined;
    return item === undefined ? null : { node: item, property: null };
  }
  const member = node.type === 'object' ? byKey(node).get(key) : undefined;
  return member === undefined ? null : { node: member.value, property: member.property };
}

const known = new WeakMap<Node, ReadonlyMap<string, Member>>();

/** Made once of each: a definition has many actions, and each of them is looked for. */
function byKey(node: Node): ReadonlyMap<string, Member> {
  const before = known.get(node);
  if (before !== undefined) return before;
  const members = new Map(membersOf(node).map((member) => [member.key, member]));
  known.set(node, members);
  return members;
}

/** Where the lines of a text begin. A byte order mark is no column: no editor shows it. */
export function lineStartsOf(text: string): readonly number[] {
  const starts = [text.startsWith('\uFEFF') ? 1 : 0];
  for (const match of text.matchAll(/\r\n|\n|\r/g)) starts.push(match.index + match[0].length);
  return starts;
}

export function positionAt(lineStarts: readonly number[], offset: number): Position {
  let [low, high] = [0, lineStarts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: Math.max(0, offset - (lineStarts[low] ?? 0)) + 1 };
}
