import { at, entriesOf, isObject } from '../json.js';

export interface WorkflowAction {
  readonly name: string;
  readonly action: unknown;
  /** 1 for an action that lies in no other. */
  readonly depth: number;
  /** The names of the actions beside it, which its runAfter may refer to. */
  readonly siblings: readonly string[];
}

/** Every action of a definition, also those inside loops, conditions, cases and scopes. */
export function actionsOf(definition: unknown): readonly WorkflowAction[] {
  return actionsIn(at(definition, 'actions'), 1);
}

function actionsIn(actions: unknown, depth: number): readonly WorkflowAction[] {
  const entries = entriesOf(actions);
  const siblings = entries.map(([name]) => name);
  return entries.flatMap(([name, action]) => [
    { name, action, depth, siblings },
    ...branchesOf(action).flatMap((branch) => actionsIn(branch, depth + 1)),
  ]);
}

/** Where actions hold other actions, by the workflow definition language. */
function branchesOf(action: unknown): readonly unknown[] {
  if (!isObject(action)) return [];
  return [
    at(action, 'actions'),
    at(action, 'else', 'actions'),
    at(action, 'default', 'actions'),
    ...entriesOf(at(action, 'cases')).map(([, branch]) => at(branch, 'actions')),
  ];
}
