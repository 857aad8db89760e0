import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CREDENTIAL_FORMATS } from '../../../src/workflow/plaintext/credential-formats.js';
import { markedBy } from '../../../src/workflow/plaintext/marks.js';
import { TOKEN_RULES } from '../../../src/workflow/plaintext/token-rules.js';
import { FAKE } from './fake-secrets.js';

describe('which rules have a mark in a text', () => {
  const rules = [['key='], ['=='], ['sk-a-', 'sk-b-'], ['']];
  const rows: readonly (readonly [string, string, readonly number[]])[] = [
    ['nothing but what is in everything', 'plain text', [3]],
    ['a mark', 'a key=b', [0, 3]],
    ['a mark in another case', 'a KEY=b', [0, 3]],
    ['a mark at the start', 'key=', [0, 3]],
    ['a mark of two characters', 'a==', [1, 3]],
    ['a mark of two characters at the start', '==', [1, 3]],
    ['one of several', 'SK-B-', [2, 3]],
    ['a mark that begins as another does and goes on otherwise', 'sk-c-', [3]],
    ['a mark that is cut off', 'key', [3]],
    ['several', 'sk-a-key==', [0, 1, 2, 3]],
    ['nothing in an empty text', '', [3]],
  ];
  test.each(rows)('%s', (_, text, expected) => {
    expect([...markedBy(rules)(text)].sort()).toEqual(expected);
  });

  it.each([['a'], ['AB'], ['\n\n'], ['\u00e9\u00e9']])('%j is no mark', (mark) => {
    expect(() => markedBy([[mark]])).toThrow(RangeError);
  });

  it('exactly those that a search for each mark finds', () => {
    const characters = fc.constantFrom(...Array.from('aAbB=-_]}~\n7W\uE000\u017F\u212A'));
    const texts = fc.string({ unit: characters, maxLength: 12 });
    const marks = fc.array(
      fc.array(
        fc.string({ unit: fc.constantFrom(...Array.from('ab=-_]}~7w')), minLength: 2, maxLength: 4 }),
        {
          maxLength: 3,
        },
      ),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(marks, texts, (rulesOf, text) => {
        const searched = rulesOf.flatMap((of, rule) =>
          of.some((mark) => text.toLowerCase().includes(mark)) ? [rule] : [],
        );
        expect([...markedBy(rulesOf)(text)].sort((a, b) => a - b)).toEqual(searched);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('no rule finds what has none of its marks', () => {
  const rules = [
    ...CREDENTIAL_FORMATS.map(({ pattern, marks }, i) => ({
      marks,
      name: `format ${i}`,
      find: (text: string) => [...text.matchAll(pattern)],
    })),
    ...TOKEN_RULES,
  ];
  const marked = markedBy(rules.map(({ marks }) => marks));
  // What a text of a workflow is made of, cut anywhere: secrets, what stands before them, and what is near to one.
  const secrets = Object.values(FAKE).map((make) => make());
  const pieces = fc.oneof(
    fc.constantFrom(...secrets),
    fc.constantFrom(...secrets).chain((text) => fc.nat(text.length).map((at) => text.slice(at))),
    fc.constantFrom(...secrets).chain((text) => fc.nat(text.length).map((at) => text.slice(0, at))),
    fc.constantFrom(
      ...secrets.map((text) => text.toUpperCase()),
      ...secrets.map((text) => text.toLowerCase()),
    ),
    fc.constantFrom(
      ...[
        'AccountKey=',
        'SharedAccessKey = ',
        ';Secret=',
        ';AccessKey=',
        'Endpoint=',
        'password=',
        'pwd = ',
        'server=',
      ],
      ...[
        '://user:',
        '@',
        '<Password>',
        '</',
        "ConvertTo-SecureString '",
        'sig=',
        '?code=',
        '&code=',
        'Basic ',
        'bearer ',
      ],
      ...[
        'aws_secret_access_key: ',
        '_authToken=',
        'https://x:x-oauth-basic@github.com/',
        '123456789:AA',
        '==',
      ],
      ...[' ', '\n', '"', "'", ';', '\uE000', '@{'],
    ),
    fc.string({ maxLength: 6 }),
  );

  it('in whatever text', () => {
    fc.assert(
      fc.property(fc.array(pieces, { minLength: 1, maxLength: 5 }), (parts) => {
        const text = parts.join('');
        const found = rules.flatMap(({ find }, rule) => (find(text).length > 0 ? [rule] : []));
        expect(marked(text)).toEqual(expect.arrayContaining(found));
      }),
      { numRuns: 3000 },
    );
  });

  it('and each fake secret is found by one', () => {
    for (const secret of secrets) {
      const found = rules.flatMap(({ find }, rule) => (find(`a ${secret} b`).length > 0 ? [rule] : []));
      expect(marked(secret)).toEqual(expect.arrayContaining(found));
    }
  });
});
