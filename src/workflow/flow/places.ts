import type { Operation } from '../definition.js';
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
  readonly ways: Way[];
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

/** The value goes on as it is. */
export const AS_IT_IS = { steps: [], as: 'anything', isWhole: true, isExplicit: false } as const;

/** The value becomes part of another. */
export const WITHIN = { ...AS_IT_IS, isWhole: false } as const;

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
  /** Made when it is first asked for: most operations have nothing to do with three of them. */
  readonly of: (operation: Operation, kind: OwnKind) => Place;
  /** By any case; no other way of writing a name is the same. Several only where a definition is malformed. */
  readonly named: (name: string) => readonly Operation[];
  readonly triggers: readonly Operation[];
  readonly operations: readonly Operation[];
  readonly variable: (name: string) => Place;
  readonly parameter: (name: string) => Place;
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
  const someVariable = place('variable', '');
  const own = ownPlaces(any);
  const byName = Map.groupBy(operations, ({ name }) => name.toLowerCase());
  const variables = new Map<string, Place>();
  const parameters = new Map<string, Place>();
  return {
    of: own,
    named: (name) => byName.get(name.toLowerCase()) ?? [],
    triggers: operations.filter(({ kind }) => kind === 'trigger'),
    operations,
    variable: (name) => {
      const known = variables.get(name.toLowerCase());
      if (known !== undefined) return known;
      const made = register(variables, place('variable', name), any.variable);
      someVariable.ways.push({ to: made, ...AS_IT_IS });
      return made;
    },
    parameter: (name) =>
      parameters.get(name.toLowerCase()) ?? register(parameters, place('parameter', name), any.parameter),
    variables,
    parameters,
    any,
    someVariable,
  };
}

export function place(
  kind: Place['kind'],
  name: string,
  operation: Operation | null = null,
  ways: Way[] = [],
): Place {
  return { kind, name, operation, ways };
}

function register(places: Map<string, Place>, made: Place, any: Place): Place {
  made.ways.push({ to: any, ...AS_IT_IS });
  places.set(made.name.toLowerCase(), made);
  return made;
}

function ownPlaces(any: Places['any']): Places['of'] {
  const made = new Map<Operation, Record<OwnKind, Place | null>>();
  const toAny: Record<OwnKind, Way> = {
    inputs: { to: any.inputs, ...AS_IT_IS },
    outputs: { to: any.outputs, ...AS_IT_IS },
    tracked: { to: any.tracked, ...AS_IT_IS },
    item: { to: any.item, ...AS_IT_IS },
    result: { to: any.result, ...AS_IT_IS },
  };
  return (operation, kind) => {
    let own = made.get(operation);
    if (own === undefined) {
      own = { inputs: null, outputs: null, tracked: null, item: null, result: null };
      made.set(operation, own);
    }
    return (own[kind] ??= place(kind, operation.name, operation, [toAny[kind]]));
  };
}
