import {
  applyEdits as applyTextEdits,
  findNodeAtLocation,
  modify,
  parseTree,
  type JSONPath,
  type Node,
} from 'jsonc-parser';
import { applyEdits, isSameJson, pointerKeys, toPointer } from '../../types/apply-edits.js';
import type { Edit } from '../../types/edit.js';
import { isJsonObject, type Json, type JsonObject } from '../../types/json.js';

/** The text could not be edited without touching something else; nothing was sent. */
export class LossyWriteError extends Error {
  override readonly name = 'LossyWriteError';
}

/**
 * What ARM sets by itself (Microsoft.Logic 2019-05-01, `readOnly` in the specification; `endpointsConfiguration`
 * is not flagged there, but is the platform's).
 */
export const READ_ONLY: readonly JSONPath[] = [
  ['id'],
  ['name'],
  ['type'],
  ['etag'],
  ['systemData'],
  ['identity', 'principalId'],
  ['identity', 'tenantId'],
  ['properties', 'provisioningState'],
  ['properties', 'createdTime'],
  ['properties', 'changedTime'],
  ['properties', 'version'],
  ['properties', 'accessEndpoint'],
  ['properties', 'sku'],
  ['properties', 'endpointsConfiguration'],
];

/**
 * The document to PUT: the text that came in, with the edits in it and the read-only fields out of it, and every
 * other byte as it was. Checked before it is returned. Throws {@link LossyWriteError}.
 */
export function workflowPut(text: string, edits: readonly Edit[]): string {
  try {
    return spliced(text, edits);
  } catch (error) {
    if (error instanceof LossyWriteError) throw error;
    // jsonc-parser loses its way where a key stands twice, and calls itself once for each level.
    throw new LossyWriteError(
      'The workflow is nested too deeply to be edited, or a key stands in it twice; it was left alone.',
      { cause: error },
    );
  }
}

function spliced(text: string, edits: readonly Edit[]): string {
  let result = spliceAll(text, edits);
  for (const path of READ_ONLY) result = remove(result, path);
  result = emptyUserIdentities(result);

  const wanted = withoutReadOnly(applyEdits(parse(text), edits));
  if (!isSameJson(parse(result), wanted)) {
    throw new LossyWriteError(
      'The workflow cannot be edited without touching something else (a key may stand in it twice); it was left alone.',
    );
  }
  return result;
}

function parse(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value))
    throw new LossyWriteError('The workflow is not a JSON object; it was left alone.');
  return value;
}

/**
 * Puts each edit into the smallest value that is there already, and that value back into the text: jsonc-parser reads
 * all that it is given for every edit, and a workflow can be a megabyte with hundreds of edits.
 */
function spliceAll(text: string, edits: readonly Edit[]): string {
  const root = parseTree(text);
  if (root === undefined) return text;
  const places = new Map<Node, Edit[]>();
  for (const edit of edits) {
    const { node, path } = innermost(root, pointerKeys(edit.path));
    places.set(node, [...(places.get(node) ?? []), { ...edit, path }]);
  }
  const inOrder = [...places].sort(([a], [b]) => b.offset - a.offset);
  // Where one value holds another that is edited too, the whole is edited step by step.
  const isNested = inOrder.some(([node], i) => {
    const next = inOrder[i - 1]?.[0];
    return next !== undefined && next.offset < node.offset + node.length;
  });
  if (isNested) return edits.reduce(splice, text);
  return inOrder.reduce((result, [node, own]) => {
    const end = node.offset + node.length;
    return (
      result.slice(0, node.offset) + own.reduce(splice, text.slice(node.offset, end)) + result.slice(end)
    );
  }, text);
}

/** The object nearest to an edit's place that stands in the tree, and the rest of the way from there. */
function innermost(root: Node, keys: readonly string[]): { readonly node: Node; readonly path: string } {
  let node = root;
  let used = 0;
  for (const [i, key] of keys.entries()) {
    const child = findNodeAtLocation(node, [node.type === 'array' ? Number(key) : key]);
    if (child?.type !== 'object' && child?.type !== 'array') break;
    node = child;
    if (child.type === 'object') used = i + 1;
  }
  const parent = used === 0 ? root : (findNodeAtLocation(root, pathOf(root, keys.slice(0, used))) ?? root);
  return { node: parent, path: toPointer(keys.slice(used)) };
}

/** jsonc-parser tells a list index from a key by its type. */
function pathOf(root: Node, keys: readonly string[]): JSONPath {
  const path: JSONPath = [];
  for (const key of keys) path.push(findNodeAtLocation(root, path)?.type === 'array' ? Number(key) : key);
  return path;
}

function splice(text: string, edit: Edit): string {
  const root = parseTree(text);
  const path = root === undefined ? [] : pathOf(root, pointerKeys(edit.path));
  switch (edit.op) {
    case 'set':
      return insert(text, path, edit.after);
    case 'add':
      return Array.isArray(existing(text, path))
        ? change(text, [...path, -1], edit.after, true)
        : insert(text, path, [edit.after]);
    case 'remove': {
      const members = existing(text, path);
      const at = Array.isArray(members)
        ? members.findIndex((member) => isSameJson(member as Json, edit.before))
        : -1;
      return at < 0 ? text : change(text, [...path, at], undefined);
    }
  }
}

function existing(text: string, path: JSONPath): unknown {
  const root = parseTree(text);
  const node = root === undefined ? undefined : findNodeAtLocation(root, path);
  return node === undefined
    ? undefined
    : (JSON.parse(text.slice(node.offset, node.offset + node.length)) as unknown);
}

function change(text: string, path: JSONPath, value: unknown, isArrayInsertion = false): string {
  try {
    return applyTextEdits(text, modify(text, path, value, { isArrayInsertion }));
  } catch (error) {
    throw new LossyWriteError(`The workflow cannot be edited at ${path.join('/')}; it was left alone.`, {
      cause: error,
    });
  }
}

/** Sets a value whose parents may be missing or null: a null on the way is taken for a missing parent. */
function insert(text: string, path: JSONPath, value: unknown): string {
  for (let depth = 1; depth < path.length; depth++) {
    if (existing(text, path.slice(0, depth)) !== null) continue;
    const nested = path.slice(depth).reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    return change(text, path.slice(0, depth), nested);
  }
  return change(text, path, value);
}

function remove(text: string, path: JSONPath): string {
  return existing(text, path) === undefined ? text : change(text, path, undefined);
}

/** User-assigned identities go out as `{}`: ARM refuses their read-only principal and client ids. */
function emptyUserIdentities(text: string): string {
  const path: JSONPath = ['identity', 'userAssignedIdentities'];
  const identities = existing(text, path);
  if (!isJsonObject(identities)) return text;
  return Object.keys(identities).reduce((edited, id) => change(edited, [...path, id], {}), text);
}

function withoutReadOnly(document: JsonObject): JsonObject {
  const copy = structuredClone(document);
  for (const path of READ_ONLY) {
    const parent = path
      .slice(0, -1)
      .reduce<unknown>((value, key) => (isJsonObject(value) ? value[key] : null), copy);
    if (isJsonObject(parent)) Reflect.deleteProperty(parent, path.at(-1) ?? '');
  }
  const users = isJsonObject(copy.identity) ? copy.identity.userAssignedIdentities : null;
  if (isJsonObject(users)) for (const id of Object.keys(users)) Reflect.set(users, id, {});
  return copy;
}
