/**
 * Texts of which one is in everything that a rule finds: plain ASCII, in lower case, two or more characters long; the
 * empty one is in everything. They are looked for in any case.
 */
export type Marks = readonly string[];

interface Mark {
  readonly classes: readonly number[];
  /** Where in it the two characters are that are seldom seen in other texts. */
  readonly rareAt: number;
  /** Whose it is. */
  readonly rule: number;
}

/** What each UTF-16 unit counts as: a letter as the same in either case, and all that is in no mark as `OTHER`. */
type Classes = Uint8Array;
const BITS = 6;
const OTHER = 0;
/** Two classes in one number: a table of all of them stays in a processor's nearest cache. */
const PAIRS = 1 << (2 * BITS);

/**
 * Tells which rules may find something in a text, as their positions in the list: all those of which a mark is in it.
 * One look at each character stands for a search of the whole text for every mark of every rule.
 */
export function markedBy(rules: readonly Marks[]): (text: string) => readonly number[] {
  const always = rules.flatMap((marks, rule) => (marks.includes('') ? [rule] : []));
  const classes = classesIn(rules.flat());
  const marks = rules.flatMap((all, rule) =>
    all.flatMap((mark): readonly Mark[] =>
      mark === '' ? [] : [{ classes: inClasses(mark, classes), rareAt: rarestPairIn(mark), rule }],
    ),
  );
  const byPair: Mark[][] = [[]];
  const listAt = new Uint8Array(PAIRS);
  for (const mark of marks) {
    const [first = OTHER, second = OTHER] = mark.classes.slice(mark.rareAt);
    const pair = (first << BITS) | second;
    if (listAt[pair] === 0) listAt[pair] = byPair.push([]) - 1;
    byPair[listAt[pair] ?? 0]?.push(mark);
  }
  if (byPair.length > 1 << 8) throw new RangeError('The marks have too many pairs.');
  return (text) => {
    let found: Set<number> | null = null;
    let before = OTHER;
    for (let at = 0; at < text.length; at += 1) {
      const here = classes[text.charCodeAt(at)] ?? OTHER;
      const list = listAt[(before << BITS) | here] ?? 0;
      before = here;
      if (list !== 0) found = addMarksAt(text, at - 1, byPair[list] ?? [], found);
    }
    return found === null ? always : [...found];
  };

  function addMarksAt(
    text: string,
    at: number,
    possible: readonly Mark[],
    found: Set<number> | null,
  ): Set<number> | null {
    let all = found;
    for (const mark of possible) {
      if (isAt(text, at - mark.rareAt, mark, classes)) (all ??= new Set(always)).add(mark.rule);
    }
    return all;
  }
}

/** The letters of English texts, the most frequent first. */
const BY_FREQUENCY = 'etaoinshrdlcumwfgypbvkjxqz';

/** Most texts have none of the marks: the fewer of their characters look like the beginning of one, the better. */
function rarestPairIn(mark: string): number {
  const rarity = Array.from(mark, (character) => {
    const rank = BY_FREQUENCY.indexOf(character);
    return rank < 0 ? BY_FREQUENCY.length : rank;
  });
  const pairs = rarity.slice(1).map((rank, i) => rank + (rarity[i] ?? 0));
  return pairs.indexOf(Math.max(...pairs));
}

function classesIn(marks: readonly string[]): Classes {
  const classes = new Uint8Array(1 << 16).fill(OTHER);
  let count = 0;
  for (const mark of marks) {
    if (mark !== '' && (!/^[ -~]{2,}$/.test(mark) || mark !== mark.toLowerCase()))
      throw new RangeError(`"${mark}" is no mark.`);
    for (const character of mark) {
      if (classes[character.charCodeAt(0)] !== OTHER) continue;
      count += 1;
      classes[character.charCodeAt(0)] = count;
      classes[character.toUpperCase().charCodeAt(0)] = count;
    }
  }
  if (count >= 1 << BITS)
    throw new RangeError('There are more characters in the marks than can be told apart.');
  return classes;
}

function inClasses(mark: string, classes: Classes): readonly number[] {
  return Array.from(mark, (character) => classes[character.charCodeAt(0)] ?? OTHER);
}

function isAt(text: string, start: number, mark: Mark, classes: Classes): boolean {
  const { length } = mark.classes;
  if (start < 0 || start + length > text.length) return false;
  for (let i = 0; i < length; i += 1) {
    if (classes[text.charCodeAt(start + i)] !== mark.classes[i]) return false;
  }
  return true;
}
