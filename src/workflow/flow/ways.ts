import type { Operation } from '../definition.js';
import type { OperationTraits } from './action-types.js';
import type { Place, Places, Way } from './places.js';
import { readFromAny, readFromNamed, readFromOperation, type Meet } from './read-from.js';
import { readsOf, type ReadsByName } from './reads-by-name.js';
import type { Read } from './value-reads.js';
import { wayKeeper } from './way-keeper.js';

/** What the ways from a place follow from. */
export interface Definition {
  readonly places: Places;
  readonly reads: ReadsByName;
  /** By the operation's index, the variable that it changes; nothing for one that changes none. */
  readonly changes: readonly (Place | undefined)[];
  readonly traitsIn: (operation: Operation) => OperationTraits;
}

/** Containers whose own outputs hold nothing of the actions in them. */
const GIVES_NOTHING_BACK: ReadonlySet<string> = new Set(['scope', 'if', 'switch']);

/** Where a value at a place may go on to: each way once, in the order of the definition. */
export function waysOf(place: Place, definition: Definition): readonly Way[] {
  const ways: Way[] = [];
  const { operation, any } = place;
  // From what stands for several places there are ways only where a name cannot be told.
  if (any !== null && (any.ways ??= waysOf(any, definition)).length > 0) ways.push(asItIs(any));
  if (operation !== null) addFromOperation(place, operation, definition, ways);
  else if (place === definition.places.someVariable) addToVariables(definition.places, ways);
  else if (place.kind !== 'workflow-output') addFromNamed(place, definition, ways);
  return ways;
}

function addToVariables({ variables }: Places, ways: Way[]): void {
  for (const variable of variables.values()) ways.push(asItIs(variable));
}

/** From a variable, a parameter, or what stands for several places. */
function addFromNamed(place: Place, { places, reads }: Definition, ways: Way[]): void {
  const add = wayKeeper(ways);
  for (const read of readsOf(place, reads)) {
    const meet = meetingOf(read, places, add);
    if (place.kind === 'any') readFromAny(read, place, places, meet);
    else readFromNamed(read, place, meet);
  }
}

function addFromOperation(place: Place, operation: Operation, definition: Definition, ways: Way[]): void {
  const { places, reads } = definition;
  const add = wayKeeper(ways);
  addChange(place, operation, definition, ways);
  let isThrough = false;
  for (const read of readsOf(place, reads)) {
    // What stands before an operation in the definition comes before its own.
    if (!isThrough && (read.operation === null || read.operation.index >= operation.index)) {
      isThrough = true;
      addThrough(place, operation, definition, ways);
    }
    readFromOperation(read, place, operation, meetingOf(read, places, add));
  }
  if (!isThrough) addThrough(place, operation, definition, ways);
}

function meetingOf(read: Read, places: Places, add: (way: Way) => void): Meet {
  const { reference, as } = read;
  return (steps, isIntact) => {
    const isWhole = read.isWhole && isIntact;
    add({ to: targetOf(read, places), steps, as, isWhole, isExplicit: reference.isExplicit });
  };
}

function targetOf({ into, name, operation }: Read, places: Places): Place {
  if (into === 'workflow-output') return places.output(name);
  if (into === 'variable' || operation === null) return places.initialised(name);
  return places.of(operation, into);
}

function addChange({ kind }: Place, { index, type }: Operation, { changes }: Definition, ways: Way[]): void {
  const to = changes[index];
  if (kind === 'inputs' && to !== undefined) ways.push(type === 'setvariable' ? asItIs(to) : within(to));
}

/** What an operation makes of its inputs, and of what the actions in it give; without any, it has no result. */
function addThrough(
  { kind }: Place,
  operation: Operation,
  { places, traitsIn }: Definition,
  ways: Way[],
): void {
  const { type, parent } = operation;
  if (parent !== null && (kind === 'inputs' || kind === 'outputs'))
    ways.push(within(places.of(parent, 'result')));
  if (kind === 'inputs') {
    const isPassedOn = type === 'compose' || type === 'parsejson';
    const given = traitsIn(operation).gives === 'input' ? places.of(operation, 'outputs') : null;
    if (given !== null) ways.push(isPassedOn ? asItIs(given) : within(given));
    if (type === 'foreach') ways.push(within(places.of(operation, 'item')));
  }
  // The first action in another one stands right behind it.
  const isParent = kind === 'result' && places.operations[operation.index + 1]?.parent === operation;
  if (isParent && !GIVES_NOTHING_BACK.has(type)) ways.push(within(places.of(operation, 'outputs')));
}

const NO_STEPS: Way['steps'] = [];

/** The value goes on as it is. */
function asItIs(to: Place): Way {
  return { to, steps: NO_STEPS, as: 'anything', isWhole: true, isExplicit: false };
}

/** The value becomes part of another. */
function within(to: Place): Way {
  return { to, steps: NO_STEPS, as: 'anything', isWhole: false, isExplicit: false };
}
