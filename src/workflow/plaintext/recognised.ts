import { CREDENTIAL_FORMATS, type CredentialFormat } from './credential-formats.js';
import { isFiller } from './credential-value.js';
import { markedBy, type Marks } from './marks.js';
import { TOKEN_RULES } from './token-rules.js';

/** Something in a text that is a credential by its looks. */
export interface Match {
  readonly kind: string;
  readonly start: number;
  readonly secret: string;
}

/** Between two texts; no credential goes over it. */
const BETWEEN = '\n\uFFFF\n';

/** How far from a match its context is looked for. */
const NEAR = 400;

interface Rule {
  readonly marks: Marks;
  readonly find: (content: string) => readonly Match[];
}

/** The more specific before the less specific. */
const RULES: readonly Rule[] = [
  ...CREDENTIAL_FORMATS.map((format) => ({
    marks: format.marks,
    find: (content: string) => matchesOf(format, content),
  })),
  ...TOKEN_RULES,
];

const rulesFor = markedBy(RULES.map(({ marks }) => marks));

/** Whether any rule has to be asked about a text. */
export function mayBeRecognised(text: string): boolean {
  return rulesFor(text).length > 0;
}

/** A text by its parts, and the rules that have to be asked about it, by their positions. */
export interface Marked {
  readonly texts: readonly string[];
  readonly rules: readonly number[];
}

/** The rules of which any part of a text has a mark. */
export function markedIn(texts: readonly string[]): readonly number[] {
  let all: readonly number[] = [];
  for (const text of texts) {
    const rules = rulesFor(text);
    if (rules.length > 0) all = all.length === 0 ? rules : [...new Set([...all, ...rules])];
  }
  return all;
}

/** Between two parts of a text of which the rest is not known; no mark goes over it. */
const UNKNOWN_BETWEEN = '\n\uE000\n';

/**
 * The kinds of credential that are in texts: by the position of each text that holds one, the most specific where there
 * are several. Each rule looks through the texts that have a mark of it, as one: many short ones
 * cost no more than a long one, and most texts have none.
 */
export function recognise(texts: readonly Marked[]): ReadonlyMap<number, string> {
  const kinds = new Map<number, string>();
  const marked = new Map<number, number[]>();
  texts.forEach(({ rules }, i) => {
    for (const rule of rules) {
      const others = marked.get(rule);
      if (others === undefined) marked.set(rule, [i]);
      else others.push(i);
    }
  });
  for (const rule of [...marked.keys()].sort((a, b) => a - b)) {
    const here = marked.get(rule) ?? [];
    const whole = here.map((i) => (texts[i]?.texts ?? []).join(UNKNOWN_BETWEEN));
    for (const [at, kind] of kindsBy(RULES[rule] as Rule, whole)) {
      const i = here[at] ?? -1;
      if (!kinds.has(i)) kinds.set(i, kind);
    }
  }
  return kinds;
}

function kindsBy({ find }: Rule, texts: readonly string[]): readonly (readonly [at: number, kind: string])[] {
  const starts = startsOf(texts);
  return find(texts.join(BETWEEN)).flatMap(({ kind, start, secret }) =>
    isFiller(secret) ? [] : [[indexOf(starts, start), kind] as const],
  );
}

function matchesOf({ kind, pattern, near, accepts }: CredentialFormat, content: string): readonly Match[] {
  return [...content.matchAll(pattern)].flatMap((match) => {
    const secret = match.groups?.secret ?? match[0];
    if (
      accepts?.(secret) === false ||
      (near !== undefined && !near.test(around(content, match.index, match[0])))
    )
      return [];
    return [{ kind, start: match.index, secret }];
  });
}

/** What stands before and behind a match in the same text. */
function around(content: string, start: number, match: string): string {
  const before = content.slice(Math.max(0, start - NEAR), start);
  const behind = content.slice(start + match.length, start + match.length + NEAR);
  const [end = ''] = behind.split(BETWEEN, 1);
  return `${before.slice(before.lastIndexOf(BETWEEN) + 1)} ${end}`;
}

function startsOf(texts: readonly string[]): readonly number[] {
  let start = 0;
  return texts.map((text) => {
    const here = start;
    start += text.length + BETWEEN.length;
    return here;
  });
}

/** The text that a position is in. */
function indexOf(starts: readonly number[], position: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
