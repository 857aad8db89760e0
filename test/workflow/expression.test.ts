import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { parseTemplate, type Expression, type Step } from '../../src/workflow/expression.js';

const lit = (value: string | boolean | null): Expression => ({ kind: 'literal', value });
const num = (text: string): Expression => ({ kind: 'number', text });
const call = (name: string, args: readonly Expression[] = [], path: readonly Step[] = []): Expression => ({
  kind: 'call',
  name,
  args,
  path,
});
const step = (key: Expression, safe = false): Step => ({ safe, key });
const text = (...parts: readonly Expression[]): Expression => ({ kind: 'interpolation', parts });
const bad = (source: string): Expression => ({ kind: 'unparseable', text: source });

const a = call('a');

describe('parseTemplate', () => {
  const rows: readonly (readonly [string, string, Expression])[] = [
    ['a text without @ is itself', '/secrets', lit('/secrets')],
    ['an empty text is itself', '', lit('')],
    ['a lone @ is itself', '@', lit('@')],
    ['an @ within a text is no expression', 'me@example.com', lit('me@example.com')],
    ['@@ at the start stands for one @', '@@odata.type', lit('@odata.type')],
    ['@@ at the start makes all of the text plain', '@@x @{a()}', lit('@x @{a()}')],
    ['@@{ within a text stands for a plain @{', 'x@@{a()}', lit('x@{a()}')],
    ['@@{ before an interpolation leaves that one', '-@@{@{a()}', text(lit('-@{'), a)],
    ['a call without arguments', '@a()', a],
    ['the case of a function name does not matter', '@TriggerBody()', call('triggerbody')],
    ['space and line ends between tokens do not matter', '@\n a ( \t) ', a],
    [
      'arguments of every kind',
      "@f('x', 1, true, NULL, a())",
      call('f', [lit('x'), num('1'), lit(true), lit(null), a]),
    ],
    ['a quote in a string is written twice', "@f('it''s')", call('f', [lit("it's")])],
    ['a string of one quote', "@f('''')", call('f', [lit("'")])],
    ['a string may hold brackets, braces and @', "@f(')]}@{,')", call('f', [lit(')]}@{,')])],
    [
      'numbers keep their text',
      '@f(-1, +2, 1.50, 1e-3, 12345678901234567890)',
      call('f', ['-1', '+2', '1.50', '1e-3', '12345678901234567890'].map(num)),
    ],
    ['a literal alone is an expression', "@'x'", lit('x')],
    ['a number alone is an expression', '@42', num('42')],
    ['a keyword alone is an expression', '@False', lit(false)],
    ['a member by dot', '@a().value', call('a', [], [step(lit('value'))])],
    ['a member by bracket is the same', "@a()['value']", call('a', [], [step(lit('value'))])],
    ['a member whose name begins with $', '@a().$content', call('a', [], [step(lit('$content'))])],
    [
      'safe navigation by dot and by bracket',
      "@a()?.b?['c']",
      call('a', [], [step(lit('b'), true), step(lit('c'), true)]),
    ],
    ['an index', '@a()[0]', call('a', [], [step(num('0'))])],
    ['an index that is computed', '@a()[a()]', call('a', [], [step(a)])],
    ['a path behind an argument', '@f(a().b)', call('f', [call('a', [], [step(lit('b'))])])],
    ['an interpolation alone is still a text', '@{a()}', text(a)],
    ['an interpolation between texts', '/x/@{a()}/y', text(lit('/x/'), a, lit('/y'))],
    ['two interpolations side by side', '@{a()}@{a()}', text(a, a)],
    [
      'a brace within quotes does not close an interpolation',
      "@{f('}')}!",
      text(call('f', [lit('}')]), lit('!')),
    ],
    ['an identifier without a call is not in the language', '@body', bad('@body')],
    ['a call that is not closed', "@f('x'", bad("@f('x'")],
    ['a string that is not closed', "@f('x)", bad("@f('x)")],
    ['something behind the expression', '@a() b', bad('@a() b')],
    ['a question mark that leads nowhere', '@a()?', bad('@a()?')],
    ['a bracket that is not closed', "@a()['x'", bad("@a()['x'")],
    ['an argument that is missing', '@f(,1)', bad('@f(,1)')],
    ['a number that runs into a name', '@f(5abc)', bad('@f(5abc)')],
    ['a string cannot be followed by a path', "@'x'.length", bad("@'x'.length")],
    ['double quotes are no quotes', '@f("x y")', bad('@f("x y")')],
    ['a part that does not parse leaves the other parts', '@{a(}-@{a()}', text(bad('@{a(}'), lit('-'), a)],
    ['an interpolation that is not closed', 'x@{a()', text(lit('x'), bad('@{a()'))],
    ['an empty interpolation', '@{}', text(bad('@{}'))],
  ];
  test.each(rows)('%s', (_, source, expected) => {
    expect(parseTemplate(source)).toEqual(expected);
  });
});

describe('hostile texts', () => {
  const nested = (depth: number) => `@${'f('.repeat(depth)}1${')'.repeat(depth)}`;

  it('reads what is nested as deep as people write', () => {
    expect(parseTemplate(nested(100)).kind).toBe('call');
  });

  const rows: readonly (readonly [string, string])[] = [
    ['calls nested a hundred thousand deep', nested(100_000)],
    ['indexes nested a hundred thousand deep', `@${'a()['.repeat(100_000)}0${']'.repeat(100_000)}`],
    ['a hundred thousand open brackets', `@f${'('.repeat(100_000)}`],
    ['a hundred thousand quotes that close nothing', `@f(${"'".repeat(100_001)})`],
  ];
  test.each(rows)('%s is a value of its own, not an error', (_, source) => {
    expect(parseTemplate(source)).toEqual(bad(source));
  });

  it('reads a path of a hundred thousand steps into a flat tree', () => {
    const parsed = parseTemplate(`@a()${'.b'.repeat(100_000)}`);
    expect(parsed.kind === 'call' ? parsed.path.length : parsed).toBe(100_000);
  });

  it('reads a hundred thousand interpolations that are not closed as one part', () => {
    expect(parseTemplate('@{'.repeat(100_000))).toEqual(text(bad('@{'.repeat(100_000))));
  });
});

describe('laws', () => {
  const name = fc
    .stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
    .filter((word) => !['true', 'false', 'null'].includes(word));
  const { expression } = fc.letrec<{ expression: Expression; call: Expression }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(fc.string(), fc.constantFrom("it's", '}', '@{', ')')).map(lit),
      fc.constantFrom(true, false, null).map(lit),
      fc.integer().map((value) => num(String(value))),
      tie('call'),
    ),
    call: fc
      .tuple(
        name,
        fc.array(tie('expression'), { maxLength: 3 }),
        fc.array(fc.record({ safe: fc.boolean(), key: tie('expression') }), { maxLength: 3 }),
      )
      .map(([called, args, path]) => call(called, args, path)),
  }));

  it('an expression that is written out reads as itself', () => {
    fc.assert(
      fc.property(expression, (tree) => {
        expect(parseTemplate(`@${written(tree)}`)).toEqual(tree);
      }),
    );
  });

  it('parts that are written into a text read as themselves', () => {
    const plain = fc.stringMatching(/^[^@]{1,10}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(plain, expression), { minLength: 1 }), (pairs) => {
        const source = pairs.map(([before, tree]) => `${before}@{${written(tree)}}`).join('');
        expect(parseTemplate(source)).toEqual(
          text(...pairs.flatMap(([before, tree]) => [lit(before), tree])),
        );
      }),
    );
  });

  it('any text is read without an error, and one without @ as itself', () => {
    const marks = fc.string({
      unit: fc.constantFrom('@', '{', '}', "'", '(', ')', '[', ']', '?', '.', ',', 'a', '1', ' '),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string(), marks), (source) => {
        const parsed = parseTemplate(source);
        expect(source.includes('@') || parsed.kind === 'literal').toBe(true);
      }),
    );
  });
});

function written(tree: Expression): string {
  switch (tree.kind) {
    case 'literal':
      return typeof tree.value === 'string' ? `'${tree.value.replaceAll("'", "''")}'` : String(tree.value);
    case 'number':
      return tree.text;
    case 'call':
      return `${tree.name}(${tree.args.map(written).join(', ')})${tree.path.map(writtenStep).join('')}`;
    case 'interpolation':
    case 'unparseable':
      throw new Error('not generated');
  }
}

function writtenStep({ safe, key }: Step): string {
  return `${safe ? '?' : ''}[${written(key)}]`;
}
