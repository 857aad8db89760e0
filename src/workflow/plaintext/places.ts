import { toPointer } from '../../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { propertiesOf, type WorkflowDocument } from '../../types/observation.js';
import { parseTemplate } from '../expression.js';
import { nameOfValue } from './value-name.js';

/** How a place is known to hold a credential: by the name of its field, or by the kind of object it is in. */
export type Field = 'named' | 'query' | 'authentication';

/** A text in a workflow, and what it is called there. */
export interface Place {
  /** JSON pointer from the resource's root. */
  readonly pointer: string;
  readonly text: string;
  /** Of the nearest field, header, parameter, variable or action that it is the value of; empty where none is. */
  readonly name: string;
  readonly field: Field;
  /** `parameter:x` or `variable:x`, in lower case, of the value it is part of; null where it is of none. */
  readonly binding: string | null;
}

/** An object's key, which is a text, too, and part of the pointers to what is in it. */
export interface Key {
  readonly parent: string;
  readonly pointer: string;
  readonly text: string;
}

interface Found {
  readonly places: Place[];
  readonly keys: Key[];
  readonly path: Set<object>;
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

const OUTSIDE: Around = { name: '', field: 'named', binding: null, operationType: '', isNamed: true };

/** Every text in the definition and the parameter values of a workflow, in the order of the document. */
export function placesOf(workflow: WorkflowDocument): Pick<Found, 'places' | 'keys'> {
  const found: Found = { places: [], keys: [], path: new Set() };
  const properties = propertiesOf(workflow);
  for (const [key, value] of Object.entries(properties)) {
    const pointer = toPointer(['properties', key]);
    if (key.toLowerCase() === 'parameters') visitParameters(value, pointer, found);
    else if (key.toLowerCase() === 'definition') visitDefinition(value, pointer, found);
  }
  return found;
}

function visitDefinition(definition: Json | undefined, pointer: string, found: Found): void {
  if (!isJsonObject(definition)) return;
  found.path.add(definition);
  for (const [key, value] of Object.entries(definition)) {
    const at = pointer + toPointer([key]);
    collectKey(key, pointer, at, found);
    if (key.toLowerCase() === 'parameters') visitParameters(value, at, found);
    else visit(value, at, { ...OUTSIDE, name: key }, found, 0);
  }
}

function visitParameters(parameters: Json | undefined, pointer: string, found: Found): void {
  if (!isJsonObject(parameters)) return;
  for (const [name, value] of Object.entries(parameters)) {
    const at = pointer + toPointer([name]);
    collectKey(name, pointer, at, found);
    visit(value, at, { ...OUTSIDE, name, binding: `parameter:${name.toLowerCase()}` }, found, 0);
  }
}

function visit(value: Json | undefined, pointer: string, around: Around, found: Found, depth: number): void {
  if (typeof value === 'string') {
    const { field, binding } = around;
    found.places.push({ pointer, text: value, name: around.isNamed ? around.name : '', field, binding });
    return;
  }
  if (typeof value !== 'object' || value === null || depth > MAX_NESTING || found.path.has(value)) return;
  found.path.add(value);
  if (isJsonObject(value)) visitMembers(value, pointer, around, found, depth);
  else
    value.forEach((element, i) => {
      const name = comparedName(value, i, around) ?? around.name;
      visit(element, `${pointer}/${i}`, { ...around, name }, found, depth + 1);
    });
  found.path.delete(value);
}

function visitMembers(object: JsonObject, pointer: string, outer: Around, found: Found, depth: number): void {
  // Looked up once: an object may have very many keys.
  const given = getIgnoringCase(object, 'type');
  const type = typeof given === 'string' ? given.toLowerCase() : null;
  const isOperation = type !== null && getIgnoringCase(object, 'inputs') !== undefined;
  const around = isOperation ? { ...outer, operationType: type } : outer;
  for (const [key, member] of Object.entries(object)) {
    const at = pointer + toPointer([key]);
    collectKey(key, pointer, at, found);
    visit(member, at, within(around, object, type, key, member), found, depth + 1);
  }
}

function collectKey(text: string, parent: string, pointer: string, found: Found): void {
  if (text.length >= MIN_KEY) found.keys.push({ parent, pointer, text });
}

function within(
  around: Around,
  object: JsonObject,
  type: string | null,
  key: string,
  member: Json | undefined,
): Around {
  const plain = key.toLowerCase();
  const isNamed = around.isNamed && plain !== 'runafter' && !(plain === 'schema' && isSchema(member));
  const named = plain === 'value' ? siblingName(object) : null;
  const name = named ?? (UNNAMED.has(plain) ? around.name : key);
  const isVariable = named !== null && around.operationType.endsWith('variable');
  const binding = isVariable ? `variable:${named.toLowerCase()}` : around.binding;
  return { ...around, name, isNamed, binding, field: fieldOf(around, type, plain, member) };
}

function fieldOf(around: Around, type: string | null, key: string, member: Json | undefined): Field {
  if (typeof member !== 'string') {
    if (key === 'authentication') return 'authentication';
    return key === 'queries' ? 'query' : 'named';
  }
  if (around.field === 'query') return 'query';
  const isKnown = type !== null && AUTHENTICATION_TYPES.has(type);
  if (!isKnown && around.field !== 'authentication') return 'named';
  return ['password', 'secret', 'pfx', 'value'].includes(key) ? 'authentication' : 'named';
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
