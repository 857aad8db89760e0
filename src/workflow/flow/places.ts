import type { Operation } from '../definition.js';
import { lowerCaseOf } from '../lower-case.js';
import type { Read } from './value-reads.js';

/** A place in a run that holds values. */
export interface Place {
  readonly kind:
    | 'inputs'
    | 'outputs'
    /** What goes into the tracking logs beside an operation's inputs. */
    | 'tracked'
    /** What a loop works on. */
    | 'item'
    /** What `result()` of a scope gives. */
    | 'result'
    | 'variable'
    | 'parameter'
    /** One of the workflow's own outputs. */
    | 'workflow-output'
    /** Stands for each of several places. */
    | 'any';
  /** The operation's, variable's, parameter's or output's. */
  readonly name: string;
  readonly operation: Operation | null;
  /** The place, if there is one, that stands for all of its kind. */
  readonly any: Place | null;
  /** Where its value may go on to; null until that is first asked for. */
  ways: readonly Way[] | null;
}

/** A way that a value may take to another place. */
export interface Way {
  readonly to: Place;
  /** The members that are taken on it, in lower case; null is one that is not known, or an index. */
  readonly steps: readonly (string | null)[];
  readonly as: Read['as'];
  /** Whether what arrives is the value itself. */
  readonly isWhole: boolean;
  /** Whether the service sees that an operation's outputs are used. */
  readonly isExplicit: boolean;
}

/** What an operation has of its own. */
export const OWN = [
  'inputs',
  'outputs',
  'tracked',
  'item',
  'result',
] as const satisfies readonly Place['kind'][];

export type OwnKind = (typeof OWN)[number];

export interface Places {
  /** Made when it is first asked for: a secret gets to few of them. */
  readonly of: (operation: Operation, kind: OwnKind) => Place;
  /** By any case; no other way of writing a name is the same. Several only where a definition is malformed. */
  readonly named: (name: string) => readonly Operation[];
  readonly triggers: readonly Operation[];
  readonly operations: readonly Operation[];
  readonly variable: (name: string) => Place;
  /** The variable that is initialised under this name: some variable where the name is an expression. */
  readonly initialised: (name: string) => Place;
  readonly parameter: (name: string) => Place;
  /** One of the workflow's own outputs. */
  readonly output: (name: string) => Place;
  readonly variables: ReadonlyMap<string, Place>;
  readonly parameters: ReadonlyMap<string, Place>;
  readonly any: Readonly<Record<OwnKind | 'variable' | 'parameter', Place>>;
  /** Where a variable is set whose name cannot be told. */
  readonly someVariable: Place;
}

export function placesOf(operations: readonly Operation[]): Places {
  const any = {
    inputs: place('any', ''),
    outputs: place('any', ''),
    tracked: place('any', ''),
    item: place('any', ''),
    result: place('any', ''),
    variable: place('any', ''),
    parameter: place('any', ''),
  };
  const variables = new Map<string, Place>();
  const parameters = new Map<string, Place>();
  const outputs = new Map<string, Place>();
  const someVariable = place('variable', '');
  const variable = (name: string): Place => registered('variable', name, variables, any.variable);
  let byName: ReadonlyMap<string, readonly Operation[]> | undefined;
  return {
    of: ownPlaces(any),
    named: (name) => (byName ??= byNameOf(operations)).get(lowerCaseOf(name)) ?? [],
    triggers: operations.filter(({ kind }) => kind === 'trigger'),
    operations,
    variable,
    initialised: (name) => (name.includes('@') ? someVariable : variable(name)),
    parameter: (name) => registered('parameter', name, parameters, any.parameter),
    output: (name) => outputFor(name, outputs),
    variables,
    parameters,
    any,
    someVariable,
  };
}

function place(
  kind: Place['kind'],
  name: string,
  operation: Operation | null = null,
  any: Place | null = null,
): Place {
  return { kind, name, operation, any, ways: null };
}

function byNameOf(operations: readonly Operation[]): ReadonlyMap<string, readonly Operation[]> {
  return Map.groupBy(operations, ({ name }) => lowerCaseOf(name));
}

function outputFor(name: string, outputs: Map<string, Place>): Place {
  const known = outputs.get(name);
  if (known !== undefined) return known;
  const made = place('workflow-output', name);
  outputs.set(name, made);
  return made;
}

/** Spelled as it was when it was first asked for. */
function registered(
  kind: 'variable' | 'parameter',
  name: string,
  places: Map<string, Place>,
  any: Place,
): Place {
  const key = lowerCaseOf(name);
  const known = places.get(key);
  if (known !== undefined) return known;
  const made = place(kind, name, null, any);
  places.set(key, made);
  return made;
}

function ownPlaces(any: Places['any']): Places['of'] {
  /** By the operation's index. */
  const made: Record<OwnKind, Place[]> = { inputs: [], outputs: [], tracked: [], item: [], result: [] };
  return (operation, kind) =>
    (made[kind][operation.index] ??= place(kind, operation.name, operation, any[kind]));
}
