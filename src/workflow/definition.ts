import { toPointer } from '../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../types/json.js';
import { propertiesOf, type WorkflowDocument } from '../types/observation.js';

/** A trigger or an action, wherever in the definition it stands. */
export interface Operation {
  readonly kind: 'trigger' | 'action';
  readonly name: string;
  /** JSON pointer from the resource's root. */
  readonly pointer: string;
  /** In lower case; empty where the definition does not say. */
  readonly type: string;
  readonly json: JsonObject;
  /** The action (Scope, Foreach, If, …) that this one is directly in; null at the top. */
  readonly parent: Operation | null;
}

/**
 * Azure takes eight levels (https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-configuration);
 * what is deeper than this cannot be a workflow, and must not cost us the stack.
 */
const MAX_NESTING = 64;

/** The workflow's definition; empty where there is none. */
export function definitionOf(workflow: WorkflowDocument): JsonObject {
  const definition = getIgnoringCase(propertiesOf(workflow), 'definition');
  return isJsonObject(definition) ? definition : {};
}

/** Every trigger and action in the order of the document, at any depth. What is malformed is passed over. */
export function operationsOf(workflow: WorkflowDocument): readonly Operation[] {
  const found: Operation[] = [];
  for (const [path, definition] of members(propertiesOf(workflow), 'definition', '/properties')) {
    for (const [at, triggers] of members(definition, 'triggers', path))
      collect(triggers, at, 'trigger', null, found);
    for (const [at, actions] of members(definition, 'actions', path))
      collect(actions, at, 'action', null, found);
  }
  return found;
}

function collect(
  container: Json | undefined,
  pointer: string,
  kind: Operation['kind'],
  parent: Operation | null,
  found: Operation[],
  depth = 0,
): void {
  if (!isJsonObject(container) || depth > MAX_NESTING) return;
  for (const name in container) {
    const json = container[name];
    if (!isJsonObject(json)) continue;
    const type = getIgnoringCase(json, 'type');
    const operation: Operation = {
      kind,
      name,
      pointer: pointer + toPointer([name]),
      type: typeof type === 'string' ? type.toLowerCase() : '',
      json,
      parent,
    };
    found.push(operation);
    if (kind === 'action') {
      for (const [at, nested] of nestedActions(operation))
        collect(nested, at, kind, operation, found, depth + 1);
    }
  }
}

type Place = readonly [pointer: string, value: Json | undefined];

/** Looked for whatever the action's type is, so that a kind of container we do not know hides nothing. */
function nestedActions({ json, pointer }: Operation): readonly Place[] {
  const found: Place[] = [];
  for (const key in json) {
    if (!isJsonObject(json[key])) continue;
    switch (key.toLowerCase()) {
      case 'actions':
        found.push([pointer + toPointer([key]), json[key]]);
        break;
      case 'else':
      case 'default':
        found.push(...members(json[key], 'actions', pointer + toPointer([key])));
        break;
      case 'cases':
      case 'tools': // of an Agent action
        for (const [at, branch] of eachMember(json[key], pointer + toPointer([key])))
          found.push(...members(branch, 'actions', at));
        break;
    }
  }
  return found;
}

/** The members of an object with this key in any case: the service reads keys without regard to case. */
function members(object: Json | undefined, key: string, pointer: string): readonly Place[] {
  if (!isJsonObject(object)) return [];
  return Object.keys(object)
    .filter((candidate) => candidate.length === key.length && candidate.toLowerCase() === key)
    .map((candidate) => [pointer + toPointer([candidate]), object[candidate]]);
}

function eachMember(object: Json | undefined, pointer: string): readonly Place[] {
  if (!isJsonObject(object)) return [];
  return Object.entries(object).map(([key, value]) => [pointer + toPointer([key]), value]);
}
