import { getIgnoringCase, isJsonObject, type Json } from '../../types/json.js';
import type { WorkflowDocument } from '../../types/observation.js';
import type { Constants } from '../constant.js';
import { definitionOf, type Operation } from '../definition.js';
import { setsVariable, type OperationTraits } from './action-types.js';
import { AS_IT_IS, place, placesOf, WITHIN, type Place, type Places, type Way } from './places.js';
import { readsIn } from './reads.js';
import { originsOf } from './resolve-reference.js';
import { INPUTS, readsInValue, type Read } from './value-reads.js';

/** Which values may get from where to where in a run, whatever its order. */
export interface FlowGraph {
  readonly places: Places;
  readonly workflowOutputs: readonly Place[];
  /** How many ways there are between all places, or a few more. */
  readonly size: number;
}

/** What is being put together: each way is put in once, however often the definition has it. */
interface Draft {
  readonly places: Places;
  readonly known: Map<Place, Map<Place, Set<string>>>;
  mentions: number;
  size: number;
}

/** Containers whose own outputs hold nothing of the actions in them. */
const GIVES_NOTHING_BACK: ReadonlySet<string> = new Set(['scope', 'if', 'switch']);

/** No workflow has a text that does not parse; with more of them than this, each may read everything. */
const MAX_MENTIONS = 100;

export function flowGraphOf(
  workflow: WorkflowDocument,
  operations: readonly Operation[],
  constants: Constants,
  traitsIn: (operation: Operation) => OperationTraits,
): FlowGraph {
  const places = placesOf(operations);
  const draft: Draft = { places, known: new Map(), mentions: MAX_MENTIONS, size: operations.length * 12 };
  for (const operation of operations) connectSettings(operation, constants, places);
  for (const operation of operations) {
    if (operation.parent !== null) connectChild(operation, operation.parent, places);
    connectThrough(operation, traitsIn(operation), places);
    for (const read of readsIn(operation, constants)) {
      connectRead(read, operation, targetOf(read, operation, places), draft);
    }
  }
  const outputs = getIgnoringCase(definitionOf(workflow), 'outputs');
  const workflowOutputs = isJsonObject(outputs)
    ? Object.entries(outputs).map(([name, value]) => {
        const output = place('workflow-output', name);
        for (const read of readsInValue(value, INPUTS, null, constants))
          connectRead(read, null, output, draft);
        return output;
      })
    : [];
  return { places, workflowOutputs, size: draft.size };
}

function targetOf(read: Read, operation: Operation, places: Places): Place {
  const { inputs, tracked } = places.of(operation);
  if (read.variable !== null) return variableOf(read.variable, places);
  return read.into === 'tracked' ? tracked : inputs;
}

function connectRead(read: Read, from: Operation | null, to: Place, draft: Draft): void {
  const { reference, as } = read;
  const isTooMany = reference.kind === 'mention' && (draft.mentions -= 1) < 0;
  const origins = isTooMany
    ? Object.values(draft.places.any).map((any) => ({ place: any, steps: [null], isIntact: false }))
    : originsOf(reference, from, draft.places);
  for (const { place: origin, steps, isIntact } of origins) {
    const way: Way = { to, steps, as, isWhole: read.isWhole && isIntact, isExplicit: reference.isExplicit };
    if (isNew(way, origin, draft)) origin.ways.push(way);
  }
}

function isNew({ to, ...way }: Way, origin: Place, draft: Draft): boolean {
  const from = draft.known.get(origin) ?? new Map<Place, Set<string>>();
  if (from.size === 0) draft.known.set(origin, from);
  const ways = from.get(to) ?? new Set<string>();
  if (ways.size === 0) from.set(to, ways);
  const count = ways.size;
  ways.add(spelled(way));
  if (ways.size === count) return false;
  draft.size += 1;
  return true;
}

function spelled({ steps, as, isWhole, isExplicit }: Omit<Way, 'to'>): string {
  const taken = steps.length === 0 ? '' : JSON.stringify(steps);
  return `${as}${isWhole ? '=' : '~'}${isExplicit ? '!' : '?'}${taken}`;
}

function connectChild(child: Operation, parent: Operation, places: Places): void {
  const { result } = places.of(parent);
  const { inputs, outputs } = places.of(child);
  inputs.ways.push({ to: result, ...WITHIN });
  outputs.ways.push({ to: result, ...WITHIN });
}

/** What an operation makes of its inputs. */
function connectThrough(operation: Operation, { gives }: OperationTraits, places: Places): void {
  const { inputs, outputs, item, result } = places.of(operation);
  const isSame = operation.type === 'compose' || operation.type === 'parsejson';
  if (gives === 'input') inputs.ways.push({ to: outputs, ...(isSame ? AS_IT_IS : WITHIN) });
  if (operation.type === 'foreach') inputs.ways.push({ to: item, ...WITHIN });
  if (!GIVES_NOTHING_BACK.has(operation.type)) result.ways.push({ to: outputs, ...WITHIN });
}

/** Before anything is read, so that every variable is known by its name. */
function connectSettings(operation: Operation, constants: Constants, places: Places): void {
  const { type, json } = operation;
  if (!setsVariable(type)) return;
  const inputs = getIgnoringCase(json, 'inputs');
  if (type === 'initializevariable') {
    for (const name of initialisedBy(inputs)) variableOf(name, places);
    return;
  }
  const name = constants.fold(getIgnoringCase(inputs, 'name'));
  const isKnown = name.kind === 'constant' && typeof name.value === 'string';
  const to = isKnown ? places.variable(name.value) : places.someVariable;
  places.of(operation).inputs.ways.push({ to, ...(type === 'setvariable' ? AS_IT_IS : WITHIN) });
}

function initialisedBy(inputs: Json | undefined): readonly string[] {
  const variables = getIgnoringCase(inputs, 'variables');
  if (!Array.isArray(variables)) return [];
  return (variables as readonly Json[]).flatMap((variable) => {
    const name = getIgnoringCase(variable, 'name');
    return typeof name === 'string' ? [name] : [];
  });
}

function variableOf(name: string, places: Places): Place {
  return name.includes('@') ? places.someVariable : places.variable(name);
}
