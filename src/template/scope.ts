import { pointerTo } from '../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, keyIgnoringCase, type Json, type JsonObject } from '../types/json.js';

/** What stands at a JSON pointer from the file's root. */
export interface Placed {
  readonly json: Json;
  readonly pointer: string;
}

/** A value as it stands in the file, and which template's parameters and variables its expressions use. */
export interface Written extends Placed {
  readonly scope: Scope;
}

export interface Parameter {
  readonly name: string;
  /** In lower case. */
  readonly type: string;
  /** Undefined where it has none, or one that says nothing: a deployment gives it a value. */
  readonly default: Written | undefined;
  /** What a nested deployment is given. */
  readonly given: Written | undefined;
  readonly allowed: readonly Json[] | null;
}

/** The names that the expressions of one template can use. */
export interface Scope {
  /** By name in lower case. */
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly variables: ReadonlyMap<string, Written>;
  /**
   * Of a template that is content of another one: the other's names. Its texts are evaluated there first, which makes
   * `[` of `[[`, and then here.
   */
  readonly around: Scope | null;
  readonly budget: Budget;
}

/** What a template comes to is more than anybody can wait for. */
export class TooMuchError extends Error {
  override readonly name = 'TooMuchError';
}

/** How much may still be evaluated in a file: variables that use one another twice each come to very much. */
export interface Budget {
  left: number;
}

/** Some times what the largest template that Azure takes comes to. */
const STEPS = 400_000;

/** Throws {@link TooMuchError} where there is no step left: a half of a template is not told for the whole. */
export function takeStep({ budget }: Scope): void {
  budget.left -= 1;
  if (budget.left < 0) throw new TooMuchError('What its variables come to is too much to be checked.');
}

/** The scope of a template that stands at `pointer`; `given` are the parameters of a nested deployment. */
export function scopeOf(
  template: JsonObject,
  pointer: string,
  given: Written | null,
  around: Scope | null,
): Scope {
  const parameters = new Map<string, Parameter>();
  const variables = new Map<string, Written>();
  const budget = (around ?? given?.scope)?.budget ?? { left: STEPS };
  const scope: Scope = { parameters, variables, around, budget };
  const declared = memberOf(template, pointer, 'parameters');
  for (const [name, parameter] of membersOf(declared?.json)) {
    const at = pointerTo(declared?.pointer ?? '', name);
    parameters.set(name.toLowerCase(), readParameter(name, parameter, at, scope, given));
  }
  const all = memberOf(template, pointer, 'variables');
  for (const [name, json] of membersOf(all?.json)) {
    // A loop makes variables of other names.
    if (name.toLowerCase() === 'copy' && Array.isArray(json)) continue;
    variables.set(name.toLowerCase(), { json, pointer: pointerTo(all?.pointer ?? '', name), scope });
  }
  return scope;
}

function readParameter(
  name: string,
  json: Json,
  pointer: string,
  scope: Scope,
  given: Written | null,
): Parameter {
  const type = getIgnoringCase(json, 'type');
  const allowed = getIgnoringCase(json, 'allowedValues');
  const value = isJsonObject(json) ? memberOf(json, pointer, 'defaultValue') : undefined;
  const isBlank = value === undefined || value.json === null || value.json === '';
  return {
    name,
    type: typeof type === 'string' ? type.trim().toLowerCase() : '',
    default: isBlank ? undefined : { ...value, scope },
    given: given === null ? undefined : givenOf(given, name),
    allowed: Array.isArray(allowed) ? (allowed as readonly Json[]) : null,
  };
}

/** A reference to a vault's secret has no value, and is none. */
function givenOf(given: Written, name: string): Written | undefined {
  if (!isJsonObject(given.json)) return undefined;
  const entry = memberOf(given.json, given.pointer, name);
  const value = isJsonObject(entry?.json) ? memberOf(entry.json, entry.pointer, 'value') : undefined;
  return value === undefined ? undefined : { ...value, scope: given.scope };
}

/** A member, whatever the case of its key, and where it stands. */
export function memberOf(object: JsonObject, pointer: string, key: string): Placed | undefined {
  const spelled = keyIgnoringCase(object, key);
  const json = spelled === undefined ? undefined : object[spelled];
  return spelled === undefined || json === undefined
    ? undefined
    : { json, pointer: pointerTo(pointer, spelled) };
}

export function membersOf(value: Json | undefined): readonly (readonly [string, Json])[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [[key, member] as const],
  );
}
