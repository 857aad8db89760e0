/**
 * Texts of which one is in everything that a rule finds: plain ASCII, in lower case, two or more characters long; the
 * empty one is in everything. They are looked for in any case.
 */
export type Marks = readonly string[];

interface Mark {
  readonly text: string;
  /** Whose it is. */
  readonly rule: number;
}

/** What a character counts as: letters as the same in either case, and all that is in no mark as one. */
type Classes = Uint8Array;
const BITS = 6;
const OTHER = 0;

/**
 * Tells which rules may find something in a text, as their positions in the list: all those of which a mark is in it.
 * One look at each character stands for a search of the whole text for every mark of every rule.
 */
export function markedBy(rules: readonly Marks[]): (text: string) => readonly number[] {
  const all = rules.flatMap((marks, rule) => marks.map((text): Mark => ({ text, rule })));
  const always = all.filter(({ text }) => text === '').map(({ rule }) => rule);
  const searched = all.filter(({ text }) => text !== '');
  const classes = classesIn(searched);
  const byKey = new Map<number, Mark[]>();
  for (const mark of searched) {
    for (const key of keysOf(mark.text, classes)) byKey.set(key, [...(byKey.get(key) ?? []), mark]);
  }
  const isKey = new Uint8Array(1 << (3 * BITS));
  for (const key of byKey.keys()) isKey[key] = 1;
  return (text) => {
    let found: Set<number> | null = null;
    let key = 0;
    for (let at = 0; at < text.length; at += 1) {
      key = ((key << BITS) | (classes[text.charCodeAt(at)] ?? OTHER)) & (isKey.length - 1);
      if (isKey[key] === 0) continue;
      for (const mark of byKey.get(key) ?? []) {
        if (isAt(text, at, mark.text)) (found ??= new Set(always)).add(mark.rule);
      }
    }
    return found === null ? always : [...found];
  };
}

function classesIn(marks: readonly Mark[]): Classes {
  const classes = new Uint8Array(128).fill(OTHER);
  let count = 0;
  for (const { text } of marks) {
    for (const character of text) {
      const code = character.charCodeAt(0);
      if (classes[code] !== OTHER) continue;
      count += 1;
      classes[code] = count;
      classes[character.toUpperCase().charCodeAt(0)] = count;
    }
  }
  if (count >= 1 << BITS)
    throw new RangeError('There are more characters in the marks than can be told apart.');
  return classes;
}

/** By the first three characters of a mark, or by both of two, whatever stands before them. */
function keysOf(mark: string, classes: Classes): readonly number[] {
  if (!/^[ -~]{2,}$/.test(mark) || mark !== mark.toLowerCase()) throw new RangeError(`"${mark}" is no mark.`);
  let end = 0;
  for (const character of mark.slice(0, 3)) end = (end << BITS) | (classes[character.charCodeAt(0)] ?? OTHER);
  if (mark.length > 2) return [end];
  return Array.from({ length: 1 << BITS }, (_, before) => (before << (2 * BITS)) | end);
}

/** Whether a mark is where the last of its first three characters, or of its two, was seen. */
function isAt(text: string, seen: number, mark: string): boolean {
  const start = seen - Math.min(mark.length, 3) + 1;
  return start >= 0 && text.slice(start, start + mark.length).toLowerCase() === mark;
}
