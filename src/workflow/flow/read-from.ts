import type { Operation } from '../definition.js';
import type { Place, Places } from './places.js';
import type { Part, Reference } from './references.js';
import type { Read } from './value-reads.js';

/** Told of the members that a read takes of what is at a place. */
export type Meet = (steps: Reference['steps'], isIntact: boolean) => void;

const BOTH = ['inputs', 'outputs'] as const;

/** Meets what a read takes from a place of an operation; the read is one that has this operation's name, or may mean it. */
export function readFromOperation(
  { reference, operation: from }: Read,
  place: Place,
  operation: Operation,
  meet: Meet,
): void {
  const { steps, isIntact } = reference;
  switch (reference.kind) {
    case 'operation':
    case 'trigger':
      readPart(reference, place, operation, meet);
      return;
    case 'result':
      if (place.kind === 'result') meet(steps, isIntact);
      return;
    case 'items':
      if (place.kind === 'item') meet(steps, isIntact);
      return;
    case 'item':
      if (place.kind === 'item' && loopAround(from) === operation) meet(steps, isIntact);
      return;
    case 'action':
      if (from === operation && isInputOrOutput(place)) meet(steps, isIntact);
      return;
    case 'mention':
      if (!isInputOrOutput(place)) return;
      if (mentions(reference.text, operation.name)) meet(steps, isIntact);
      else if (operation.kind === 'trigger' && mentions(reference.text, 'trigger')) meet(steps, isIntact);
      return;
    case 'variable':
    case 'parameter':
    case 'everything':
    case 'anything':
      return;
  }
}

/** The same for a variable or parameter. */
export function readFromNamed({ reference }: Read, { name }: Place, meet: Meet): void {
  if (reference.kind !== 'mention' || mentions(reference.text, name))
    meet(reference.steps, reference.isIntact);
}

/** The same for a place that stands for several. */
export function readFromAny({ reference }: Read, place: Place, places: Places, meet: Meet): void {
  const { any } = places;
  const { steps, isIntact } = reference;
  switch (reference.kind) {
    case 'operation': {
      const kinds = reference.name === null ? kindsIn(reference.part) : BOTH;
      const isUnknown = reference.name === null || places.named(reference.name).length === 0;
      if (isUnknown && kinds.some((kind) => any[kind] === place)) meet([null], false);
      return;
    }
    case 'variable':
    case 'parameter':
    case 'result':
      if (any[reference.kind] === place) meet(steps, isIntact);
      return;
    case 'items':
      if (any.item === place) meet(steps, isIntact);
      return;
    case 'everything':
      if (any.inputs === place || any.outputs === place) meet(steps, isIntact);
      return;
    case 'anything':
      meet([null], false);
      return;
    case 'mention':
      if (any.item === place && mentions(reference.text, 'item')) meet(steps, isIntact);
      if (any.result === place && mentions(reference.text, 'result')) meet(steps, isIntact);
      return;
    case 'trigger':
    case 'item':
    case 'action':
      return;
  }
}

/**
 * What `item()` is an element of: the innermost loop's list. In a Select or a Filter array it is one of the action's
 * own inputs, but not yet in the expression for its list.
 */
export function loopAround(from: Operation | null): Operation | null {
  for (let around = from?.parent ?? null; around !== null; around = around.parent) {
    if (around.type === 'foreach') return around;
  }
  return null;
}

function readPart(
  { steps, isIntact, from, part }: Extract<Reference, { kind: 'operation' | 'trigger' }>,
  { kind }: Place,
  { type }: Operation,
  meet: Meet,
): void {
  if (part !== 'outputs') {
    if (kindsIn(part).some((read) => read === kind)) meet([null, ...steps], false);
    return;
  }
  if (kind !== 'outputs') return;
  const [first] = steps;
  // What a Compose gives stands in its outputs as it is, without a body around it.
  if (from === 'body' || type === 'compose') meet(steps, isIntact);
  else if (first === 'body') meet(steps.slice(1), isIntact);
  else if (first !== 'statuscode') meet(steps, isIntact && steps.length > 0);
}

function kindsIn(part: Part): readonly ('inputs' | 'outputs')[] {
  return part === 'both' ? BOTH : [part];
}

function isInputOrOutput({ kind }: Place): boolean {
  return kind === 'inputs' || kind === 'outputs';
}

/** Whether a name stands in a text that does not parse. */
function mentions(text: string, name: string): boolean {
  return text.toLowerCase().includes(name.toLowerCase());
}
