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
    .map((key) => (key.includes('~') ? key.replaceAll('~1', '/').replaceAll('~0', '~') : key));
}

/** The JSON pointer of a list of keys. */
export function toPointer(keys: readonly string[]): string {
  let pointer = '';
  for (const key of keys) pointer = pointerTo(pointer, key);
  return pointer;
}

/** The JSON pointer of a member of what stands at `pointer`. */
export function pointerTo(pointer: string, key: string): string {
  return `${pointer}/${escaped(key)}`;
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
  const copies: Copies = new Set();
  let edited: Json = document;
  for (const edit of edits) edited = replaceAt(edited, pointerKeys(edit.path), 0, edit, copies);
  return edited as JsonObject;
}

/**
 * The objects that edits have made on their way: nobody else has them yet, so that the next edit may write into them.
 * What lies on the way of them all, such as a definition's actions, is copied once.
 */
type Copies = Set<Json>;

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

function replaceAt(
  value: Json | undefined,
  keys: readonly string[],
  depth: number,
  edit: Edit,
  copies: Copies,
): Json {
  const key = keys[depth];
  if (key === undefined) return changed(value, edit);
  if (Array.isArray(value)) {
    if (!/^\d+$/.test(key) || Number(key) >= value.length)
      throw new InapplicableEditError(`There is no ${edit.path}.`);
    const after = replaceAt(value[Number(key)] as Json, keys, depth + 1, edit, copies);
    return (value as readonly Json[]).with(Number(key), after);
  }
  if (value !== undefined && value !== null && !isJsonObject(value)) {
    throw new InapplicableEditError(`${edit.path} leads through a value that is not an object.`);
  }
  const after = replaceAt(childOf(value, key), keys, depth + 1, edit, copies);
  return withMember(value ?? {}, key, after, copies);
}

function withMember(object: JsonObject, key: string, member: Json, copies: Copies): JsonObject {
  if (copies.has(object) && Object.hasOwn(object, key)) {
    (object as Record<string, Json>)[key] = member;
    return object;
  }
  // A computed key is defined and not assigned, so one that is called __proto__ stays data.
  const copy = { ...object, [key]: member };
  copies.add(copy);
  return copy;
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
