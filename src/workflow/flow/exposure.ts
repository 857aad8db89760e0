import type { Operation } from '../definition.js';
import { isSetToHide } from '../secure-data.js';
import { isContainer, type OperationTraits } from './action-types.js';
import type { Place, Places } from './places.js';
import type { Secret } from './secret.js';
import type { Arrival, Passage } from './spread.js';
import type { Trail } from './trace.js';

/** Whether the run history shows what an operation holds, and what keeps it from doing so. */
export type Hiding =
  /** The platform hides it, because it uses outputs that are hidden. */
  | 'by-itself'
  | 'by-setting'
  /** It is shown, and a setting would hide it. */
  | 'open'
  /** It may be shown, and there is no setting for it. */
  | 'impossible';

export interface CarriedSecret {
  readonly secret: Secret;
  /** The names of what it passed on its shortest way, its source first and the operation itself last. */
  readonly path: readonly string[];
}

export interface Held {
  readonly hiding: Hiding;
  readonly secrets: readonly CarriedSecret[];
}

/** An operation that holds a secret in its inputs or outputs, or hands one to the tracking logs. */
export interface Holding {
  readonly operation: Operation;
  readonly inputs: Held | null;
  readonly outputs: Held | null;
  readonly tracked: readonly CarriedSecret[];
}

export interface Visibility {
  readonly traits: (operation: Operation) => OperationTraits;
  /** Whether the run history hides what an operation gives out, as it stands or as it will be. */
  readonly hidesOutputs: (operation: Operation) => boolean;
}

/** Every operation that holds a secret, in the order of the definition, for whatever is asked to be visible. */
export function holdingsOf(
  trails: readonly Trail[],
  places: Places,
): (visibility: Visibility) => readonly Holding[] {
  const carried = carriedAt(trails);
  const shown = shownInputs(trails);
  const reached = new Set([...carried.keys()].map(({ operation }) => operation));
  const operations = places.operations.filter((operation) => reached.has(operation));
  return (visibility) => holdingsWith({ trails, places, operations, carried, shown }, visibility);
}

interface Spreading {
  readonly trails: readonly Trail[];
  readonly places: Places;
  /** Those that anything gets to. */
  readonly operations: readonly Operation[];
  readonly carried: ReadonlyMap<Place, readonly CarriedSecret[]>;
  readonly shown: ReadonlySet<Place>;
}

function holdingsWith(
  { trails, places, operations, carried, shown }: Spreading,
  visibility: Visibility,
): readonly Holding[] {
  const hidden = inputsHiddenByThemselves(trails, (operation) => hidesItsOutputs(operation, visibility));
  return operations.flatMap((operation) => {
    const ownInputs = places.of(operation, 'inputs');
    const inputSecrets = carried.get(ownInputs);
    // What a container gives back is what the history shows with the actions in it.
    const outputSecrets = isContainer(operation.type)
      ? undefined
      : carried.get(places.of(operation, 'outputs'));
    const tracked = carried.get(places.of(operation, 'tracked')) ?? [];
    if (inputSecrets === undefined && outputSecrets === undefined && tracked.length === 0) return [];
    const isHidden = hidden.has(ownInputs) || !shown.has(ownInputs);
    const { takes } = visibility.traits(operation);
    const inputs = inputsHiding(operation, takes, isHidden && inputSecrets !== undefined);
    const outputs = takes === 'inputs' ? inputs : outputsHiding(operation, takes);
    return [
      {
        operation,
        inputs: inputSecrets === undefined ? null : { hiding: inputs, secrets: inputSecrets },
        outputs: outputSecrets === undefined ? null : { hiding: outputs, secrets: outputSecrets },
        tracked,
      },
    ];
  });
}

/** A setting that an operation does not take hides nothing. */
function hidesItsOutputs(operation: Operation, { traits, hidesOutputs }: Visibility): boolean {
  return traits(operation).takes === 'both' && hidesOutputs(operation);
}

function inputsHiding(operation: Operation, takes: OperationTraits['takes'], isHidden: boolean): Hiding {
  if (takes === 'none') return 'impossible';
  if (isSetToHide(operation, 'inputs')) return 'by-setting';
  return isHidden ? 'by-itself' : 'open';
}

function outputsHiding(operation: Operation, takes: OperationTraits['takes']): Hiding {
  if (takes === 'none') return 'impossible';
  return isSetToHide(operation, 'outputs') ? 'by-setting' : 'open';
}

function carriedAt(trails: readonly Trail[]): ReadonlyMap<Place, readonly CarriedSecret[]> {
  const carried = new Map<Place, CarriedSecret[]>();
  for (const { secret, arrivals } of trails) {
    for (const [place, arrival] of arrivals) {
      if (place.kind === 'any') continue;
      const here = carried.get(place) ?? [];
      here.push(carriedTo(arrival, secret));
      carried.set(place, here);
    }
  }
  return carried;
}

/** The path is put together when it is asked for: all of them at once would be long. */
function carriedTo(arrival: Arrival, secret: Secret): CarriedSecret {
  return {
    secret,
    get path() {
      return pathTo(arrival);
    },
  };
}

function pathTo(arrival: Arrival): readonly string[] {
  const names: string[] = [];
  for (let at: Arrival | null = arrival; at !== null; at = at.from) {
    const { kind, name } = at.place;
    if (kind !== 'any' && name !== '' && names.at(-1) !== name) names.push(name);
  }
  return names.reverse();
}

/**
 * "If a downstream action explicitly uses these secured outputs as inputs, Azure Logic Apps hides this action's
 * inputs"; one that uses the hidden outputs of a Compose, Parse JSON or Response is not hidden
 * (https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate).
 */
function inputsHiddenByThemselves(
  trails: readonly Trail[],
  hidesOutputs: (operation: Operation) => boolean,
): ReadonlySet<Place> {
  const hidden = new Set<Place>();
  for (const { from, way, to } of trails.flatMap(({ passages }) => passages)) {
    const { kind, operation } = from.place;
    const isUse = way.isExplicit && kind === 'outputs' && to.place.kind === 'inputs';
    if (isUse && operation !== null && hidesOutputs(operation)) hidden.add(to.place);
  }
  return hidden;
}

/**
 * Inputs that hold more than secure parameters that they sign in with: that is what Azure has these parameters for
 * (https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#secure-action-parameters). An
 * Authorization header does not count as hidden: in Consumption, some tokens in it are shown
 * (https://github.com/Azure/LogicAppsUX/issues/9085).
 */
function shownInputs(trails: readonly Trail[]): ReadonlySet<Place> {
  const shown = new Set<Place>();
  for (const { secret, passages, arrivals } of trails) {
    for (const [place, { from }] of arrivals) {
      if (from === null) shown.add(place);
    }
    for (const passage of passages) {
      if (secret.kind !== 'secure-parameter' || !isSignIn(passage)) shown.add(passage.to.place);
    }
  }
  return shown;
}

function isSignIn({ from, way }: Passage): boolean {
  return from.place.kind === 'parameter' && (way.as === 'authentication' || way.as === 'account');
}
