/** What is kept of what was told. */
export interface Kept<T> {
  /** In UTF-16 units; a longer text is asked anew. */
  readonly maxLength: number;
  /** Of all texts, in UTF-16 units, each with `KEPT_OF_EACH`. */
  readonly maxKnown: number;
  /** Of what this is not true for, nothing stays in memory. */
  readonly isKept?: (told: T) => boolean;
}

/**
 * The longest expression that Azure takes (https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-configuration), and
 * what hundreds of workflows have between them. To keep very many more costs as much as it saves where no two workflows have
 * the same texts.
 */
export const TEXTS = { maxLength: 8192, maxKnown: 1_000_000 } as const;

/** Longer than names are, and as many as workflows have that were made from the same templates. */
export const NAMES = { maxLength: 64, maxKnown: 250_000 } as const;

/** What is kept of a text beside its characters, counted as if it were some. */
const KEPT_OF_EACH = 100;

/**
 * What is asked of a text and follows from it alone, told once of each: many workflows have the same texts. What was asked
 * for lately is kept, of a bounded length.
 */
export function toldOnce<T>(tell: (text: string) => T, kept: Kept<T>): (text: string) => T {
  const { maxLength, maxKnown, isKept = () => true } = kept;
  let known = new Map<string, T>();
  /** What was known before it became too much: of that, what is asked for again is kept. */
  let before = new Map<string, T>();
  let length = 0;
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (text.length > maxLength) return tell(text);
    const told = before.get(text) ?? tell(text);
    if (!isKept(told)) return told;
    length += text.length + KEPT_OF_EACH;
    if (length > maxKnown) {
      before = known;
      known = new Map();
      length = text.length + KEPT_OF_EACH;
    }
    known.set(text, told);
    return told;
  };
}
