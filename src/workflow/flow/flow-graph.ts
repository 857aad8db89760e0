import { getIgnoringCase, isJsonObject, type Json } from '../../types/json.js';
import type { WorkflowDocument } from '../../types/observation.js';
import type { Constants } from '../constant.js';
import { definitionOf, type Operation } from '../definition.js';
import { setsVariable, type OperationTraits } from './action-types.js';
import { AS_IT_IS, place, placesOf, WITHIN, type OwnKind, type Place, type Places } from './places.js';
import { readsIn } from './reads.js';
import { eachOrigin, type Meet } from './resolve-reference.js';
import { INPUTS, valueReader, type Read } from './value-reads.js';
import { wayKeeper, type AddWay } from './way-keeper.js';

/** Which values may get from where to where in a run, whatever its order. */
export interface FlowGraph {
  readonly places: Places;
  readonly workflowOutputs: readonly Place[];
  /** How many ways there are between all places, or a few more. */
  readonly size: number;
}

/** What is being put together. */
interface Draft {
  readonly places: Places;
  /** Each way is put in once, however often the definition has it. */
  readonly addWay: AddWay;
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
  const draft: Draft = {
    places,
    addWay: wayKeeper(),
    mentions: MAX_MENTIONS,
    size: operations.length * 12,
  };
  const readValue = valueReader(constants);
  for (const operation of operations) connectSettings(operation, constants, places);
  for (const [i, operation] of operations.entries()) {
    // The first action in another one stands right behind it.
    const isParent = operations[i + 1]?.parent === operation;
    if (operation.parent !== null) connectChild(operation, operation.parent, places);
    connectThrough(operation, traitsIn(operation), isParent, places);
    for (const read of readsIn(operation, constants, readValue)) {
      connectRead(read, operation, targetOf(read, operation, places), draft);
    }
  }
  const outputs = getIgnoringCase(definitionOf(workflow), 'outputs');
  const workflowOutputs = isJsonObject(outputs)
    ? Object.entries(outputs).map(([name, value]) => {
        const output = place('workflow-output', name);
        const reads: Read[] = [];
        readValue(value, INPUTS, null, reads);
        for (const read of reads) connectRead(read, null, output, draft);
        return output;
      })
    : [];
  return { places, workflowOutputs, size: draft.size };
}

function targetOf(read: Read, operation: Operation, places: Places): Place {
  if (read.variable !== null) return variableOf(read.variable, places);
  return places.of(operation, read.into);
}

function connectRead(read: Read, from: Operation | null, to: Place, draft: Draft): void {
  const { reference, as } = read;
  const connect: Meet = (origin, steps, isIntact) => {
    const isWhole = read.isWhole && isIntact;
    if (draft.addWay(origin, { to, steps, as, isWhole, isExplicit: reference.isExplicit })) draft.size += 1;
  };
  if (reference.kind !== 'mention' || (draft.mentions -= 1) >= 0)
    eachOrigin(reference, from, draft.places, connect);
  else for (const any of Object.values(draft.places.any)) connect(any, [null], false);
}

function connectChild(child: Operation, parent: Operation, places: Places): void {
  const toResult = { to: places.of(parent, 'result'), ...WITHIN };
  places.of(child, 'inputs').ways.push(toResult);
  places.of(child, 'outputs').ways.push(toResult);
}

/** What an operation makes of its inputs, and of what the actions in it give; without any, it has no result. */
function connectThrough(
  operation: Operation,
  { gives }: OperationTraits,
  isParent: boolean,
  places: Places,
): void {
  const { type } = operation;
  const how = type === 'compose' || type === 'parsejson' ? AS_IT_IS : WITHIN;
  if (gives === 'input') connectOwn(operation, 'inputs', 'outputs', how, places);
  if (type === 'foreach') connectOwn(operation, 'inputs', 'item', WITHIN, places);
  if (isParent && !GIVES_NOTHING_BACK.has(type)) connectOwn(operation, 'result', 'outputs', WITHIN, places);
}

function connectOwn(
  operation: Operation,
  from: OwnKind,
  to: OwnKind,
  how: typeof AS_IT_IS | typeof WITHIN,
  places: Places,
): void {
  places.of(operation, from).ways.push({ to: places.of(operation, to), ...how });
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
  places.of(operation, 'inputs').ways.push({ to, ...(type === 'setvariable' ? AS_IT_IS : WITHIN) });
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
