import { parseTemplate, type Expression } from './expression.js';
import { TEXTS, toldOnce } from './told-once.js';

const parsed = toldOnce(parseTemplate, TEXTS);

/**
 * What a string of a workflow definition says. The same few expressions stand in very many workflows (`body('…')?['…']`,
 * the id of a connection): a text that was read lately gives the same object, so that what follows from the text alone
 * can be kept with it.
 */
export function expressionOf(text: string): Expression {
  return text.includes('@') ? parsed(text) : parseTemplate(text);
}
