import { valueAt } from '../../src/types/apply-edits.js';
import type { Json } from '../../src/types/json.js';

/** Whether a workflow declares a parameter whose value nobody could send again. */
export function hasSecureParameter(workflow: Json): boolean {
  const declared = valueAt(workflow, '/properties/definition/parameters');
  return JSON.stringify(declared ?? null)
    .toLowerCase()
    .includes('"type":"secure');
}
