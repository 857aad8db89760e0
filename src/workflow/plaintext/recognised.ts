import { CREDENTIAL_FORMATS, type CredentialFormat } from './credential-formats.js';
import { isFiller } from './credential-value.js';
import { markedBy, type Marks } from './marks.js';
import { TOKEN_RULES } from './token-rules.js';

/** Something in a text that is a credential by its looks. */
export interface Match {
  readonly kind: string;
  readonly secret: string;
}

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

/** Between two parts of a text of which the rest is not known; no mark goes over it. */
const UNKNOWN_BETWEEN = '\n\uE000\n';

/** The most specific kind of credential that is in a text of these parts; null where there is none. */
export function recognise(texts: readonly string[]): string | null {
  const rules = markedIn(texts);
  if (rules.length === 0) return null;
  const whole = texts.join(UNKNOWN_BETWEEN);
  for (const rule of [...rules].sort((a, b) => a - b)) {
    const match = RULES[rule]?.find(whole).find(({ secret }) => !isFiller(secret));
    if (match !== undefined) return match.kind;
  }
  return null;
}

/** The rules of which any part of a text has a mark, by their positions. Most texts have none of any. */
function markedIn(texts: readonly string[]): readonly number[] {
  let all: readonly number[] = [];
  for (const text of texts) {
    const rules = rulesFor(text);
    if (rules.length > 0) all = all.length === 0 ? rules : [...new Set([...all, ...rules])];
  }
  return all;
}

function matchesOf({ kind, pattern, near, accepts }: CredentialFormat, content: string): readonly Match[] {
  return [...content.matchAll(pattern)].flatMap((match) => {
    const secret = match.groups?.secret ?? match[0];
    if (
      accepts?.(secret) === false ||
      (near !== undefined && !near.test(around(content, match.index, match[0])))
    )
      return [];
    return [{ kind, secret }];
  });
}

/** What stands before and behind a match. */
function around(content: string, start: number, match: string): string {
  const end = start + match.length;
  return `${content.slice(Math.max(0, start - NEAR), start)} ${content.slice(end, end + NEAR)}`;
}
