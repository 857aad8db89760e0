import type { Node } from 'jsonc-parser';
import { evaluateNode } from './evaluate-node.js';
import { memberAt, memberOf, membersOf, pointerTo, stringOf } from './json-node.js';
import { noCopies, type Scope, type UserFunction } from './scope.js';
import { Unresolved } from './unresolved.js';
import type { Value } from './value.js';

/** The template's own `functions`, by `namespace.name` in lower case. */
export function readUserFunctions(template: Node, pointer: string): Map<string, UserFunction> {
  const functions = new Map<string, UserFunction>();
  for (const [index, group] of (memberOf(template, 'functions')?.children ?? []).entries()) {
    const namespace = stringOf(memberOf(group, 'namespace'));
    const members = memberOf(group, 'members');
    if (namespace === undefined || members?.type !== 'object') continue;
    for (const { name, value } of membersOf(members)) {
      const output = memberAt(value, 'output', 'value');
      if (output === undefined) continue;
      const parameters = (memberOf(value, 'parameters')?.children ?? []).map(
        (parameter) => stringOf(memberOf(parameter, 'name'))?.toLowerCase() ?? '',
      );
      const at = `${pointerTo(`${pointer}/functions/${index}/members`, name)}/output/value`;
      functions.set(`${namespace}.${name}`.toLowerCase(), { parameters, output, pointer: at });
    }
  }
  return functions;
}

/** A user function sees its arguments and nothing else of the template. */
export function callUserFunction(name: string, args: readonly Value[], scope: Scope): Value {
  const called = scope.functions.get(name.toLowerCase());
  if (called === undefined) throw new Unresolved(`the template defines no function ${name}()`);
  if (args.length !== called.parameters.length) {
    throw new Unresolved(`${name}() takes ${called.parameters.length} arguments, not ${args.length}`);
  }
  return evaluateNode(called.output, called.pointer, {
    ...scope,
    copies: noCopies,
    parameter(wanted) {
      const value = args[called.parameters.indexOf(wanted.toLowerCase())];
      if (value === undefined) throw new Unresolved(`${name}() has no parameter '${wanted}'`);
      return value;
    },
    variable(wanted) {
      throw new Unresolved(`${name}() cannot read variables('${wanted}')`);
    },
  });
}
