import { parseTemplate, type Expression } from './expression.js';

/** In UTF-16 units: what thousands of workflows have between them. */
const MAX_KNOWN = 1_000_000;

/** The longest expression that Azure takes; https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-configuration */
const MAX_LENGTH = 8192;

let known = new Map<string, Expression>();
/** What was known before it became too much: of that, what is asked for again is kept. */
let before = new Map<string, Expression>();
let length = 0;

/**
 * What a string of a workflow definition says. The same few expressions stand in very many workflows (`body('…')?['…']`,
 * the id of a connection): a text that was read lately gives the same object, so that what follows from the text alone
 * can be kept with it.
 */
export function expressionOf(text: string): Expression {
  if (text.length > MAX_LENGTH || !text.includes('@')) return parseTemplate(text);
  const found = known.get(text);
  if (found !== undefined) return found;
  const expression = before.get(text) ?? parseTemplate(text);
  length += text.length;
  if (length > MAX_KNOWN) {
    before = known;
    known = new Map();
    length = text.length;
  }
  known.set(text, expression);
  return expression;
}
