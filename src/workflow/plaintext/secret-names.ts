import { isJsonObject, keyIgnoringCase } from '../../types/json.js';
import type { WorkflowDocument } from '../../types/observation.js';
import { toPointer } from '../../types/apply-edits.js';
import { usesConnection } from '../action-connection.js';
import type { Constants } from '../constant.js';
import type { Operation } from '../definition.js';
import type { Expression } from '../expression.js';
import { httpVaultCallOf } from '../http-vault-call.js';
import { connectorOperationOf } from '../key-vault-operation.js';
import { readingOf } from '../reading.js';
import { placesOf, type Place } from './places.js';

interface Uses {
  /** Used in what a vault is asked for. */
  readonly asName: Set<string>;
  readonly otherwise: Set<string>;
  /** The parameters and variables whose values a variable is given, by its name. */
  readonly givers: Map<string, Set<string>>;
}

/**
 * The parameters and variables (`parameter:x`, `variable:x`, in lower case) that do nothing but say which secret
 * of a vault to read: what they hold is the name of a secret, whatever they are called.
 */
export function secretNamesOf(workflow: WorkflowDocument): ReadonlySet<string> {
  const uses = usesIn(workflow);
  if (uses === null) return new Set();
  const { asName, otherwise, givers } = uses;
  const used = new Set([...asName, ...[...givers.values()].flatMap((given) => [...given])]);
  const unused = [...givers.keys()].filter((name) => !used.has(name));
  const names = reachedFrom(asName, givers);
  const others = reachedFrom([...otherwise, ...unused], givers);
  return new Set([...names].filter((name) => !others.has(name)));
}

/** Null where no vault is asked for anything by a name that a parameter or a variable holds. */
function usesIn(workflow: WorkflowDocument): Uses | null {
  const { operations, constants } = readingOf(workflow);
  const { places } = placesOf(workflow, isExpression);
  const namesIn = ({ value }: Place): readonly string[] => bindingsIn(constants.parse(value));
  const paths = places.filter(
    (place) => VAULT_PATH.test(place.path.at(-1) ?? '') && namesIn(place).length > 0,
  );
  if (paths.length === 0) return null;
  const vaultPaths = new Set(operations.flatMap((operation) => vaultPathOf(operation, constants)));
  const named = new Set(paths.filter((place) => vaultPaths.has(toPointer(place.path))));
  const asName = new Set([...named].flatMap(namesIn));
  if (asName.size === 0) return null;
  const uses: Uses = { asName, otherwise: new Set(), givers: new Map() };
  for (const place of places) {
    if (named.has(place)) continue;
    const { binding } = place;
    for (const name of namesIn(place)) {
      if (binding === null) uses.otherwise.add(name);
      else uses.givers.set(binding, (uses.givers.get(binding) ?? new Set()).add(name));
    }
  }
  return uses;
}

/** These, what they are given, what that is given, and so on. */
function reachedFrom(names: Iterable<string>, givers: Uses['givers']): ReadonlySet<string> {
  const reached = new Set(names);
  for (const name of reached) for (const giver of givers.get(name) ?? []) reached.add(giver);
  return reached;
}

function isExpression(text: string): boolean {
  return text.includes('@');
}

const VAULT_PATH = /^(?:path|uri)$/i;

/** Where a call of a vault says what it reads. */
function vaultPathOf(operation: Operation, constants: Constants): readonly string[] {
  const inputsKey = keyIgnoringCase(operation.json, 'inputs');
  const inputs = inputsKey === undefined ? undefined : operation.json[inputsKey];
  if (inputsKey === undefined || !isJsonObject(inputs)) return [];
  const isConnector = usesConnection(operation);
  const key = keyIgnoringCase(inputs, isConnector ? 'path' : 'uri');
  if (key === undefined) return [];
  const reads = isConnector
    ? connectorOperationOf(constants.fold(inputs[key])) !== 'unknown'
    : httpVaultCallOf(operation, constants) !== null;
  return reads ? [operation.pointer + toPointer([inputsKey, key])] : [];
}

function bindingsIn(expression: Expression): readonly string[] {
  if (expression.kind !== 'interpolation' && expression.kind !== 'call') return NO_NAMES;
  const names: string[] = [];
  collectBindings(expression, names);
  return names;
}

const NO_NAMES: readonly string[] = [];

function collectBindings(expression: Expression, names: string[]): void {
  if (expression.kind === 'interpolation') for (const part of expression.parts) collectBindings(part, names);
  if (expression.kind !== 'call') return;
  const { name, args, path } = expression;
  const [first] = args;
  if (first?.kind === 'literal' && (name === 'parameters' || name === 'variables'))
    names.push(`${name.slice(0, -1)}:${String(first.value).toLowerCase()}`);
  for (const arg of args) collectBindings(arg, names);
  for (const { key } of path) collectBindings(key, names);
}
