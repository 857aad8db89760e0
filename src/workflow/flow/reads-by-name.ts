import { lowerCaseOf } from '../lower-case.js';
import type { Place } from './places.js';
import { loopAround } from './read-from.js';
import type { Read } from './value-reads.js';

/** By a name in lower case. */
type ByName = Map<string, Read[]>;

/** All reads in a definition, by the name of what they may be of; whether they are of it, their references say. */
export interface ReadsByName {
  readonly operations: ByName;
  readonly variables: ByName;
  readonly parameters: ByName;
  readonly triggers: Read[];
  /** Of what stands for several places. */
  readonly any: Read[];
  /** In texts that do not parse: of whatever is named there. */
  readonly mentions: Read[];
}

/** No workflow has a text that does not parse; with more of them than this, each may read anything. */
const MAX_MENTIONS = 100;

export function readsByName(reads: readonly Read[]): ReadsByName {
  const found: ReadsByName = {
    operations: new Map(),
    variables: new Map(),
    parameters: new Map(),
    triggers: [],
    any: [],
    mentions: [],
  };
  for (const read of reads) put(read, found);
  return found;
}

/** The reads that may be of a place, in the order of the definition. */
export function readsOf({ kind, name, operation }: Place, found: ReadsByName): readonly Read[] {
  const { mentions, any, triggers } = found;
  if (kind === 'any') return inOrder(any, mentions);
  const byName =
    operation !== null ? found.operations : kind === 'variable' ? found.variables : found.parameters;
  const named = byName.get(lowerCaseOf(name)) ?? [];
  return inOrder(operation?.kind === 'trigger' ? inOrder(named, triggers) : named, mentions);
}

function put(read: Read, found: ReadsByName): void {
  const { reference, operation } = read;
  switch (reference.kind) {
    case 'operation':
      // The code of a JavaScript Code action may spell a name in a way that we do not know.
      if (reference.name === null || operation?.type === 'javascriptcode') found.any.push(read);
      if (reference.name !== null) putNamed(read, reference.name, found.operations);
      return;
    case 'result':
    case 'items':
      if (reference.name === null) found.any.push(read);
      else putNamed(read, reference.name, found.operations);
      return;
    case 'variable':
      if (reference.name === null) found.any.push(read);
      else putNamed(read, reference.name, found.variables);
      return;
    case 'parameter':
      if (reference.name === null) found.any.push(read);
      else putNamed(read, reference.name, found.parameters);
      return;
    case 'item': {
      const loop = loopAround(operation);
      if (loop !== null) putNamed(read, loop.name, found.operations);
      return;
    }
    case 'action':
      if (operation !== null) putNamed(read, operation.name, found.operations);
      return;
    case 'trigger':
      found.triggers.push(read);
      return;
    case 'everything':
    case 'anything':
      found.any.push(read);
      return;
    case 'mention':
      if (found.mentions.length < MAX_MENTIONS) found.mentions.push(read);
      else found.any.push({ ...read, reference: { ...reference, kind: 'anything' } });
  }
}

function putNamed(read: Read, name: string, reads: ByName): void {
  const key = lowerCaseOf(name);
  const known = reads.get(key);
  if (known === undefined) reads.set(key, [read]);
  else known.push(read);
}

function inOrder(some: readonly Read[], others: readonly Read[]): readonly Read[] {
  if (others.length === 0) return some;
  if (some.length === 0) return others;
  return [...some, ...others].sort((a, b) => a.at - b.at);
}
