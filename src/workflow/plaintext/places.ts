import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { propertiesOf, type WorkflowDocument } from '../../types/observation.js';
import { expressionOf } from '../known-expressions.js';
import { keyAloneOf, type KeyAlone, type Role } from './key-alone.js';
import { nameOfValue } from './value-name.js';

/** How a place is known to hold a credential: by the name of its field, or by the kind of object it is in. */
export type Field = 'named' | 'query' | 'authentication';

/** The keys on the way to a value, from the resource's root. */
export type Path = readonly string[];

/** A text in a workflow, and what it is called there. */
export interface Place {
  readonly path: Path;
  readonly value: string;
  /** The nearest field, header, parameter, variable or action that it is the value of; empty where none is. */
  readonly called: KeyAlone;
  readonly field: Field;
  /** `parameter:x` or `variable:x`, in lower case, of the value it is part of; null where it is of none. */
  readonly binding: string | null;
}

/** Tells that most texts hold nothing; of these no more is made. */
export type MayHold = (text: string, called: KeyAlone, field: Field) => boolean;

/** An object's key that is a credential itself, and part of the pointers to what is in it. */
export interface SecretKey {
  readonly path: Path;
  readonly kind: string;
}

interface Found {
  readonly places: readonly Place[];
  readonly keys: readonly SecretKey[];
}

interface Search {
  readonly places: Place[];
  readonly keys: SecretKey[];
  readonly mayHold: MayHold;
  /** The way to what is being looked at, and the values on it: paths are made of the few that are told. */
  readonly path: (string | number)[];
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

/** The types that take a literal credential: https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#authentication-types-for-connectors-that-support-authentication */
const AUTHENTICATION_TYPES: ReadonlySet<string> = new Set([
  'basic',
  'clientcertificate',
  'activedirectoryoauth',
  'raw',
]);

const OUTSIDE: Around = { binding: null, isNamed: true };

const NAMELESS = keyAloneOf('');

/**
 * Every text in the definition and the parameter values of a workflow that may hold something, in the order of the
 * document.
 */
export function placesOf(workflow: WorkflowDocument, mayHold: MayHold): Found {
  const properties = propertiesOf(workflow);
  const search: Search = { places: [], keys: [], mayHold, path: ['properties'], values: [properties] };
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
    const called = keyAloneOf(member);
    collectKey(called, search);
    if (member.toLowerCase() === 'parameters') visitParameters(member, definition[member], search);
    else visit(member, definition[member], called, 'named', OUTSIDE, search, 0);
  }
  leave(search);
}

function visitParameters(key: string, parameters: Json | undefined, search: Search): void {
  if (!isJsonObject(parameters)) return;
  enter(key, parameters, search);
  for (const name in parameters) {
    const called = keyAloneOf(name);
    collectKey(called, search);
    const around: Around = { ...OUTSIDE, binding: `parameter:${name.toLowerCase()}` };
    visit(name, parameters[name], called, 'named', around, search, 0);
  }
  leave(search);
}

function enter(key: string | number, value: Json, { path, values }: Search): void {
  path.push(key);
  values.push(value);
}

function leave({ path, values }: Search): void {
  path.pop();
  values.pop();
}

/** `called` and `field` are what a text would be called and known by that is the value, or that a list of them holds. */
function visit(
  key: string | number,
  value: Json | undefined,
  called: KeyAlone,
  field: Field,
  around: Around,
  search: Search,
  depth: number,
): void {
  if (typeof value === 'string') collectText(key, value, called, field, around, search);
  if (typeof value !== 'object' || value === null || depth > MAX_NESTING) return;
  // A document may hold itself.
  if (search.values.includes(value)) return;
  enter(key, value, search);
  if (isJsonObject(value)) visitMembers(value, called, field, around, search, depth);
  else visitElements(value, called, field, around, search, depth);
  leave(search);
}

function visitElements(
  list: readonly Json[],
  called: KeyAlone,
  field: Field,
  around: Around,
  search: Search,
  depth: number,
): void {
  for (let i = 0; i < list.length; i += 1) {
    const compared = called.compares ? comparedName(list, i) : null;
    visit(i, list[i], compared === null ? called : keyAloneOf(compared), field, around, search, depth + 1);
  }
}

function visitMembers(
  object: JsonObject,
  name: KeyAlone,
  field: Field,
  around: Around,
  search: Search,
  depth: number,
): void {
  for (const key in object) {
    const value = object[key];
    const alone = keyAloneOf(key);
    collectKey(alone, search);
    if (alone.role !== 'name') visitMember(object, alone, name, field, around, search, depth);
    else if (typeof value !== 'string') visit(key, value, alone, 'named', around, search, depth + 1);
    else collectText(key, value, alone, field === 'query' ? 'query' : 'named', around, search);
  }
}

/** The value under a key that is no mere name. */
function visitMember(
  object: JsonObject,
  key: KeyAlone,
  name: KeyAlone,
  field: Field,
  around: Around,
  search: Search,
  depth: number,
): void {
  const value = object[key.name];
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return;
  const sibling = key.role === 'value' ? siblingName(object) : null;
  const called = calledUnder(key, sibling, name);
  const known = fieldOf(field, object, key.role, value);
  const here = sibling === null ? within(around, key.role, value) : givenTo(sibling, around, search, depth);
  visit(key.name, value, called, known, here, search, depth + 1);
}

function collectText(
  key: string | number,
  value: string,
  name: KeyAlone,
  field: Field,
  { binding, isNamed }: Around,
  { mayHold, places, path }: Search,
): void {
  const called = isNamed ? name : NAMELESS;
  if (mayHold(value, called, field))
    places.push({ path: [...path, key].map(String), value, called, field, binding });
}

function collectKey({ name, kind }: KeyAlone, { keys, path }: Search): void {
  if (kind !== null) keys.push({ path: [...path, name].map(String), kind });
}

/** What a member of an object that is called `name` is called; `sibling` names a `value`. */
function calledUnder(key: KeyAlone, sibling: string | null, name: KeyAlone): KeyAlone {
  if (sibling !== null) return keyAloneOf(sibling);
  return key.role === 'value' || key.role === 'unnamed' ? name : key;
}

function within(around: Around, role: Role, member: Json): Around {
  const isOfNames = role === 'order' || (role === 'schema' && isSchema(member));
  return isOfNames ? { ...around, isNamed: false } : around;
}

/** Around the value of what is called so: a variable has it where the operation is of one. */
function givenTo(name: string, around: Around, search: Search, depth: number): Around {
  if (!operationTypeAt(search, depth).endsWith('variable')) return around;
  return { ...around, binding: `variable:${name.toLowerCase()}` };
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
function comparedName(list: readonly Json[], i: number): string | null {
  const other = list[1 - i];
  return list.length === 2 && typeof other === 'string' ? nameOfValue(expressionOf(other)) : null;
}
