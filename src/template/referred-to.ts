import { pointerTo } from '../types/apply-edits.js';
import { isJsonObject, type Json } from '../types/json.js';
import type { Call } from '../workflow/expression.js';
import { isSecureType } from '../workflow/secure-parameters.js';
import { expressionIn } from './evaluate.js';
import { memberOf, type Scope, type Written } from './scope.js';

/**
 * Where a text is nothing but the name of a parameter or a variable (and steps into it that are written out): what stands
 * there, which is what the text is. Null where it is more or less than that.
 */
export function referredTo(
  text: string,
  scope: Scope,
): (Written & { readonly default: string | null }) | null {
  if (scope.around !== null) return null;
  const expression = expressionIn(text);
  if (expression === null || expression === 'unreadable' || expression.kind !== 'call') return null;
  const target = targetOf(expression, scope);
  let written = target?.written ?? null;
  for (const { key } of expression.path) {
    if (written === null) return null;
    if (key.kind === 'number') written = stepInto(written, key.text);
    else if (key.kind === 'literal') written = stepInto(written, key.value);
    else return null;
  }
  return written === null || target === null ? null : { ...written, default: target.default };
}

function targetOf(
  { name, args }: Call,
  scope: Scope,
): { readonly written: Written; readonly default: string | null } | null {
  const [first] = args;
  if (first?.kind !== 'literal' || typeof first.value !== 'string' || args.length !== 1) return null;
  const key = first.value.toLowerCase();
  if (name === 'variables') {
    const written = scope.variables.get(key);
    return written === undefined ? null : { written, default: null };
  }
  const parameter = name === 'parameters' ? scope.parameters.get(key) : undefined;
  if (parameter === undefined || isSecureType(parameter.type)) return null;
  if (parameter.given !== undefined) return { written: parameter.given, default: null };
  return parameter.default === undefined ? null : { written: parameter.default, default: parameter.name };
}

function stepInto({ json, pointer, scope }: Written, key: string | boolean | null): Written | null {
  if (Array.isArray(json)) {
    const item = json[Number(key)] as Json | undefined;
    return item === undefined ? null : { json: item, pointer: pointerTo(pointer, String(key)), scope };
  }
  const member = isJsonObject(json) ? memberOf(json, pointer, String(key)) : undefined;
  return member === undefined ? null : { ...member, scope };
}
