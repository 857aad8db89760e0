import type { Scope } from '../scope.js';
import { Unresolved } from '../unresolved.js';
import type { Value } from '../value.js';
import { deploymentFunctions } from './deployment-functions.js';
import { encodingFunctions } from './encoding-functions.js';
import { hashFunctions } from './hash-functions.js';
import { listFunctions } from './list-functions.js';
import { logicFunctions, logicFunctionsThatWait } from './logic-functions.js';
import { numberFunctions } from './number-functions.js';
import { objectFunctions } from './object-functions.js';
import { resourceIdFunctions } from './resource-id-functions.js';
import { textFunctions } from './text-functions.js';
import { timeFunctions } from './time-functions.js';

const tables = [
  deploymentFunctions,
  encodingFunctions,
  hashFunctions,
  listFunctions,
  logicFunctions,
  numberFunctions,
  objectFunctions,
  resourceIdFunctions,
  textFunctions,
  timeFunctions,
];

function byLowerCase<T>(tables: readonly Readonly<Record<string, T>>[]): ReadonlyMap<string, T> {
  return new Map(tables.flatMap(Object.entries<T>).map(([name, run]) => [name.toLowerCase(), run]));
}

const functions = byLowerCase(tables);
export const lazyFunctions = byLowerCase([logicFunctionsThatWait]);

/** Calls a function of ARM's. Throws Unresolved where it is unknown, misused, or asks what only Azure knows. */
export function callFunction(name: string, args: readonly Value[], scope: Scope): Value {
  const called = functions.get(name.toLowerCase());
  if (called === undefined) {
    // listKeys, listSecrets, listCallbackURL…: each resource type has its own.
    if (/^list/i.test(name)) throw new Unresolved(`${name}() asks Azure for the deployed resource`);
    throw new Unresolved(`the function ${name}() is not known here`);
  }
  if (args.length < called.min || args.length > called.max) {
    throw new Unresolved(`${name}() does not take ${args.length} arguments`);
  }
  return called.run(args, scope);
}
