import type { Expression } from '../expression.js';
import { expressionOf } from '../known-expressions.js';
import { assignedIn, mayAssign } from './assignments.js';
import { looksLikeCredential } from './credential-value.js';
import { literalPartsOf, type LiteralParts } from './literal-parts.js';
import { markedIn, mayBeRecognised, type Marked } from './recognised.js';
import { tellingName } from './telling-name.js';

/** What can be said of a text whatever it is called where it stands. */
export interface TextAlone extends LiteralParts, Marked {
  /** What it is by the names that are in it; null where they say nothing. */
  readonly kindWithin: string | null;
}

const known = new WeakMap<Expression, TextAlone>();

/** Told once of each expression that is known. */
export function textAloneOf(text: string): TextAlone {
  const expression = expressionOf(text);
  const before = known.get(expression);
  if (before !== undefined) return before;
  const parts = literalPartsOf(expression);
  const alone = { ...parts, rules: markedIn(parts.texts), kindWithin: kindWithin(parts) };
  if (text.includes('@')) known.set(expression, alone);
  return alone;
}

/** Whether a text may hold a credential whatever it is called. */
export function mayHoldAlone(text: string): boolean {
  if (!text.includes('@')) return mayAssign(text) || mayBeRecognised(text);
  const { rules, kindWithin } = textAloneOf(text);
  return rules.length > 0 || kindWithin !== null;
}

function kindWithin({ texts, named }: LiteralParts): string | null {
  for (const pair of named) {
    const other = tellingName(pair.name);
    if (other !== null && looksLikeCredential(pair.text, other.demand)) return other.kind;
  }
  for (const text of texts) {
    const kind = assignedIn(text);
    if (kind !== null) return kind;
  }
  return null;
}
