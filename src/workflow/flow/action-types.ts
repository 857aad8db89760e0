/** What a kind of operation can hide, and what it does with what it is given. */
export interface OperationTraits {
  /**
   * `both`: inputs and outputs can be hidden. `inputs`: only the inputs can be, and the outputs are hidden with them.
   * `none`: neither takes the setting, or it is not known to.
   */
  readonly takes: 'both' | 'inputs' | 'none';
  /**
   * `input`: the outputs are made of the inputs. `answer`: they are what somebody else answers. `none`: they hold
   * nothing of the inputs.
   */
  readonly gives: 'input' | 'answer' | 'none';
}

const TRANSFORMS: OperationTraits = { takes: 'both', gives: 'input' };
const CALLS: OperationTraits = { takes: 'both', gives: 'answer' };
const SHOWS_AS_IT_IS: OperationTraits = { takes: 'inputs', gives: 'input' };
const CANNOT_HIDE: OperationTraits = { takes: 'none', gives: 'input' };
const TAKES_NOTHING: OperationTraits = { takes: 'none', gives: 'none' };
const CONTAINERS: ReadonlySet<string> = new Set(['scope', 'if', 'switch', 'foreach', 'until']);

/**
 * By type, in lower case. Which built-in operations take neither or only inputs, and that the outputs of Compose,
 * Parse JSON and Response are hidden with their inputs:
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate. What takes both is where the
 * designer offers both (Azure/LogicAppsUX: settings.ts, and `secureData` in the operations' manifests).
 */
const TRAITS: ReadonlyMap<string, OperationTraits> = new Map([
  ['apiconnection', CALLS],
  ['apiconnectionwebhook', CALLS],
  ['apiconnectionnotification', CALLS],
  ['apimanagement', CALLS],
  ['function', CALLS],
  ['http', CALLS],
  ['httpwebhook', CALLS],
  ['workflow', CALLS],
  // The built-in connectors of Logic Apps Standard, in exported workflows.
  ['serviceprovider', CALLS],
  ['request', { takes: 'both', gives: 'none' }],
  ['javascriptcode', TRANSFORMS],
  ['join', TRANSFORMS],
  ['query', TRANSFORMS],
  ['select', TRANSFORMS],
  ['table', TRANSFORMS],
  ['compose', SHOWS_AS_IT_IS],
  ['parsejson', SHOWS_AS_IT_IS],
  ['response', SHOWS_AS_IT_IS],
  ['wait', SHOWS_AS_IT_IS],
  ['appendtoarrayvariable', CANNOT_HIDE],
  ['appendtostringvariable', CANNOT_HIDE],
  ['decrementvariable', CANNOT_HIDE],
  ['incrementvariable', CANNOT_HIDE],
  ['initializevariable', CANNOT_HIDE],
  ['setvariable', CANNOT_HIDE],
  ['terminate', TAKES_NOTHING],
  ['recurrence', TAKES_NOTHING],
  ['slidingwindow', TAKES_NOTHING],
  ['scope', TAKES_NOTHING],
  ['if', TAKES_NOTHING],
  ['switch', TAKES_NOTHING],
  ['foreach', TAKES_NOTHING],
  ['until', TAKES_NOTHING],
]);

/** Whether an operation does nothing but run others. */
export function isContainer(type: string): boolean {
  return CONTAINERS.has(type);
}

/** What is not known here may pass on what it is given, and is not written to. */
export function traitsOf(type: string): OperationTraits {
  return TRAITS.get(type) ?? CANNOT_HIDE;
}

/** Whether an operation gives a variable its value. */
export function setsVariable(type: string): boolean {
  return type.endsWith('variable') && TRAITS.has(type);
}
