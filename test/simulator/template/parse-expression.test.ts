import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../../simulator/template/expression/parse-expression.js';

describe('parseExpression', () => {
  it.each([
    ['reads a call without arguments', 'true()', { kind: 'call', name: 'true', args: [] }],
    ['takes a doubled quote for one', "'it''s'", { kind: 'literal', value: "it's" }],
    ['reads a negative number', '-12', { kind: 'literal', value: -12 }],
    [
      'reads calls in calls, with white space anywhere',
      " f ( g ( ) , 'a' )\n",
      {
        kind: 'call',
        name: 'f',
        args: [
          { kind: 'call', name: 'g', args: [] },
          { kind: 'literal', value: 'a' },
        ],
      },
    ],
    [
      "reads a template's own function by its namespace",
      'contoso.name()',
      { kind: 'call', name: 'contoso.name', args: [] },
    ],
    [
      'reads members by name and by key, one after another',
      "f().a['b c']",
      {
        kind: 'member',
        optional: false,
        key: { kind: 'literal', value: 'b c' },
        of: {
          kind: 'member',
          optional: false,
          key: { kind: 'literal', value: 'a' },
          of: { kind: 'call', name: 'f', args: [] },
        },
      },
    ],
    [
      'reads a member that may be missing',
      'f().?a',
      {
        kind: 'member',
        optional: true,
        key: { kind: 'literal', value: 'a' },
        of: { kind: 'call', name: 'f', args: [] },
      },
    ],
  ])('%s', (_, text, expression) => {
    expect(parseExpression(text)).toEqual({ kind: 'expression', expression });
  });

  it.each([
    ['tells where a bracket is missing', "concat('a'", "',' or ')' is expected at character 11, not the end"],
    ['tells where there is too much', 'true() x', "the end is expected at character 8, not 'x'"],
    ['tells an open quote', "concat('a)", "a closing ' is expected at character 8, not ''a)'"],
    ['takes no word without brackets', 'location', "'(' is expected at character 9, not the end"],
    [
      'takes no empty expression',
      '',
      'a function, a string or a whole number is expected at character 1, not the end',
    ],
    ['takes no property without a name', 'f().', 'a property name is expected at character 5, not the end'],
    [
      'takes no number beyond what it can hold',
      '12345678901234567890',
      'the number 12345678901234567890 is too large',
    ],
    ['stops at a depth that no person writes', 'f('.repeat(300), 'it nests more than 200 deep'],
    ["stops at ARM's longest expression", ' '.repeat(24_577), 'it is longer than 24576 characters'],
  ])('%s', (_, text, problem) => {
    expect(parseExpression(text)).toEqual({ kind: 'problem', problem });
  });

  it('never throws, whatever it is given', () => {
    const sign = fc.constantFrom(
      ..."( ) [ ] . , ? ' - \n".split(' '),
      ' ',
      'concat',
      'a',
      '0',
      "''",
      '[',
      ']',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(sign).map((signs) => signs.join('')),
        ),
        (text) => {
          expect(['expression', 'problem']).toContain(parseExpression(text).kind);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads back every string that is quoted as ARM asks', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const expression = { kind: 'literal', value };
        expect(parseExpression(`'${value.replaceAll("'", "''")}'`)).toEqual({
          kind: 'expression',
          expression,
        });
      }),
    );
  });
});
