import {
  applyEdits as applyTextEdits,
  findNodeAtLocation,
  modify,
  parseTree,
  type JSONPath,
} from 'jsonc-parser';
import { applyEdits, isSameJson, pointerKeys } from '../types/apply-edits.js';
import type { Edit } from '../types/edit.js';
import { isJsonObject, type Json, type JsonObject } from '../types/json.js';

/** The text could not be edited without touching something else; nothing was sent. */
export class LossyWriteError extends Error {
  override readonly name = 'LossyWriteError';
}

/**
 * What ARM sets by itself (Microsoft.Logic 2019-05-01, `readOnly` in the specification; `endpointsConfiguration`
 * is not flagged there, but is the platform's).
 */
const READ_ONLY: readonly JSONPath[] = [
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
  let result = text;
  for (const edit of edits) result = splice(result, edit);
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

function splice(text: string, edit: Edit): string {
  const keys = pointerKeys(edit.path);
  const path = pathIn(text, keys);
  switch (edit.op) {
    case 'set':
      return change(text, path, edit.after);
    case 'add':
      return existing(text, path) === undefined
        ? change(text, path, [edit.after])
        : change(text, [...path, -1], edit.after, true);
    case 'remove': {
      const members = existing(text, path);
      const at = Array.isArray(members)
        ? members.findIndex((member) => isSameJson(member as Json, edit.before))
        : -1;
      return at < 0 ? text : change(text, [...path, at], undefined);
    }
  }
}

/** jsonc-parser tells a list index from a key by its type. */
function pathIn(text: string, keys: readonly string[]): JSONPath {
  const root = parseTree(text);
  const path: JSONPath = [];
  for (const key of keys) {
    const parent = root === undefined ? undefined : findNodeAtLocation(root, path);
    path.push(parent?.type === 'array' ? Number(key) : key);
  }
  return path;
}

function existing(text: string, path: JSONPath): unknown {
  const root = parseTree(text);
  const node = root === undefined ? undefined : findNodeAtLocation(root, path);
  return node === undefined
    ? undefined
    : (JSON.parse(text.slice(node.offset, node.offset + node.length)) as unknown);
}

function change(text: string, path: JSONPath, value: unknown, isArrayInsertion = false): string {
  return applyTextEdits(text, modify(text, path, value, { isArrayInsertion }));
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
