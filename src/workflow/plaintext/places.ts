import { toPointer } from '../../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { propertiesOf, type WorkflowDocument } from '../../types/observation.js';
import { parseTemplate } from '../expression.js';
import { nameOfValue } from './value-name.js';

/** How a place is known to hold a credential: by the name of its field, or by the kind of object it is in. */
export type Field = 'named' | 'query' | 'authentication';

/** The way to a value: pointers are made of the few that are told, not of all that are looked at. */
export interface Path {
  readonly parent: Path | null;
  readonly key: string;
  /** What is there, for a document that holds itself. */
  readonly value: Json | undefined;
}

/** A text in a workflow, and what it is called there. */
export interface Place extends Path {
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
}

interface Around {
  readonly name: string;
  readonly field: Field;
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

const ROLES = Object.entries({
  value: 'value',
  defaultvalue: 'unnamed',
  inputs: 'unnamed',
  password: 'credential',
  secret: 'credential',
  pfx: 'credential',
  authentication: 'authentication',
  queries: 'queries',
  runafter: 'order',
  schema: 'schema',
} satisfies Record<string, Role>);

/** Most keys are as long as none of them, and need not be compared. */
const ROLES_BY_LENGTH = Map.groupBy(ROLES, ([key]) => key.length);

/** The types that take a literal credential: https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#authentication-types-for-connectors-that-support-authentication */
const AUTHENTICATION_TYPES: ReadonlySet<string> = new Set([
  'basic',
  'clientcertificate',
  'activedirectoryoauth',
  'raw',
]);

const OUTSIDE: Around = { name: '', field: 'named', binding: null, isNamed: true };

/** JSON pointer from the resource's root. */
export function pointerTo(path: Path): string {
  const keys: string[] = [];
  for (let at: Path | null = path; at !== null; at = at.parent) keys.push(at.key);
  return toPointer(keys.reverse());
}

/**
 * Every text in the definition and the parameter values of a workflow that may hold something, in the order of the
 * document.
 */
export function placesOf(workflow: WorkflowDocument, glance: Glance): Found {
  const search: Search = { places: [], keys: [], glance };
  const properties = propertiesOf(workflow);
  const root: Path = { parent: null, key: 'properties', value: properties };
  for (const [key, value] of Object.entries(properties)) {
    const path: Path = { parent: root, key, value };
    if (key.toLowerCase() === 'parameters') visitParameters(path, search);
    else if (key.toLowerCase() === 'definition') visitDefinition(path, search);
  }
  return search;
}

function visitDefinition(definition: Path, search: Search): void {
  const { value: object } = definition;
  if (!isJsonObject(object)) return;
  for (const key in object) {
    collectKey(definition, key, object[key], search);
    if (key.toLowerCase() === 'parameters')
      visitParameters({ parent: definition, key, value: object[key] }, search);
    else visit(definition, key, object[key], { ...OUTSIDE, name: key }, search, 0);
  }
}

function visitParameters(parameters: Path, search: Search): void {
  const { value: object } = parameters;
  if (!isJsonObject(object)) return;
  for (const name of Object.keys(object)) {
    collectKey(parameters, name, object[name], search);
    const around: Around = { ...OUTSIDE, name, binding: `parameter:${name.toLowerCase()}` };
    visit(parameters, name, object[name], around, search, 0);
  }
}

function visit(
  parent: Path,
  key: string,
  value: Json | undefined,
  around: Around,
  search: Search,
  depth: number,
): void {
  if (typeof value === 'string') collectText(parent, key, value, around, search);
  if (typeof value !== 'object' || value === null || depth > MAX_NESTING) return;
  const path: Path = { parent, key, value };
  if (isWithinItself(path)) return;
  if (isJsonObject(value)) visitMembers(path, value, around, search, depth);
  else
    value.forEach((element, i) => {
      const name = comparedName(value, i, around);
      const here = name === null ? around : { ...around, name };
      visit(path, String(i), element, here, search, depth + 1);
    });
}

function collectText(
  parent: Path,
  key: string,
  value: string,
  { name, field, binding, isNamed }: Around,
  search: Search,
): void {
  const called = isNamed ? name : '';
  if (search.glance.mayHold(value, called, field))
    search.places.push({ parent, key, value, name: called, field, binding });
}

function isWithinItself({ parent, value }: Path): boolean {
  for (let at = parent; at !== null; at = at.parent) if (at.value === value) return true;
  return false;
}

function visitMembers(parent: Path, object: JsonObject, around: Around, search: Search, depth: number): void {
  for (const key in object) {
    const value = object[key];
    if (key.length >= MIN_KEY) collectKey(parent, key, value, search);
    if (typeof value === 'string') {
      collectText(parent, key, value, within(around, parent, key, value, depth), search);
    } else if (typeof value === 'object' && value !== null) {
      visit(parent, key, value, within(around, parent, key, value, depth), search, depth + 1);
    }
  }
}

function collectKey(parent: Path, key: string, value: Json | undefined, search: Search): void {
  if (key.length >= MIN_KEY && search.glance.mayBeSecretKey(key)) search.keys.push({ parent, key, value });
}
function roleOf(key: string): Role {
  const alike = ROLES_BY_LENGTH.get(key.length);
  if (alike === undefined) return 'name';
  const lower = key.toLowerCase();
  for (const [spelled, role] of alike) if (spelled === lower) return role;
  return 'name';
}

function within(around: Around, parent: Path, key: string, member: Json, depth: number): Around {
  const role = roleOf(key);
  const field = fieldOf(around, parent, role, member);
  const { binding, isNamed } = around;
  switch (role) {
    case 'value': {
      const named = siblingName(parent.value);
      if (named === null) return { ...around, field };
      const isVariable = operationTypeAt(parent, depth).endsWith('variable');
      return {
        name: named,
        field,
        binding: isVariable ? `variable:${named.toLowerCase()}` : binding,
        isNamed,
      };
    }
    case 'unnamed':
      return { ...around, field };
    case 'order':
      return { name: key, field, binding, isNamed: false };
    case 'schema':
      return { name: key, field, binding, isNamed: isNamed && !isSchema(member) };
    case 'credential':
    case 'authentication':
    case 'queries':
    case 'name':
      return { name: key, field, binding, isNamed };
  }
}

/** Of the operation that the object at a path is in, or is itself: `depth` objects and lists around it may be one. */
function operationTypeAt(path: Path, depth: number): string {
  let at: Path | null = path;
  for (let left = depth; at !== null && left >= 0; left -= 1, at = at.parent) {
    const type = typeOf(at.value);
    if (type !== null && getIgnoringCase(at.value, 'inputs') !== undefined) return type;
  }
  return '';
}

function typeOf(value: Json | undefined): string | null {
  const type = getIgnoringCase(value, 'type');
  return typeof type === 'string' ? type.toLowerCase() : null;
}

function fieldOf(around: Around, parent: Path, role: Role, member: Json): Field {
  if (typeof member !== 'string') {
    if (role === 'authentication') return 'authentication';
    return role === 'queries' ? 'query' : 'named';
  }
  if (around.field === 'query') return 'query';
  if (role !== 'credential' && role !== 'value') return 'named';
  return around.field === 'authentication' || AUTHENTICATION_TYPES.has(typeOf(parent.value) ?? '')
    ? 'authentication'
    : 'named';
}

function isSchema(value: Json | undefined): boolean {
  return ['type', 'properties', '$schema', 'items', '$ref'].some(
    (key) => getIgnoringCase(value, key) !== undefined,
  );
}

/** The name in `{ "name": "x-api-key", "value": … }`, as headers, variables and form fields are listed. */
function siblingName(object: Json | undefined): string | null {
  for (const key of ['name', 'key', 'header']) {
    const name = getIgnoringCase(object, key);
    if (typeof name === 'string') return name;
  }
  return null;
}

/** In a condition, `{ "equals": ["@triggerOutputs()['headers']['x-api-key']", …] }`, the one names the other. */
function comparedName(list: readonly Json[], i: number, { name }: Around): string | null {
  const other = list[1 - i];
  if (
    list.length !== 2 ||
    typeof other !== 'string' ||
    !/^(?:equals|contains|startswith|endswith)$/i.test(name)
  )
    return null;
  return nameOfValue(parseTemplate(other));
}
