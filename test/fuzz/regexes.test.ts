import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

/*
 * Every regular expression of the app, pumped: one that goes back over what it has read takes four times as long for
 * twice the text. JavaScript counts no steps, so there is no other way than to wait, with a wide margin.
 */

interface Found {
  readonly at: string;
  readonly source: string;
  readonly flags: string;
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

function regexesIn(file: string): readonly Found[] {
  const text = readFileSync(join('src', file), 'utf8');
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const found: Found[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart(tree));
      const end = node.text.lastIndexOf('/');
      found.push({
        at: `${file}:${line + 1}`,
        source: node.text.slice(1, end),
        flags: node.text.slice(end + 1),
      });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const regexes = files.flatMap(regexesIn);

const CHARACTERS = [
  'a',
  'A',
  '0',
  ' ',
  '/',
  '-',
  '.',
  "'",
  '"',
  '(',
  '=',
  ';',
  '\n',
  '\\',
  '{',
  '@',
  'é',
  '=a',
  ' a',
  "''",
];

/** What is repeated: characters that classes take, and what stands in the expression itself. */
function pumpsFor(source: string): readonly string[] {
  const words = source.match(/[A-Za-z0-9 _'"=:@/-]{2,}/g) ?? [];
  return [...CHARACTERS, ...words.slice(0, 10)];
}

const LENGTH = 20_000;
/** Of a text of that length, what is linear takes about a millisecond; what is quadratic, half a second. */
const MOST_MS = 150;
/** What some of them are given has been cut before: by a part of their source, to how many characters. */
const CUT: readonly (readonly [string, number])[] = [
  [String.raw`\s*[=:]\s*["']?$`, 80],
  [String.raw`[^<>/]*>$`, 80],
];

/** A machine that is busy with something else is so three times in a row only where it always is. */
function isQuick(regex: RegExp, text: string): boolean {
  return [1, 2, 3].some(() => {
    regex.lastIndex = 0;
    const began = performance.now();
    regex.exec(text);
    return performance.now() - began < MOST_MS;
  });
}

describe('no regular expression of the app goes back over what it has read', () => {
  test('all of them are looked at', () => {
    expect(regexes.length).toBeGreaterThan(60);
  });

  test.each(regexes)('$at', ({ source, flags }) => {
    const regex = new RegExp(source, flags);
    const length = CUT.find(([part]) => source.endsWith(part))?.[1] ?? LENGTH;
    const pumps = pumpsFor(source);
    for (const pump of pumps) {
      for (const start of ['', pumps.at(-1) ?? '']) {
        const text = `${start}${pump.repeat(Math.ceil(length / pump.length))}\u0001`;
        expect([start, pump, isQuick(regex, text)]).toEqual([start, pump, true]);
      }
    }
  });
});
