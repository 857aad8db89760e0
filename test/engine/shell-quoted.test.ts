import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiJson, shellQuoted, UnquotableError } from '../../src/engine/undo/shell-quoted.js';

/** What a shell takes the words of a command for, one after the other. */
function wordsIn(shell: string, command: string): string {
  return execFileSync(shell, ['-c', `printf '%s\\n' ${command}`], { encoding: 'utf8' });
}

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        "'",
        '"',
        '\\',
        '$(touch pwned)',
        '`id`',
        '$HOME',
        '!!',
        ';',
        '&&',
        '|',
        ' ',
        '*',
        '~',
        '-',
        '#',
        '=',
        '@x',
        '%',
        '{a,b}',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
);

describe('a text quoted for a shell', () => {
  test.each(['sh', 'bash'])('is exactly that text to %s, or is not quoted at all', (shell) => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 5 }), (texts) => {
        const safe = texts.filter((text) => !isRefused(text));
        expect(wordsIn(shell, safe.map(shellQuoted).join(' '))).toBe(
          safe.length === 0 ? '\n' : safe.map((text) => `${text}\n`).join(''),
        );
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['interrupts the line', 'a\u0003rm -rf /\n'],
    ['ends the line', 'a\nb'],
    ['rubs out what stands before it', 'a\u007f\u007f'],
    ['begins a sequence of the terminal', '\u001b[201~'],
    ['is a C1 control', 'a\u009b'],
    ['turns the direction of writing', 'a\u202eb'],
    ['is a line separator', 'a\u2028b'],
    ['is half of a character', '\ud800'],
  ])('one that %s is refused', (_what, text) => {
    expect(() => shellQuoted(text)).toThrow(UnquotableError);
  });

  test('JSON of anything can be quoted, and says the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = asciiJson(value);
        expect(text).toMatch(/^[ -~]*$/);
        expect(() => shellQuoted(text)).not.toThrow();
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

function isRefused(text: string): boolean {
  try {
    shellQuoted(text);
    return false;
  } catch {
    return true;
  }
}
