import { toPointer } from '../types/apply-edits.js';
import { getIgnoringCase, isJsonObject, keyIgnoringCase, type Json } from '../types/json.js';
import type { Operation } from './definition.js';

/**
 * What an operation hides in the run history: the list at `runtimeConfiguration.secureData.properties`, empty
 * where there is none. `pointer` is the list's, with the keys as they are spelled where they exist.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app#obfuscate
 */
export type SecureData =
  | { readonly kind: 'list'; readonly pointer: string; readonly members: readonly Json[] }
  | { readonly kind: 'malformed'; readonly pointer: string; readonly what: string };

const KEYS = ['runtimeConfiguration', 'secureData', 'properties'] as const;

export function secureDataOf({ json, pointer: start }: Operation): SecureData {
  let value: Json | undefined = json;
  let pointer = start;
  for (const [i, key] of KEYS.entries()) {
    if (!isAbsent(value) && !isJsonObject(value)) {
      const rest = toPointer(KEYS.slice(i));
      return {
        kind: 'malformed',
        pointer: pointer + rest,
        what: `${KEYS.slice(0, i).join('.')} is not an object`,
      };
    }
    const spelled: string | undefined = isAbsent(value) ? undefined : keyIgnoringCase(value, key);
    pointer += toPointer([spelled ?? key]);
    value = isAbsent(value) || spelled === undefined ? undefined : value[spelled];
  }
  if (isAbsent(value)) return { kind: 'list', pointer, members: [] };
  if (!Array.isArray(value)) return { kind: 'malformed', pointer, what: `${KEYS.join('.')} is not a list` };
  return { kind: 'list', pointer, members: value as readonly Json[] };
}

/** Whether an operation's setting hides its inputs or outputs; a list that cannot be read hides nothing. */
export function isSetToHide({ json }: Operation, what: 'inputs' | 'outputs'): boolean {
  let value: Json | undefined = json;
  for (const key of KEYS) value = getIgnoringCase(value, key);
  return Array.isArray(value) && hides(value as readonly Json[], what);
}

/** Whether the list hides an operation's inputs or outputs. Case does not matter to the service. */
export function hides(members: readonly Json[], what: 'inputs' | 'outputs'): boolean {
  return members.some((member) => typeof member === 'string' && member.toLowerCase() === what);
}

function isAbsent(value: Json | undefined): value is null | undefined {
  return value === null || value === undefined;
}
