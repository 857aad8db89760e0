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

/** What gets to an operation, whatever is hidden there. */
interface Reached {
  readonly operation: Operation;
  readonly inputs: readonly CarriedSecret[] | undefined;
  readonly outputs: readonly CarriedSecret[] | undefined;
  readonly tracked: readonly CarriedSecret[];
  /** Whether its inputs hold more than the secure parameters that it signs in with. */
  readonly isShown: boolean;
  /** Those whose outputs its inputs use in a way that the service sees: where these are hidden, so are the inputs. */
  readonly uses: readonly Operation[];
}

/** Every operation that holds a secret, in the order of the definition, for whatever is asked to be visible. */
export function holdingsOf(
  trails: readonly Trail[],
  places: Places,
): (visibility: Visibility) => readonly Holding[] {
  const reached = reachedBy(trails, places);
  return (visibility) => reached.map((operation) => holdingAt(operation, visibility));
}

function reachedBy(trails: readonly Trail[], places: Places): readonly Reached[] {
  const carried = carriedAt(trails);
  const shown = shownInputs(trails);
  const used = usedIn(trails);
  const operations = new Set<Operation>();
  for (const { operation } of carried.keys()) if (operation !== null) operations.add(operation);
  const reached: Reached[] = [];
  for (const operation of [...operations].sort((a, b) => a.index - b.index)) {
    const ownInputs = places.of(operation, 'inputs');
    const inputs = carried.get(ownInputs);
    // What a container gives back is what the history shows with the actions in it.
    const outputs = isContainer(operation.type) ? undefined : carried.get(places.of(operation, 'outputs'));
    const tracked = carried.get(places.of(operation, 'tracked')) ?? [];
    if (inputs === undefined && outputs === undefined && tracked.length === 0) continue;
    const [isShown, uses] = [shown.has(ownInputs), used.get(ownInputs) ?? []];
    reached.push({ operation, inputs, outputs, tracked, isShown, uses });
  }
  return reached;
}

function holdingAt(
  { operation, inputs, outputs, tracked, isShown, uses }: Reached,
  visibility: Visibility,
): Holding {
  const { takes } = visibility.traits(operation);
  const isHidden = !isShown || uses.some((used) => hidesItsOutputs(used, visibility));
  const inputsHidden = inputsHiding(operation, takes, isHidden && inputs !== undefined);
  const outputsHidden = takes === 'inputs' ? inputsHidden : outputsHiding(operation, takes);
  return {
    operation,
    inputs: inputs === undefined ? null : { hiding: inputsHidden, secrets: inputs },
    outputs: outputs === undefined ? null : { hiding: outputsHidden, secrets: outputs },
    tracked,
  };
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
      const here = carried.get(place);
      if (here === undefined) carried.set(place, [new Carried(secret, arrival)]);
      else here.push(new Carried(secret, arrival));
    }
  }
  return carried;
}

/** The path is put together when it is asked for: all of them at once would be long. */
class Carried implements CarriedSecret {
  constructor(
    readonly secret: Secret,
    private readonly arrival: Arrival,
  ) {}

  get path(): readonly string[] {
    return pathTo(this.arrival);
  }
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
 * By inputs, the operations whose outputs they use: "If a downstream action explicitly uses these secured outputs as
 * inputs, Azure Logic Apps hides this action's inputs"; one that uses the hidden outputs of a Compose, Parse JSON or
 * Response is not hidden (https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate).
 */
function usedIn(trails: readonly Trail[]): ReadonlyMap<Place, readonly Operation[]> {
  const used = new Map<Place, Operation[]>();
  for (const { passages } of trails) {
    for (const { from, way, to } of passages) {
      const { kind, operation } = from.place;
      if (!way.isExplicit || kind !== 'outputs' || operation === null || to.place.kind !== 'inputs') continue;
      const here = used.get(to.place);
      if (here === undefined) used.set(to.place, [operation]);
      else here.push(operation);
    }
  }
  return used;
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
