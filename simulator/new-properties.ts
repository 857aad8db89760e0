import { arrayText, isObjectText, itemsOf, membersOf, objectText } from './raw-json.js';
import type { ResourceState } from './resource.js';
import type { Switches } from './switches.js';

/** What nobody who wrote a client can have known. The number is one that a parser would write otherwise. */
const NAME = 'simulatedNewProperty';
const VALUE = '{"since":1.0}';

/** Members that belong to whoever wrote them: the service adds nothing inside. */
const AUTHORED = new Set(['definition', 'parameters', 'systemData']);

/** A resource that is new gets, where the switch says so, a property that no version documents, at every level. */
export function withNewProperties(state: ResourceState, switches: Readonly<Switches>): ResourceState {
  if (switches.newProperties === 'none') return state;
  return { ...state, top: extended(state.top), properties: extended(state.properties) };
}

function extended(members: ReadonlyMap<string, string>): Map<string, string> {
  const deeper = [...members].map(
    ([name, value]) => [name, AUTHORED.has(name) ? value : inside(value)] as const,
  );
  return new Map([...deeper, [NAME, VALUE]]);
}

function inside(value: string): string {
  if (value.trimStart().startsWith('[')) return arrayText(itemsOf(value).map(inside));
  return isObjectText(value) ? objectText(extended(membersOf(value))) : value;
}
