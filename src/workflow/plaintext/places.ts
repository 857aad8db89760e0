import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { propertiesOf, type WorkflowDocument } from '../../types/observation.js';
import { expressionOf } from '../known-expressions.js';
import { nameOfValue } from './value-name.js';

/** How a place is known to hold a credential: by the name of its field, or by the kind of object it is in. */
export type Field = 'named' | 'query' | 'authentication';

/** The keys on the way to a value, from the resource's root. */
export type Path = readonly string[];

/** A text in a workflow, and what it is called there. */
export interface Place {
  readonly path: Path;
  readonly value: string;
  /** Of the nearest field, header, parameter, variable or action that it is the value of; empty where none is. */
  readonly name: string;
  readonly field: Field;
  /** `parameter:x` or `variable:x`, in lower case, of the value it is part of; null where it is of none. */
  readonly binding: string | null;
}

/** Tells at a glance that most texts can hold nothing; of these no more is made. */
export interface Glance {
  readonly mayHold: (text: string, name: string, field: Field) => boolean;
  readonly mayBeSecretKey: (key: string) => boolean;
}

interface Found {
  readonly places: readonly Place[];
  /** Objects' keys, which are texts, too, and part of the pointers to what is in them. */
  readonly keys: readonly Path[];
}

interface Search {
  readonly places: Place[];
  readonly keys: Path[];
  readonly glance: Glance;
  /** The way to what is being looked at, and the values on it: paths are made of the few that are told. */
  readonly path: string[];
  readonly values: Json[];
}

/** What holds for everything in a value. */
interface Around {
  readonly binding: string | null;
  /** In a JSON schema or a runAfter, the names are those of other things, and the texts are no values. */
  readonly isNamed: boolean;
}

/** Far deeper than Azure takes; what is deeper is no workflow. */
const MAX_NESTING = 256;

/** Shorter keys hold no credential that could be recognised by itself. */
const MIN_KEY = 16;

/**
 * What a key is, whatever it is in. A text under `value` or another that is `unnamed` is called what the object around
 * it is called; under `value` and a `credential` an authentication object has what is secret in it.
 */
type Role = 'value' | 'unnamed' | 'credential' | 'authentication' | 'queries' | 'order' | 'schema' | 'name';

const ROLES: ReadonlyMap<string, Role> = new Map([
  ['value', 'value'],
  ['defaultvalue', 'unnamed'],
  ['inputs', 'unnamed'],
  ['password', 'credential'],
  ['secret', 'credential'],
  ['pfx', 'credential'],
  ['authentication', 'authentication'],
  ['queries', 'queries'],
  ['runafter', 'order'],
  ['schema', 'schema'],
]);

/** Most keys are as long as none of them, and need not be compared. */
const ROLE_LENGTHS: ReadonlySet<number> = new Set([...ROLES.keys()].map(({ length }) => length));

/** The types that take a literal credential: https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#authentication-types-for-connectors-that-support-authentication */
const AUTHENTICATION_TYPES: ReadonlySet<string> = new Set([
  'basic',
  'clientcertificate',
  'activedirectoryoauth',
  'raw',
]);

const OUTSIDE: Around = { binding: null, isNamed: true };

/**
 * Every text in the definition and the parameter values of a workflow that may hold something, in the order of the
 * document.
 */
export function placesOf(workflow: WorkflowDocument, glance: Glance): Found {
  const properties = propertiesOf(workflow);
  const search: Search = { places: [], keys: [], glance, path: ['properties'], values: [properties] };
  for (const key in properties) {
    const value = properties[key];
    if (key.toLowerCase() === 'parameters') visitParameters(key, value, search);
    else if (key.toLowerCase() === 'definition') visitDefinition(key, value, search);
  }
  return search;
}

function visitDefinition(key: string, definition: Json | undefined, search: Search): void {
  if (!isJsonObject(definition)) return;
  enter(key, definition, search);
  for (const member in definition) {
    collectKey(member, search);
    if (member.toLowerCase() === 'parameters') visitParameters(member, definition[member], search);
    else visit(member, definition[member], member, 'named', OUTSIDE, search, 0);
  }
  leave(search);
}

function visitParameters(key: string, parameters: Json | undefined, search: Search): void {
  if (!isJsonObject(parameters)) return;
  enter(key, parameters, search);
  for (const name in parameters) {
    collectKey(name, search);
    const around: Around = { ...OUTSIDE, binding: `parameter:${name.toLowerCase()}` };
    visit(name, parameters[name], name, 'named', around, search, 0);
  }
  leave(search);
}

function enter(key: string, value: Json, { path, values }: Search): void {
  path.push(key);
  values.push(value);
}

function leave({ path, values }: Search): void {
  path.pop();
  values.pop();
}

/** `name` and `field` are what a text would be called and known by that is the value, or that a list of them holds. */
function visit(
  key: string,
  value: Json | undefined,
  name: string,
  field: Field,
  around: Around,
  search: Search,
  depth: number,
): void {
  if (typeof value === 'string') collectText(key, value, name, field, around, search);
  if (typeof value !== 'object' || value === null || depth > MAX_NESTING) return;
  // A document may hold itself.
  if (search.values.includes(value)) return;
  enter(key, value, search);
  if (isJsonObject(value)) visitMembers(value, name, field, around, search, depth);
  else visitElements(value, name, field, around, search, depth);
  leave(search);
}

function visitElements(
  list: readonly Json[],
  name: string,
  field: Field,
  around: Around,
  search: Search,
  depth: number,
): void {
  for (let i = 0; i < list.length; i += 1) {
    const called = comparedName(list, i, name) ?? name;
    visit(String(i), list[i], called, field, around, search, depth + 1);
  }
}

function visitMembers(
  object: JsonObject,
  name: string,
  field: Field,
  around: Around,
  search: Search,
  depth: number,
): void {
  for (const key in object) {
    const value = object[key];
    if (key.length >= MIN_KEY) collectKey(key, search);
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) continue;
    const role = roleOf(key);
    const called = nameIn(object, key, role, name);
    const known = fieldOf(field, object, role, value);
    const here = role === 'name' ? around : within(around, object, role, value, search, depth);
    if (typeof value === 'string') collectText(key, value, called, known, here, search);
    else visit(key, value, called, known, here, search, depth + 1);
  }
}

function collectText(
  key: string,
  value: string,
  name: string,
  field: Field,
  { binding, isNamed }: Around,
  { glance, places, path }: Search,
): void {
  const called = isNamed ? name : '';
  if (glance.mayHold(value, called, field))
    places.push({ path: [...path, key], value, name: called, field, binding });
}

function collectKey(key: string, { glance, keys, path }: Search): void {
  if (key.length >= MIN_KEY && glance.mayBeSecretKey(key)) keys.push([...path, key]);
}

function roleOf(key: string): Role {
  return ROLE_LENGTHS.has(key.length) ? (ROLES.get(key.toLowerCase()) ?? 'name') : 'name';
}

/** What a member of an object that is called `name` is called. */
function nameIn(object: JsonObject, key: string, role: Role, name: string): string {
  if (role === 'value') return siblingName(object) ?? name;
  return role === 'unnamed' ? name : key;
}

function within(
  around: Around,
  object: JsonObject,
  role: Role,
  member: Json,
  search: Search,
  depth: number,
): Around {
  switch (role) {
    case 'value': {
      const named = siblingName(object);
      if (named === null || !operationTypeAt(search, depth).endsWith('variable')) return around;
      return { ...around, binding: `variable:${named.toLowerCase()}` };
    }
    case 'order':
      return { ...around, isNamed: false };
    case 'schema':
      return isSchema(member) ? { ...around, isNamed: false } : around;
    case 'unnamed':
    case 'credential':
    case 'authentication':
    case 'queries':
    case 'name':
      return around;
  }
}

/** Of the operation that the object being looked at is in, or is itself: `depth` objects and lists around it may be one. */
function operationTypeAt({ values }: Search, depth: number): string {
  for (const value of values.slice(-1 - depth).reverse()) {
    const type = typeOf(value);
    if (type !== null && getIgnoringCase(value, 'inputs') !== undefined) return type;
  }
  return '';
}

function typeOf(value: Json | undefined): string | null {
  const type = getIgnoringCase(value, 'type');
  return typeof type === 'string' ? type.toLowerCase() : null;
}

function fieldOf(around: Field, object: JsonObject, role: Role, member: Json): Field {
  if (typeof member !== 'string') {
    if (role === 'authentication') return 'authentication';
    return role === 'queries' ? 'query' : 'named';
  }
  if (around === 'query') return 'query';
  if (role !== 'credential' && role !== 'value') return 'named';
  return around === 'authentication' || AUTHENTICATION_TYPES.has(typeOf(object) ?? '')
    ? 'authentication'
    : 'named';
}

function isSchema(value: Json | undefined): boolean {
  return ['type', 'properties', '$schema', 'items', '$ref'].some(
    (key) => getIgnoringCase(value, key) !== undefined,
  );
}

const SIBLINGS = ['name', 'key', 'header'] as const;

/** The name in `{ "name": "x-api-key", "value": … }`, as headers, variables and form fields are listed. */
function siblingName(object: Json | undefined): string | null {
  for (const key of SIBLINGS) {
    const name = getIgnoringCase(object, key);
    if (typeof name === 'string') return name;
  }
  return null;
}

/** In a condition, `{ "equals": ["@triggerOutputs()['headers']['x-api-key']", …] }`, the one names the other. */
function comparedName(list: readonly Json[], i: number, name: string): string | null {
  const other = list[1 - i];
  if (
    list.length !== 2 ||
    typeof other !== 'string' ||
    !/^(?:equals|contains|startswith|endswith)$/i.test(name)
  )
    return null;
  return nameOfValue(expressionOf(other));
}
