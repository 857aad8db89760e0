import type { Operation } from '../definition.js';
import type { OperationTraits } from './action-types.js';
import type { FlowGraph } from './flow-graph.js';
import type { Place } from './places.js';
import type { Secret } from './secret.js';
import {
  credentialSearch,
  spreadFrom,
  type Arrival,
  type Following,
  type Passage,
  type Spread,
} from './spread.js';
import { storedPlaces } from './stored-places.js';
import { requestsToken } from './token-request.js';

/** Where one secret gets to. */
export interface Trail {
  readonly secret: Secret;
  /** The first way to each place. */
  readonly arrivals: ReadonlyMap<Place, Arrival>;
  readonly passages: readonly Passage[];
}

/**
 * How many steps are taken at most. No definition that Azure takes (500 actions) comes near; of one that does, secrets
 * are not told apart, and answers are not followed.
 */
const MAX_STEPS = 10_000_000;

/**
 * Follows every secret to wherever it may get, and every answer to a call that carries one: the part of an answer that
 * is used as a credential is a secret of its own. So is what is written into a vault, back to where it comes from.
 */
export function trace(
  sources: readonly Secret[],
  operations: readonly Operation[],
  graph: FlowGraph,
  traitsIn: (operation: Operation) => OperationTraits,
): readonly Trail[] {
  const givers = sources.some(({ kind }) => kind === 'vault-write')
    ? giversIn(operations, graph, traitsIn)
    : [];
  if (takesTooLong(sources.length + givers.length, operations, graph, traitsIn))
    return traceAtOnce(sources, graph);
  const trails: Trail[] = [];
  const carried = new Map<Operation, Secret[]>();
  const answered = new Set(
    sources.flatMap(({ operation, kind }) => (hasOutputs(kind) ? (operation ?? []) : [])),
  );
  const mayBeUsed = credentialSearch(graph.waysFrom);
  const add = (trail: Trail): void => {
    trails.push(trail);
    for (const { kind, operation } of trail.arrivals.keys()) {
      if (kind !== 'inputs' || operation === null) continue;
      const secrets = carried.get(operation);
      if (secrets === undefined) carried.set(operation, [trail.secret]);
      else secrets.push(trail.secret);
    }
  };
  for (const secret of sources) add(trailOf(secret, graph));
  const reached = (operation: Operation): boolean =>
    trails.some(({ arrivals }) => arrivals.has(graph.places.of(operation, 'outputs')));
  for (const operation of givers) {
    if (answered.has(operation) || reached(operation)) continue;
    const stored = storedTrail(operation, traitsIn(operation), graph);
    if (stored === null) continue;
    answered.add(operation);
    add(stored);
  }
  // A call that is found to carry a secret makes its answer one to follow; the map grows while it is walked.
  for (const [operation, derivedFrom] of carried) {
    if (answered.has(operation) || traitsIn(operation).gives !== 'answer') continue;
    if (!mayBeUsed(graph.places.of(operation, 'outputs')) && !requestsToken(operation)) continue;
    const derived = derivedTrail(operation, [...derivedFrom], graph);
    if (derived !== null) add(derived);
  }
  return trails;
}

function takesTooLong(
  starts: number,
  operations: readonly Operation[],
  graph: FlowGraph,
  traitsIn: (operation: Operation) => OperationTraits,
): boolean {
  // At most, each operation is a call, and each read is of everything that has a name: that is seldom too much.
  const named = operations.length + graph.places.variables.size + graph.places.parameters.size;
  if ((starts + operations.length) * named * (12 + 2 * graph.reads) <= MAX_STEPS) return false;
  const calls = operations.filter((operation) => traitsIn(operation).gives === 'answer');
  return (starts + calls.length) * graph.size() > MAX_STEPS;
}

function hasOutputs(kind: Secret['kind']): boolean {
  return kind !== 'secure-parameter';
}

function trailOf(secret: Secret, graph: FlowGraph): Trail {
  const starts = startsOf(secret, graph);
  if (secret.kind !== 'child-workflow' && secret.kind !== 'caller') {
    return trailIn(secret, spreadFrom(starts, followingOf(secret), graph.waysFrom), () => true);
  }
  // That it holds a secret is known, but not which part of it: what looks like one, else all of it.
  const spread = spreadFrom(starts, 'answer', graph.waysFrom);
  return trailIn(secret, spread, spread.credentials.size === 0 ? () => true : holdsCredential(spread));
}

function derivedTrail(operation: Operation, derivedFrom: readonly Secret[], graph: FlowGraph): Trail | null {
  const spread = spreadFrom([graph.places.of(operation, 'outputs')], 'answer', graph.waysFrom);
  if (spread.credentials.size === 0 && !requestsToken(operation)) return null;
  const secret: Secret = { ...fromNowhere('derived', operation), derivedFrom };
  return trailIn(secret, spread, holdsCredential(spread));
}

/** Where something may be made, or come into the workflow, that is written into a vault. */
function giversIn(
  operations: readonly Operation[],
  graph: FlowGraph,
  traitsIn: (operation: Operation) => OperationTraits,
): readonly Operation[] {
  const stored = storedPlaces(graph);
  const giving = operations.filter((operation) => stored.has(graph.places.of(operation, 'outputs')));
  const makers = giving.filter((operation) => {
    const { takes, gives } = traitsIn(operation);
    return takes !== 'none' && (gives === 'input' || (operation.kind === 'trigger' && gives === 'none'));
  });
  // Answers first: others may only pass on what is in them.
  return [...giving.filter((operation) => traitsIn(operation).gives === 'answer'), ...makers];
}

/** What an operation gives to be written into a vault; null where it gives nothing of that kind. */
function storedTrail(operation: Operation, { gives }: OperationTraits, graph: FlowGraph): Trail | null {
  const inputs = graph.places.of(operation, 'inputs');
  const spread = spreadFrom([graph.places.of(operation, 'outputs')], 'answer', graph.waysFrom);
  if (!spread.isStored) return null;
  const trail = trailIn(fromNowhere('stored', operation), spread, holdsCredential(spread));
  if (gives !== 'input') return trail;
  const made: Arrival = { place: inputs, taken: '', isIntact: false, from: null };
  return { ...trail, arrivals: new Map([...trail.arrivals, [inputs, made]]) };
}

function fromNowhere(kind: Secret['kind'], operation: Operation): Secret {
  return { kind, source: operation.name, operation, vaultName: null, secretName: null, derivedFrom: [] };
}

function startsOf({ kind, source, operation }: Secret, { places }: FlowGraph): readonly Place[] {
  if (operation === null) return kind === 'secure-parameter' ? [places.parameter(source)] : [];
  const outputs = places.of(operation, 'outputs');
  return kind === 'vault-write' ? [places.of(operation, 'inputs'), outputs] : [outputs];
}

function followingOf({ kind }: Secret): Following {
  return kind === 'secure-parameter' ? 'secret' : 'vault-secret';
}

/** What is used as a credential, and whatever that was taken out of. */
function holdsCredential({ credentials }: Spread): (arrival: Arrival) => boolean {
  const holding = new Set(['']);
  for (const taken of credentials) {
    const members = taken.split('/');
    for (let count = 1; count <= members.length; count += 1) holding.add(members.slice(0, count).join('/'));
  }
  return ({ taken }) => holding.has(taken);
}

function trailIn(secret: Secret, spread: Spread, counts: (arrival: Arrival) => boolean): Trail {
  const arrivals = new Map<Place, Arrival>();
  for (const arrival of spread.arrivals) {
    if (counts(arrival) && !arrivals.has(arrival.place)) arrivals.set(arrival.place, arrival);
  }
  return { secret, arrivals, passages: spread.passages.filter(({ from, to }) => counts(from) && counts(to)) };
}

function traceAtOnce(sources: readonly Secret[], graph: FlowGraph): readonly Trail[] {
  const [first] = sources;
  if (first === undefined) return [];
  const starts = sources.flatMap((secret) => startsOf(secret, graph));
  return [trailIn(first, spreadFrom(starts, 'secret', graph.waysFrom), () => true)];
}
