import type { Node } from 'jsonc-parser';
import { memberOf } from './json-node.js';
import type { Load } from './load.js';
import { readParameter, type GivenParameters } from './parameters.js';
import { rememberValues } from './remember-values.js';
import { noCopies, type Place, type Scope } from './scope.js';
import { readUserFunctions } from './user-function.js';
import { readVariable } from './variables.js';

/** A template to deploy: where it stands, where it goes, and what it is given. */
export interface Template {
  readonly node: Node;
  readonly pointer: string;
  readonly text: string;
  readonly place: Place;
  readonly given: GivenParameters;
  readonly frozen: ReadonlyMap<string, string>;
}

/** A template's own scope: its parameters, variables and functions, each evaluated when it is first asked for. */
export function createScope(template: Template, load: Load): Scope {
  const { node, pointer, text, place, given, frozen } = template;
  const parameters = memberOf(node, 'parameters');
  const variables = memberOf(node, 'variables');
  const scope: Scope = {
    load,
    text,
    place,
    frozen,
    copies: noCopies,
    functions: readUserFunctions(node, pointer),
    parameter: rememberValues('parameters', (name) =>
      readParameter(parameters, name, `${pointer}/parameters`, given, scope),
    ),
    variable: rememberValues('variables', (name) =>
      readVariable(variables, name, `${pointer}/variables`, scope),
    ),
  };
  return scope;
}
