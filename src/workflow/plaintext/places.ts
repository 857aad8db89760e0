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
export interface Place {
  readonly path: Path;
  readonly text: string;
  /** Of the nearest field, header, parameter, variable or action that it is the value of; empty where none is. */
  readonly name: string;
  readonly field: Field;
  /** `parameter:x` or `variable:x`, in lower case, of the value it is part of; null where it is of none. */
  readonly binding: string | null;
}

interface Found {
  readonly places: Place[];
  /** Objects' keys, which are texts, too, and part of the pointers to what is in them. */
  readonly keys: Path[];
}

interface Around {
  readonly name: string;
  readonly field: Field;
  readonly binding: string | null;
  readonly operationType: string;
  /** In a JSON schema or a runAfter, the names are those of other things, and the texts are no values. */
  readonly isNamed: boolean;
}

/** Far deeper than Azure takes; what is deeper is no workflow. */
const MAX_NESTING = 256;

/** Shorter keys hold no credential that could be recognised by itself. */
const MIN_KEY = 16;

/** A text under one of these is called what the object around it is called. */
const UNNAMED: ReadonlySet<string> = new Set(['value', 'defaultvalue', 'inputs']);

/** The types that take a literal credential: https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#authentication-types-for-connectors-that-support-authentication */
const AUTHENTICATION_TYPES: ReadonlySet<string> = new Set([
  'basic',
  'clientcertificate',
  'activedirectoryoauth',
  'raw',
]);

/** Where such an object has a credential. */
const CREDENTIAL_FIELDS: ReadonlySet<string> = new Set(['password', 'secret', 'pfx', 'value']);

const OUTSIDE: Around = { name: '', field: 'named', binding: null, operationType: '', isNamed: true };

/** JSON pointer from the resource's root. */
export function pointerTo(path: Path): string {
  const keys: string[] = [];
  for (let at: Path | null = path; at !== null; at = at.parent) keys.push(at.key);
  return toPointer(keys.reverse());
}

/** Every text in the definition and the parameter values of a workflow, in the order of the document. */
export function placesOf(workflow: WorkflowDocument): Found {
  const found: Found = { places: [], keys: [] };
  const properties = propertiesOf(workflow);
  const root: Path = { parent: null, key: 'properties', value: properties };
  for (const [key, value] of Object.entries(properties)) {
    const path: Path = { parent: root, key, value };
    if (key.toLowerCase() === 'parameters') visitParameters(path, found);
    else if (key.toLowerCase() === 'definition') visitDefinition(path, found);
  }
  return found;
}

function visitDefinition(definition: Path, found: Found): void {
  for (const path of membersOf(definition)) {
    collectKey(path, found);
    if (path.key.toLowerCase() === 'parameters') visitParameters(path, found);
    else visit(path, { ...OUTSIDE, name: path.key }, found, 0);
  }
}

function visitParameters(parameters: Path, found: Found): void {
  for (const path of membersOf(parameters)) {
    const { key: name } = path;
    collectKey(path, found);
    visit(path, { ...OUTSIDE, name, binding: `parameter:${name.toLowerCase()}` }, found, 0);
  }
}

function membersOf(object: Path): readonly Path[] {
  if (!isJsonObject(object.value)) return [];
  return Object.entries(object.value).map(([key, value]) => ({ parent: object, key, value }));
}

function visit(path: Path, around: Around, found: Found, depth: number): void {
  const { value } = path;
  if (typeof value === 'string') {
    const { field, binding } = around;
    found.places.push({ path, text: value, name: around.isNamed ? around.name : '', field, binding });
    return;
  }
  if (typeof value !== 'object' || value === null || depth > MAX_NESTING || isWithinItself(path)) return;
  if (isJsonObject(value)) visitMembers(path, value, around, found, depth);
  else
    value.forEach((element, i) => {
      const name = comparedName(value, i, around) ?? around.name;
      visit({ parent: path, key: String(i), value: element }, { ...around, name }, found, depth + 1);
    });
}

function isWithinItself({ parent, value }: Path): boolean {
  for (let at = parent; at !== null; at = at.parent) if (at.value === value) return true;
  return false;
}

function visitMembers(parent: Path, object: JsonObject, outer: Around, found: Found, depth: number): void {
  // Looked up once: an object may have very many keys.
  const given = getIgnoringCase(object, 'type');
  const type = typeof given === 'string' ? given.toLowerCase() : null;
  const isOperation = type !== null && getIgnoringCase(object, 'inputs') !== undefined;
  const around = isOperation ? { ...outer, operationType: type } : outer;
  for (const key of Object.keys(object)) {
    const value = object[key];
    const path: Path = { parent, key, value };
    collectKey(path, found);
    if (typeof value === 'string' || (typeof value === 'object' && value !== null))
      visit(path, within(around, object, type, key, value), found, depth + 1);
  }
}

function collectKey(path: Path, found: Found): void {
  if (path.key.length >= MIN_KEY) found.keys.push(path);
}

function within(around: Around, object: JsonObject, type: string | null, key: string, member: Json): Around {
  const plain = key.toLowerCase();
  const isNamed = around.isNamed && plain !== 'runafter' && !(plain === 'schema' && isSchema(member));
  const named = plain === 'value' ? siblingName(object) : null;
  const name = named ?? (UNNAMED.has(plain) ? around.name : key);
  const { operationType } = around;
  const isVariable = named !== null && operationType.endsWith('variable');
  const binding = isVariable ? `variable:${named.toLowerCase()}` : around.binding;
  return { name, isNamed, binding, operationType, field: fieldOf(around, type, plain, member) };
}

function fieldOf(around: Around, type: string | null, key: string, member: Json): Field {
  if (typeof member !== 'string') {
    if (key === 'authentication') return 'authentication';
    return key === 'queries' ? 'query' : 'named';
  }
  if (around.field === 'query') return 'query';
  if (!CREDENTIAL_FIELDS.has(key)) return 'named';
  const isKnown = type !== null && AUTHENTICATION_TYPES.has(type);
  return isKnown || around.field === 'authentication' ? 'authentication' : 'named';
}

function isSchema(value: Json | undefined): boolean {
  return ['type', 'properties', '$schema', 'items', '$ref'].some(
    (key) => getIgnoringCase(value, key) !== undefined,
  );
}

/** The name in `{ "name": "x-api-key", "value": … }`, as headers, variables and form fields are listed. */
function siblingName(object: JsonObject): string | null {
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
