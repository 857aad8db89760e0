import type { Edit } from './edit.js';
import { isJsonObject, type Json, type JsonObject } from './json.js';

/** An edit that does not fit the document it is applied to, e.g. a path through a number. */
export class InapplicableEditError extends Error {
  override readonly name = 'InapplicableEditError';
}

/** The keys of a JSON pointer (RFC 6901): `/a~1b/0` is `['a/b', '0']`. */
export function pointerKeys(pointer: string): readonly string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The JSON pointer of a list of keys. */
export function toPointer(keys: readonly string[]): string {
  let pointer = '';
  for (const key of keys) pointer += `/${escaped(key)}`;
  return pointer;
}

/** Few keys need it, and there are very many keys. */
function escaped(key: string): string {
  return key.includes('/') || key.includes('~') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** The value at a JSON pointer; undefined where there is none. Only own keys count. */
export function valueAt(document: Json, pointer: string): Json | undefined {
  let value: Json | undefined = document;
  for (const key of pointerKeys(pointer)) value = childOf(value, key);
  return value;
}

/** The document with the edits in it. The document given is left as it is. */
export function applyEdits(document: JsonObject, edits: readonly Edit[]): JsonObject {
  return edits.reduce<JsonObject>(
    (edited, edit) => replaceAt(edited, pointerKeys(edit.path), edit) as JsonObject,
    document,
  );
}

/** Whether two JSON values are the same; the order of an object's keys does not count. */
export function isSameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, i) => isSameJson(item as Json, b[i] as Json))
    );
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSameJson(a[key], b[key]))
  );
}

function childOf(value: Json | undefined, key: string): Json | undefined {
  if (Array.isArray(value)) return /^\d+$/.test(key) ? (value[Number(key)] as Json) : undefined;
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function replaceAt(value: Json | undefined, keys: readonly string[], edit: Edit): Json {
  const [key, ...rest] = keys;
  if (key === undefined) return changed(value, edit);
  if (Array.isArray(value)) {
    if (!/^\d+$/.test(key) || Number(key) >= value.length)
      throw new InapplicableEditError(`There is no ${edit.path}.`);
    return (value as readonly Json[]).map((item, i) =>
      i === Number(key) ? replaceAt(item, rest, edit) : item,
    );
  }
  if (value !== undefined && value !== null && !isJsonObject(value)) {
    throw new InapplicableEditError(`${edit.path} leads through a value that is not an object.`);
  }
  const after = replaceAt(childOf(value, key), rest, edit);
  // A computed key is defined and not assigned, so one that is called __proto__ stays data.
  return { ...value, [key]: after };
}

function changed(value: Json | undefined, edit: Edit): Json {
  if (edit.op === 'set') return edit.after;
  if (value !== undefined && value !== null && !Array.isArray(value)) {
    throw new InapplicableEditError(`${edit.path} is not a list.`);
  }
  const members = (value ?? []) as readonly Json[];
  if (edit.op === 'add') return [...members, edit.after];
  const at = members.findIndex((member) => isSameJson(member, edit.before));
  if (at < 0) throw new InapplicableEditError(`${edit.path} does not hold the member to remove.`);
  return members.toSpliced(at, 1);
}
