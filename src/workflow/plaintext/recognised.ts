import { CREDENTIAL_FORMATS, type CredentialFormat } from './credential-formats.js';
import { isFiller } from './credential-value.js';
import { tokensIn } from './token-rules.js';

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

/**
 * The kind of credential that each text holds, the most specific where there are several; null where none is
 * recognised. The texts are looked through as one, so that many short ones cost no more than a long one.
 */
export function recognise(texts: readonly string[]): readonly (string | null)[] {
  const content = texts.join(BETWEEN);
  const starts = startsOf(texts);
  const kinds: (string | null)[] = texts.map(() => null);
  const note = ({ kind, start, secret }: Match): void => {
    const index = indexOf(starts, start);
    if (kinds[index] === null && !isFiller(secret)) kinds[index] = kind;
  };
  for (const format of CREDENTIAL_FORMATS) matchesOf(format, content).forEach(note);
  tokensIn(content).forEach(note);
  return kinds;
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
