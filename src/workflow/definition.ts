import { pointerTo } from '../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../types/json.js';
import { propertiesOf, type WorkflowDocument } from '../types/observation.js';
import { lowerCaseOf } from './lower-case.js';

/** A trigger or an action, wherever in the definition it stands. */
export interface Operation {
  readonly kind: 'trigger' | 'action';
  readonly name: string;
  /** Its place in the order of the document, from 0: what is known of each operation stands in lists. */
  readonly index: number;
  /** JSON pointer from the resource's root. */
  readonly pointer: string;
  /** In lower case; empty where the definition does not say. */
  readonly type: string;
  readonly json: JsonObject;
  /** Undefined where it has none. */
  readonly inputs: Json | undefined;
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
      index: found.length,
      pointer: pointerTo(pointer, name),
      type: typeof type === 'string' ? lowerCaseOf(type) : '',
      json,
      inputs: getIgnoringCase(json, 'inputs'),
      parent,
    };
    found.push(operation);
    if (kind === 'action') collectNested(operation, found, depth + 1);
  }
}

/** Looked for whatever the action's type is, so that a kind of container we do not know hides nothing. */
function collectNested(operation: Operation, found: Operation[], depth: number): void {
  const { json, pointer } = operation;
  for (const key in json) {
    // Nearly every action has these two, and next to none has more that is an object.
    if (key === 'inputs' || key === 'runAfter') continue;
    const value = json[key];
    if (!isJsonObject(value)) continue;
    switch (key.toLowerCase()) {
      case 'actions':
        collect(value, pointerTo(pointer, key), 'action', operation, found, depth);
        break;
      case 'else':
      case 'default':
        collectBranch(value, pointerTo(pointer, key), operation, found, depth);
        break;
      case 'cases':
      case 'tools': // of an Agent action
        for (const name in value)
          collectBranch(value[name], pointerTo(pointerTo(pointer, key), name), operation, found, depth);
        break;
    }
  }
}

function collectBranch(
  branch: Json | undefined,
  pointer: string,
  parent: Operation,
  found: Operation[],
  depth: number,
): void {
  for (const [at, actions] of members(branch, 'actions', pointer))
    collect(actions, at, 'action', parent, found, depth);
}

type Place = readonly [pointer: string, value: Json | undefined];

/** The members of an object with this key in any case: the service reads keys without regard to case. */
function members(object: Json | undefined, key: string, pointer: string): readonly Place[] {
  if (!isJsonObject(object)) return [];
  const found: Place[] = [];
  for (const candidate in object) {
    if (candidate.length === key.length && candidate.toLowerCase() === key)
      found.push([pointerTo(pointer, candidate), object[candidate]]);
  }
  return found;
}
