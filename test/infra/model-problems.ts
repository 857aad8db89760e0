import type { Mapper, Models } from './microsoft-models.js';
import { isObject, type JsonObject } from './changed-template.js';
import type { Json } from './installation.js';

/** What a body has that a model of Microsoft's does not take, each with its path. */
export function problemsWith(models: Models, className: string, body: Json): readonly string[] {
  const mapper = models.find(className);
  if (mapper === undefined) throw new Error(`There is no model ${className}.`);
  return ofValue({ models, owner: className, property: '' }, mapper, body, '');
}

/** Whose property is looked at: its allowed values stand with the owner's type. */
interface Place {
  readonly models: Models;
  readonly owner: string;
  readonly property: string;
}

/** What lies on the wire at a name: a property, or an object in which the client has flattened more of them. */
interface Branch {
  readonly children: Map<string, Branch>;
  leaf: { readonly property: string; readonly mapper: Mapper } | null;
}

function ofValue(place: Place, mapper: Mapper, value: Json, path: string): readonly string[] {
  const { type } = mapper;
  if (value === null) return [];
  switch (type.name) {
    case 'Composite':
      return isObject(value)
        ? ofModel(place.models, type.className ?? '', value, path)
        : [wrong(path, value)];
    case 'Sequence': {
      const { element } = type;
      if (!Array.isArray(value) || element === undefined) return [wrong(path, value)];
      return value.flatMap((item, i) => ofValue(place, element, item, `${path}[${i}]`));
    }
    case 'Dictionary': {
      const inner = type.value;
      if (!isObject(value) || inner === undefined) return [wrong(path, value)];
      return Object.entries(value).flatMap(([name, item]) => ofValue(place, inner, item, `${path}.${name}`));
    }
    case 'Number':
      return typeof value === 'number' ? outOfRange(mapper, value, path) : [wrong(path, value)];
    case 'Boolean':
      return typeof value === 'boolean' ? [] : [wrong(path, value)];
    case 'any':
      return [];
    default:
      return typeof value === 'string' ? notAllowed(place, mapper, value, path) : [wrong(path, value)];
  }
}

function ofModel(models: Models, className: string, body: JsonObject, path: string): readonly string[] {
  const found = models.find(className)?.type;
  const discriminator = found?.polymorphicDiscriminator?.serializedName;
  const kind = discriminator === undefined ? undefined : body[discriminator];
  const type = typeof kind === 'string' ? models.variant(found?.uberParent ?? className, kind)?.type : found;
  if (type === undefined) return [`${path}: there is no ${className} of kind ${JSON.stringify(kind)}`];
  const root: Branch = { children: new Map(), leaf: null };
  for (const [property, mapper] of Object.entries(type.modelProperties ?? {})) grow(root, property, mapper);
  const owner = type.className ?? className;
  return ofBranch({ models, owner, property: '' }, root, body, path, type.additionalProperties);
}

function grow(root: Branch, property: string, mapper: Mapper): void {
  const names = (mapper.serializedName ?? property).replaceAll('\\.', '\0').split('.');
  let branch = root;
  for (const name of names.map((part) => part.replaceAll('\0', '.'))) {
    const next = branch.children.get(name) ?? { children: new Map(), leaf: null };
    branch.children.set(name, next);
    branch = next;
  }
  branch.leaf = { property, mapper };
}

function ofBranch(
  place: Place,
  { children }: Branch,
  body: JsonObject,
  path: string,
  more: Mapper | undefined,
): readonly string[] {
  const there = Object.entries(body).flatMap(([name, value]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const child = children.get(name);
    if (child === undefined) {
      return more === undefined ? [`${at}: no such property`] : ofValue(place, more, value, at);
    }
    if (child.leaf === null) {
      return isObject(value) ? ofBranch(place, child, value, at, undefined) : [wrong(at, value)];
    }
    const { property, mapper } = child.leaf;
    if (mapper.readOnly === true) return [`${at}: read-only`];
    return ofValue({ ...place, property }, mapper, value, at);
  });
  const missing = [...children].filter(
    ([name, { leaf }]) => leaf?.mapper.required === true && !leaf.mapper.readOnly && !(name in body),
  );
  return [...there, ...missing.map(([name]) => `${path === '' ? name : `${path}.${name}`}: missing`)];
}

function outOfRange({ constraints = {} }: Mapper, value: number, path: string): readonly string[] {
  const { InclusiveMinimum = -Infinity, InclusiveMaximum = Infinity } = constraints;
  return value >= InclusiveMinimum && value <= InclusiveMaximum ? [] : [`${path}: ${value} is out of range`];
}

function notAllowed({ models, owner, property }: Place, mapper: Mapper, value: string, path: string) {
  const allowed = mapper.type.allowedValues ?? models.allowed(owner, property);
  if (allowed === undefined || allowed.includes(value)) return [];
  return [`${path}: '${value}' is none of ${allowed.join(', ')}`];
}

function wrong(path: string, value: Json): string {
  return `${path}: ${JSON.stringify(value)} is of another type`;
}
