import type { Reference } from './references.js';

const NOTHING_TAKEN = { steps: [], isIntact: false, isExplicit: false } as const;

/** It cannot be told what is taken. */
export const EVERYTHING: readonly Reference[] = [{ kind: 'everything', ...NOTHING_TAKEN }];

export const WHOLE_TRIGGER: Reference = { kind: 'trigger', part: 'both', from: 'envelope', ...NOTHING_TAKEN };

/** Inputs and outputs of the action of this name. */
export function wholeRunOf(name: string): Reference {
  return { kind: 'operation', name, part: 'both', from: 'envelope', ...NOTHING_TAKEN };
}

/** Ways to reach the run's values without naming them. */
const INDIRECT = /\\u|\\x|\beval\b|\bFunction\b|\bglobalThis\b|\bglobal\b|\bthis\b|\bwith\s*\(|\barguments\b/;

/** A member in each of JavaScript's spellings: `.x`, `?.x`, `['x']`, `?.["x"]`. */
const MEMBER =
  /\s*(?:\??\.\s*([A-Za-z_$][\w$]*)|(?:\?\.\s*)?\[\s*(?:'([^'\\\n]*)'|"([^"\\\n]*)"|`([^`\\$]*)`)\s*\])/y;

/**
 * What the text of a JavaScript Code action takes out of `workflowContext`; everything where that is not plain to see.
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-add-run-inline-code
 */
export function referencesInCode(code: string): readonly Reference[] {
  if (INDIRECT.test(code)) return EVERYTHING;
  const found: Reference[] = [];
  for (const { index, 0: word } of code.matchAll(/workflowContext/g)) {
    const references = referencesAfter(code, index + word.length);
    if (references === null) return EVERYTHING;
    for (const reference of references) found.push(reference);
  }
  return found;
}

function referencesAfter(code: string, start: number): readonly Reference[] | null {
  const [first, afterFirst] = memberAt(code, start);
  if (first === 'workflow') return [];
  if (first === 'trigger') {
    return [{ kind: 'trigger', part: partAt(code, afterFirst), from: 'envelope', ...NOTHING_TAKEN }];
  }
  if (first !== 'actions') return null;
  const [name, afterName] = memberAt(code, afterFirst);
  if (name === null) return null;
  return [{ kind: 'operation', name, part: partAt(code, afterName), from: 'envelope', ...NOTHING_TAKEN }];
}

function partAt(code: string, at: number): 'inputs' | 'outputs' | 'both' {
  const [part] = memberAt(code, at);
  return part === 'inputs' || part === 'outputs' ? part : 'both';
}

function memberAt(code: string, at: number): readonly [string | null, number] {
  MEMBER.lastIndex = at;
  const found = MEMBER.exec(code);
  if (found === null) return [null, at];
  const [text, ...spellings] = found as readonly (string | undefined)[];
  return [spellings.find((spelling) => spelling !== undefined) ?? null, at + (text?.length ?? 0)];
}
