import { getIgnoringCase, isJsonObject, type Json } from '../../types/json.js';
import type { WorkflowDocument } from '../../types/observation.js';
import type { Constants } from '../constant.js';
import { definitionOf, type Operation } from '../definition.js';
import { setsVariable, type OperationTraits } from './action-types.js';
import { placesOf, type Place, type Places, type Way } from './places.js';
import { readOperation } from './reads.js';
import { readsByName, type ReadsByName } from './reads-by-name.js';
import { valueReader, type Read, type ReadValue } from './value-reads.js';
import { waysOf } from './ways.js';

/** Which values may get from where to where in a run, whatever its order. */
export interface FlowGraph {
  readonly places: Places;
  /** Put together when it is first asked: a secret gets to few places. */
  readonly waysFrom: (place: Place) => readonly Way[];
  readonly workflowOutputs: readonly Place[];
  /** How many reads there are in the definition. */
  readonly reads: number;
  /** How many ways there are between all places, or a few more. */
  readonly size: () => number;
}

export function flowGraphOf(
  workflow: WorkflowDocument,
  operations: readonly Operation[],
  constants: Constants,
  traitsIn: (operation: Operation) => OperationTraits,
): FlowGraph {
  const places = placesOf(operations);
  const changes = changesIn(operations, constants, places);
  const readValue = valueReader(constants);
  const read: Read[] = [];
  for (const operation of operations) readOperation(operation, constants, readValue, read);
  const outputs = readOutputs(workflow, readValue, read);
  const reads = readsByName(read);
  for (const [first] of reads.variables.values()) placeRead(first, places);
  for (const [first] of reads.parameters.values()) placeRead(first, places);
  const definition = { places, reads, changes, traitsIn };
  return {
    places,
    waysFrom: (place) => (place.ways ??= waysOf(place, definition)),
    workflowOutputs: outputs.map((name) => places.output(name)),
    reads: read.length,
    size: () => sizeOf(definition),
  };
}

/** The names of the workflow's own outputs. */
function readOutputs(workflow: WorkflowDocument, readValue: ReadValue, reads: Read[]): readonly string[] {
  const outputs = getIgnoringCase(definitionOf(workflow), 'outputs');
  if (!isJsonObject(outputs)) return [];
  for (const name in outputs) {
    const into = { operation: null, into: 'workflow-output', name, as: 'anything', isNamed: true } as const;
    readValue(outputs[name], into, null, reads);
  }
  return Object.keys(outputs);
}

/** So that every variable and parameter is known before it is looked for by what else may be of it. */
function placeRead(read: Read | undefined, places: Places): void {
  const reference = read?.reference;
  if (reference?.kind !== 'variable' && reference?.kind !== 'parameter') return;
  if (reference.name !== null) places[reference.kind](reference.name);
}

/** By the operation's index, the variable that it changes. */
function changesIn(
  operations: readonly Operation[],
  constants: Constants,
  places: Places,
): readonly (Place | undefined)[] {
  const changes: (Place | undefined)[] = [];
  for (const { type, inputs, index } of operations) {
    if (!setsVariable(type)) continue;
    if (type === 'initializevariable') {
      placeInitialised(inputs, places);
      continue;
    }
    const name = constants.fold(getIgnoringCase(inputs, 'name'));
    const isKnown = name.kind === 'constant' && typeof name.value === 'string';
    changes[index] = isKnown ? places.variable(name.value) : places.someVariable;
  }
  return changes;
}

function placeInitialised(inputs: Json | undefined, places: Places): void {
  const variables = getIgnoringCase(inputs, 'variables');
  if (!Array.isArray(variables)) return;
  for (const variable of variables as readonly Json[]) {
    const name = getIgnoringCase(variable, 'name');
    if (typeof name === 'string') places.initialised(name);
  }
}

function sizeOf({ places, reads }: { readonly places: Places; readonly reads: ReadsByName }): number {
  const { operations, triggers, variables, parameters } = places;
  const mentioned = operations.length * 2 + variables.size + parameters.size;
  let size = operations.length * 12 + reads.any.length * 2 + reads.mentions.length * mentioned;
  size += reads.triggers.length * triggers.length;
  for (const { name } of operations) size += reads.operations.get(name.toLowerCase())?.length ?? 0;
  for (const those of reads.variables.values()) size += those.length;
  for (const those of reads.parameters.values()) size += those.length;
  return size;
}
