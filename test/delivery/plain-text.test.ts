import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainRuns } from '../../src/delivery/teams/plain-text.js';

const textsOf = (text: string, most = 100): readonly string[] => plainRuns(text, most).map((run) => run.text);

describe('other people’s text', () => {
  test.each<[string, string, readonly string[]]>([
    ['a plain name stays', 'kv-sentinel', ['kv-sentinel']],
    [
      'Markdown stays as it is: a run has none',
      '[x](https://evil) **b** _i_',
      ['[x](https://evil) **b** _i_'],
    ],
    ['a mention is taken apart', '<at>Everyone</at>', ['<', 'at>Everyone<', '/at>']],
    [
      'a date function is taken apart',
      '{{DATE(2017-02-14T06:00:00Z)}}',
      ['{', '{DATE(2017-02-14T06:00:00Z)}}'],
    ],
    ['an expression is taken apart', '${name}', ['$', '{name}']],
    ['a character reference is taken apart', 'a &lt;b &#60; c', ['a &', 'lt;b &', '#60; c']],
    ['JSON and sums stay in one', '{"a":{"b":1}} & 3 < 4', ['{"a":{"b":1}} & 3 < 4']],
    ['a line’s end and a change of direction show', 'a\nb\u202ec', ['a\\u000ab\\u202ec']],
    ['half a character is none', 'a\ud83d', ['a\ufffd']],
    ['nothing is no run', '', []],
  ])('%s', (_name, text, expected) => {
    expect(textsOf(text)).toEqual(expected);
  });

  test('what is long is cut, but not within a character', () => {
    expect(textsOf('abcdef', 5)).toEqual(['abcd…']);
    expect(textsOf('abc😀ef', 5)).toEqual(['abc…']);
    expect(textsOf('abcde', 5)).toEqual(['abcde']);
  });

  test('no run holds what could mean something, and together they are the text', () => {
    const pieces = fc.constantFrom(
      '{{',
      '${',
      '<at>',
      '&amp;',
      'DATE(',
      '\n',
      '\u2066',
      '😀',
      'x',
      '<',
      '&',
      '{',
      '$',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 20 })), { maxLength: 15 }),
        (parts) => {
          const runs = textsOf(parts.join(''), 500);
          expect(runs.join('')).not.toMatch(
            /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069]/,
          );
          expect(runs.join('').length).toBeLessThanOrEqual(500);
          for (const run of runs) {
            expect(run).not.toMatch(/\{\{|\$\{|<[a-z/]|&[a-z#]/i);
            expect(run).not.toBe('');
            expect(run.isWellFormed()).toBe(true);
          }
        },
      ),
    );
  });
});
