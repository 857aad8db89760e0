import type { Operation } from '../definition.js';
import type { Place, Places } from './places.js';
import type { Part, Reference } from './references.js';

/** Told of each place that a reference reads, and of the members that it takes of what is there. */
export type Meet = (place: Place, steps: Reference['steps'], isIntact: boolean) => void;

/** Finds the places that a reference in an operation may read. */
export function eachOrigin(reference: Reference, from: Operation | null, places: Places, meet: Meet): void {
  const { any } = places;
  switch (reference.kind) {
    case 'operation':
      operationOrigins(reference, from, places, meet);
      return;
    case 'trigger':
      for (const trigger of places.triggers) partsOf(reference, trigger, places, meet);
      return;
    case 'variable':
      meetWhole(reference.name === null ? any.variable : places.variable(reference.name), reference, meet);
      return;
    case 'parameter':
      meetWhole(reference.name === null ? any.parameter : places.parameter(reference.name), reference, meet);
      return;
    case 'result':
      if (reference.name === null) meetWhole(any.result, reference, meet);
      else
        for (const named of places.named(reference.name))
          meetWhole(places.of(named, 'result'), reference, meet);
      return;
    case 'items':
      if (reference.name === null) meetWhole(any.item, reference, meet);
      else
        for (const named of places.named(reference.name))
          meetWhole(places.of(named, 'item'), reference, meet);
      return;
    case 'item': {
      const loop = loopAround(from);
      if (loop !== null) meetWhole(places.of(loop, 'item'), reference, meet);
      return;
    }
    case 'action':
      if (from !== null) for (const kind of BOTH) meetWhole(places.of(from, kind), reference, meet);
      return;
    case 'everything':
      for (const kind of BOTH) meetWhole(any[kind], reference, meet);
      return;
    case 'mention':
      for (const place of mentionedIn(reference.text, places)) meetWhole(place, reference, meet);
  }
}

function meetWhole(place: Place, { steps, isIntact }: Reference, meet: Meet): void {
  meet(place, steps, isIntact);
}

type OperationReference = Extract<Reference, { kind: 'operation' }>;

const BOTH = ['inputs', 'outputs'] as const;

function operationOrigins(
  reference: OperationReference,
  from: Operation | null,
  places: Places,
  meet: Meet,
): void {
  const { any } = places;
  if (reference.name === null) {
    for (const kind of kindsIn(reference.part)) meet(any[kind], [null], false);
    return;
  }
  const named = places.named(reference.name);
  for (const operation of named) partsOf(reference, operation, places, meet);
  // The code of a JavaScript Code action may spell a name in a way that we do not know.
  if (named.length === 0 && from?.type === 'javascriptcode') {
    for (const kind of BOTH) meet(any[kind], [null], false);
  }
}

function partsOf(
  reference: Extract<Reference, { kind: 'operation' | 'trigger' }>,
  operation: Operation,
  places: Places,
  meet: Meet,
): void {
  const { steps, isIntact, from, part } = reference;
  if (part !== 'outputs') {
    for (const kind of kindsIn(part)) meet(places.of(operation, kind), [null, ...steps], false);
    return;
  }
  const outputs = places.of(operation, 'outputs');
  const [first] = steps;
  // What a Compose gives stands in its outputs as it is, without a body around it.
  if (from === 'body' || operation.type === 'compose') meet(outputs, steps, isIntact);
  else if (first === 'body') meet(outputs, steps.slice(1), isIntact);
  else if (first !== 'statuscode') meet(outputs, steps, isIntact && steps.length > 0);
}

function kindsIn(part: Part): readonly ('inputs' | 'outputs')[] {
  return part === 'both' ? BOTH : [part];
}

/**
 * What `item()` is an element of: the innermost loop's list. In a Select or a Filter array it is one of the action's
 * own inputs, but not yet in the expression for its list.
 */
function loopAround(from: Operation | null): Operation | null {
  for (let around = from?.parent ?? null; around !== null; around = around.parent) {
    if (around.type === 'foreach') return around;
  }
  return null;
}

/** Everything whose name stands in a text that does not parse. */
function mentionedIn(text: string, places: Places): readonly Place[] {
  const lower = text.toLowerCase();
  const { any, operations, variables, parameters } = places;
  const has = (name: string): boolean => lower.includes(name.toLowerCase());
  const inBoth = (operation: Operation): readonly Place[] => BOTH.map((kind) => places.of(operation, kind));
  return [
    ...operations.filter(({ name }) => has(name)).flatMap(inBoth),
    ...(has('trigger') ? places.triggers.flatMap(inBoth) : []),
    ...[...variables.values(), ...parameters.values()].filter(({ name }) => has(name)),
    ...(has('item') ? [any.item] : []),
    ...(has('result') ? [any.result] : []),
  ];
}
