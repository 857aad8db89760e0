/** The longest expression that Azure takes: what is longer is asked anew. */
const MAX_LENGTH = 8192;

/**
 * In UTF-16 units: what hundreds of workflows have between them. To keep very many more costs as much as it saves where no two
 * workflows have the same texts.
 */
const MAX_KNOWN = 1_000_000;

/** What is kept of a text beside its characters, counted as if it were some. */
const KEPT_OF_EACH = 100;

/**
 * What is asked of a text, told once of each: many workflows have the same texts. What was asked for lately is kept, of a
 * bounded length; of what `isKept` is not true for, nothing stays in memory.
 */
export function toldOnce<T>(
  tell: (text: string) => T,
  isKept: (told: T) => boolean = () => true,
): (text: string) => T {
  let known = new Map<string, T>();
  /** What was known before it became too much: of that, what is asked for again is kept. */
  let before = new Map<string, T>();
  let length = 0;
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    if (text.length > MAX_LENGTH) return tell(text);
    const told = before.get(text) ?? tell(text);
    if (!isKept(told)) return told;
    length += text.length + KEPT_OF_EACH;
    if (length > MAX_KNOWN) {
      before = known;
      known = new Map();
      length = text.length + KEPT_OF_EACH;
    }
    known.set(text, told);
    return told;
  };
}
