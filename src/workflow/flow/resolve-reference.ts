import type { Operation } from '../definition.js';
import type { Place, Places } from './places.js';
import type { Part, Reference } from './references.js';

/** A place that a reference reads, and the members that it takes of what is there. */
export interface Origin {
  readonly place: Place;
  readonly steps: readonly (string | null)[];
  readonly isIntact: boolean;
}

/** The places that a reference in an operation may read. */
export function originsOf(reference: Reference, from: Operation | null, places: Places): readonly Origin[] {
  const plain = (found: readonly Place[]): readonly Origin[] =>
    found.map((place) => ({ place, steps: reference.steps, isIntact: reference.isIntact }));
  const { any } = places;
  switch (reference.kind) {
    case 'operation':
      return operationOrigins(reference, from, places);
    case 'trigger':
      return places.triggers.flatMap((trigger) => partsOf(reference, trigger, places));
    case 'variable':
      return plain([reference.name === null ? any.variable : places.variable(reference.name)]);
    case 'parameter':
      return plain([reference.name === null ? any.parameter : places.parameter(reference.name)]);
    case 'result':
      return plain(
        reference.name === null
          ? [any.result]
          : places.named(reference.name).map((it) => places.of(it).result),
      );
    case 'items':
      return plain(
        reference.name === null ? [any.item] : places.named(reference.name).map((it) => places.of(it).item),
      );
    case 'item':
      return plain(itemAround(from, places));
    case 'action':
      return from === null ? [] : plain([places.of(from).inputs, places.of(from).outputs]);
    case 'everything':
      return plain([any.inputs, any.outputs]);
    case 'mention':
      return plain(mentionedIn(reference.text, places));
  }
}

type OperationReference = Extract<Reference, { kind: 'operation' }>;

function operationOrigins(
  reference: OperationReference,
  from: Operation | null,
  places: Places,
): readonly Origin[] {
  const { any } = places;
  if (reference.name === null) {
    return inParts(reference.part, any).map((place) => ({ place, steps: [null], isIntact: false }));
  }
  const named = places.named(reference.name);
  // The code of a JavaScript Code action may spell a name in a way that we do not know.
  if (named.length === 0 && from?.type === 'javascriptcode') {
    return [any.inputs, any.outputs].map((place) => ({ place, steps: [null], isIntact: false }));
  }
  return named.flatMap((operation) => partsOf(reference, operation, places));
}

function partsOf(
  reference: Extract<Reference, { kind: 'operation' | 'trigger' }>,
  operation: Operation,
  places: Places,
): readonly Origin[] {
  const own = places.of(operation);
  const { steps, isIntact, from } = reference;
  if (reference.part !== 'outputs') {
    return inParts(reference.part, own).map((place) => ({ place, steps: [null, ...steps], isIntact: false }));
  }
  // What a Compose gives stands in its outputs as it is, without a body around it.
  if (from === 'body' || operation.type === 'compose') return [{ place: own.outputs, steps, isIntact }];
  const [first, ...rest] = steps;
  if (first === 'statuscode') return [];
  if (first === 'body') return [{ place: own.outputs, steps: rest, isIntact }];
  return [{ place: own.outputs, steps, isIntact: isIntact && steps.length > 0 }];
}

function inParts(part: Part, places: { readonly inputs: Place; readonly outputs: Place }): readonly Place[] {
  if (part === 'inputs') return [places.inputs];
  return part === 'outputs' ? [places.outputs] : [places.inputs, places.outputs];
}

/**
 * What `item()` is: an element of the innermost loop's list. In a Select or a Filter array it is one of the action's
 * own inputs, but not yet in the expression for its list.
 */
function itemAround(from: Operation | null, places: Places): readonly Place[] {
  for (let around = from?.parent ?? null; around !== null; around = around.parent) {
    if (around.type === 'foreach') return [places.of(around).item];
  }
  return [];
}

/** Everything whose name stands in a text that does not parse. */
function mentionedIn(text: string, places: Places): readonly Place[] {
  const lower = text.toLowerCase();
  const { any, operations, variables, parameters } = places;
  const has = (name: string): boolean => lower.includes(name.toLowerCase());
  return [
    ...operations.filter(({ name }) => has(name)).flatMap((it) => inParts('both', places.of(it))),
    ...(has('trigger') ? places.triggers.flatMap((it) => inParts('both', places.of(it))) : []),
    ...[...variables.values(), ...parameters.values()].filter(({ name }) => has(name)),
    ...(has('item') ? [any.item] : []),
    ...(has('result') ? [any.result] : []),
  ];
}
