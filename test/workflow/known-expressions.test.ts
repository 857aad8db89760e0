import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../src/workflow/expression.js';
import { expressionOf } from '../../src/workflow/known-expressions.js';

/** So many texts that whatever was known before is forgotten. */
function askForManyOthers(): void {
  for (let i = 0; i < 600; i += 1) expressionOf(`@concat('${'x'.repeat(4000)}', '${i}')`);
}

describe('expressionOf', () => {
  it('says what parseTemplate says, also of what it has read before', () => {
    const pieces = fc.constantFrom(
      '@',
      '@@',
      '@{',
      '}',
      "body('A')",
      "?['x']",
      ' ',
      'text',
      "'",
      '(',
      '\u0130',
    );
    const texts = fc.array(pieces, { maxLength: 6 }).map((all) => all.join(''));
    fc.assert(
      fc.property(texts, (text) => {
        const expected = parseTemplate(text);
        expect(expressionOf(text)).toEqual(expected);
        expect(expressionOf(text)).toEqual(expected);
      }),
    );
  });

  it('gives the same object for a text that was read lately', () => {
    expect(expressionOf("@body('Lately')")).toBe(expressionOf(['@body(', "'Lately'", ')'].join('')));
  });

  it('forgets what has not been asked for since very many others were', () => {
    const before = expressionOf("@body('Once')");
    askForManyOthers();
    expect(expressionOf("@body('Once')")).not.toBe(before);
  });

  it('keeps what is asked for all the time', () => {
    const before = expressionOf("@body('Often')");
    for (let i = 0; i < 600; i += 1) {
      expressionOf(`@toLower('${'y'.repeat(4000)}${i}')`);
      expressionOf("@body('Often')");
    }
    expect(expressionOf("@body('Often')")).toBe(before);
  });

  it('keeps no text that is longer than Azure takes', () => {
    const long = `@concat('${'z'.repeat(9000)}')`;
    expect(expressionOf(long)).not.toBe(expressionOf(long));
  });
});
