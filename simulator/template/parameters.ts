import { getNodeValue, type Node } from 'jsonc-parser';
import { assumeParameter } from './assume-parameter.js';
import { evaluateNode } from './evaluate-node.js';
import { memberOf, namedMember, pointerTo, stringOf, type Member } from './json-node.js';
import type { Json, MissingParameter } from './loaded-template.js';
import type { Scope } from './scope.js';
import { Unresolved } from './unresolved.js';
import type { Value } from './value.js';
import { valueOfJson } from './value-text.js';

/** Values from outside, by name in lower case. One that could not be told is given as Unresolved. */
export type GivenParameters = ReadonlyMap<string, Value>;

/**
 * The parameter of the template: as given, else by its default, else as the caller lets the loader assume.
 * Also assumed is a parameter whose default cannot be told, as a person who deploys would have to type it in.
 */
export function readParameter(
  declarations: Node | undefined,
  name: string,
  pointer: string,
  given: GivenParameters,
  scope: Scope,
): Value {
  const declaration = namedMember(declarations, name);
  if (declaration === undefined) throw new Unresolved(`the template has no parameter '${name}'`);
  const value = given.get(name.toLowerCase());
  if (value !== undefined) return value;
  const at = pointerTo(pointer, declaration.name);
  const byDefault = defaultOf(declaration, at, scope);
  return byDefault instanceof Unresolved ? assume(declaration, at, byDefault, scope) : byDefault;
}

function defaultOf({ name, value }: Member, pointer: string, scope: Scope): Value {
  const node = memberOf(value, 'defaultValue');
  if (node !== undefined) return evaluateNode(node, `${pointer}/defaultValue`, scope);
  if (memberOf(value, 'nullable')?.value === true) return null;
  return new Unresolved(`the parameter '${name}' has no default and was given no value`);
}

function assume(declaration: Member, pointer: string, missing: Unresolved, { load }: Scope): Value {
  const { fillMissingParameters: fill = false } = load.options;
  if (fill === false) return missing;
  const parameter = missingParameter(declaration);
  const value = fill === true ? assumeParameter(parameter, load.options) : fill(parameter);
  if (value === undefined) return missing;
  load.assumed.push({ parameter: parameter.name, value, pointer, why: missing.why });
  return valueOfJson(value);
}

function missingParameter({ name, value: declaration }: Member): MissingParameter {
  const number = (key: string) => {
    const value: unknown = memberOf(declaration, key)?.value;
    return typeof value === 'number' ? value : null;
  };
  const allowed = memberOf(declaration, 'allowedValues')?.children ?? [];
  return {
    name,
    type: (stringOf(memberOf(declaration, 'type')) ?? 'string').toLowerCase(),
    allowedValues: allowed.map((node) => getNodeValue(node) as Json),
    minLength: number('minLength'),
    maxLength: number('maxLength'),
    minValue: number('minValue'),
  };
}
