import { installation, type Json } from './installation.js';

/* The installation's template with something in it otherwise than it is. */

export type JsonObject = { [name: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** `Microsoft.Web/sites [variables('app')]` */
export function labelOf({ type, name }: JsonObject): string {
  return `${textOf(type)} ${textOf(name)}`;
}

/** Steps into JSON: names of members, and numbers of items. */
export type Path = readonly (string | number)[];

export function valueAt(json: Json, path: Path): Json {
  return path.reduce<Json>((value, step) => {
    const inner = Array.isArray(value) ? value[Number(step)] : isObject(value) ? value[step] : undefined;
    if (inner === undefined) throw new RangeError(`There is nothing at ${path.join('/')}.`);
    return inner;
  }, json);
}

export function objectAt(json: Json, path: Path): JsonObject {
  const value = valueAt(json, path);
  if (!isObject(value)) throw new RangeError(`There is no object at ${path.join('/')}.`);
  return value;
}

/** Every resource in a template, also in those inside it, with its path. */
export function resourcesIn(json: Json, path: Path = []): readonly (readonly [Path, JsonObject])[] {
  if (Array.isArray(json)) return json.flatMap((item, i) => resourcesIn(item, [...path, i]));
  if (!isObject(json)) return [];
  const own =
    typeof json.type === 'string' && typeof json.apiVersion === 'string' ? [[path, json] as const] : [];
  return [...own, ...Object.entries(json).flatMap(([name, value]) => resourcesIn(value, [...path, name]))];
}

/** The path of each member below a value, itself not among them. */
export function membersBelow(json: Json, path: Path = []): readonly Path[] {
  if (Array.isArray(json)) return json.flatMap((item, i) => membersBelow(item, [...path, i]));
  if (!isObject(json)) return [];
  return Object.entries(json).flatMap(([name, value]) => [
    [...path, name],
    ...membersBelow(value, [...path, name]),
  ]);
}

/** The installation with one member called otherwise, in its place. */
export function withRenamed(path: Path, name: string): JsonObject {
  const template = installation();
  const parent = objectAt(template, path.slice(0, -1));
  const entries = Object.entries(parent).map(
    ([key, value]) => [key === path.at(-1) ? name : key, value] as const,
  );
  for (const key of Object.keys(parent)) Reflect.deleteProperty(parent, key);
  Object.assign(parent, Object.fromEntries(entries));
  return template;
}

/** The first resource whose type ends like this, and whose name has the words; to be changed in place. */
export function resourceOf(template: Json, type: string, words = ''): JsonObject {
  const found = resourcesIn(template).find(
    ([, resource]) => textOf(resource.type).endsWith(type) && textOf(resource.name).includes(words),
  );
  if (found === undefined) throw new RangeError(`The template has no ${type} with ${words}.`);
  return found[1];
}
