import { isJsonObject, type Json } from '../types/json.js';
import { HOLE } from '../workflow/folded.js';

/** A call of no function that there is: nobody can tell what it gives, and it names nothing. */
const UNKNOWN_CALL = 'unknown()';

/** A definition in which what is not known before the deployment is, to the language of workflows, not known before a run. */
export function withUnknownCalls(json: Json): Json {
  if (typeof json === 'string') return textWithUnknownCalls(json);
  if (Array.isArray(json)) return (json as readonly Json[]).map(withUnknownCalls);
  if (!isJsonObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, value]) => [key, value === undefined ? value : withUnknownCalls(value)]),
  );
}

/** Within quotes in an expression a hole stays: it is part of a text there. */
export function textWithUnknownCalls(text: string): string {
  if (!text.includes(HOLE)) return text;
  if (text === HOLE) return `@${UNKNOWN_CALL}`;
  const isWhole = /^@(?![@{])/.test(text);
  let within: 'text' | 'expression' | 'quotes' = isWhole ? 'expression' : 'text';
  let result = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (within === 'text') {
      if (character === '@' && text[at + 1] === '{' && text[at - 1] !== '@') within = 'expression';
      result += character === HOLE ? `@{${UNKNOWN_CALL}}` : character;
      continue;
    }
    if (character === "'") within = within === 'quotes' ? 'expression' : 'quotes';
    else if (character === '}' && within === 'expression' && !isWhole) within = 'text';
    result += character === HOLE && within === 'expression' ? UNKNOWN_CALL : character;
  }
  return result;
}
