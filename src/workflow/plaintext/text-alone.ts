import { expressionOf } from '../known-expressions.js';
import { assignedIn } from './assignments.js';
import { looksLikeCredential } from './credential-value.js';
import { TEXTS, toldOnce } from '../told-once.js';
import { literalPartsOf, type LiteralParts } from './literal-parts.js';
import { recognise } from './recognised.js';
import { tellingName } from './telling-name.js';

/** What can be said of a text whatever it is called where it stands. */
export interface TextAlone {
  /** What the value as a whole can be. */
  readonly values: readonly string[];
  /** What it is by its looks; null where they say nothing. */
  readonly format: string | null;
  /** What it is by the names that are in it; null where they say nothing. */
  readonly kindWithin: string | null;
}

/** Told once of each text that is known. One that holds a credential is not kept. */
export const textAloneOf = toldOnce(
  (text): TextAlone => {
    const parts = partsOf(text);
    return { values: parts.values, format: recognise(parts.texts), kindWithin: kindWithin(parts) };
  },
  { ...TEXTS, isKept: (told) => !isCredential(told) },
);

/** Whether a text holds a credential whatever it is called. */
export function holdsAlone(text: string): boolean {
  return isCredential(textAloneOf(text));
}

function isCredential({ format, kindWithin }: TextAlone): boolean {
  return format !== null || kindWithin !== null;
}

/** Most texts are no expressions, and need not be read as one. */
function partsOf(text: string): LiteralParts {
  return text.includes('@')
    ? literalPartsOf(expressionOf(text))
    : { texts: [text], values: [text], named: [] };
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
