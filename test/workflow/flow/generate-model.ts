import fc from 'fast-check';
import type { Expr, FunctionName, ModelAction, Origin, Template } from './model.js';

/** Names that must not be taken for one another, and some that have to be escaped. */
const NAMES = ['Get', 'b c', 'b_c', "it's", 'D', 'E', 'F', 'Loop', 'Inner loop'] as const;
const VARIABLES = ['v', 'Name'] as const;

/** In other letters than the secrets', so that comparing them with a text says the same of every secret. */
const TEXTS = ['', 'a', 'abc', 'D', 'value', 'name', '@{x}', "it's"] as const;
const STEPS = ['value', 'name', 'body', 'a', 'outputs', 'inputs', 'content', 0, 1] as const;

const FUNCTIONS: readonly (readonly [FunctionName, number])[] = [
  ['concat', 2],
  ['base64', 1],
  ['toUpper', 1],
  ['string', 1],
  ['coalesce', 2],
  ['createArray', 2],
  ['first', 1],
  ['uriComponent', 1],
  ['if', 3],
  ['equals', 2],
  ['length', 1],
  ['empty', 1],
  ['setProperty', 3],
];

const literal = (value: string): Expr => ({ kind: 'text', value });

/** Some names stand there in another case, some are put together, some are not known before the run. */
const named = (names: readonly string[]): fc.Arbitrary<Expr> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...names).map(literal) },
    { weight: 4, arbitrary: fc.constantFrom(...names.slice(0, 3)).map(literal) },
    { weight: 1, arbitrary: fc.constantFrom(...names).map((name) => literal(name.toUpperCase())) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...names).map((name): Expr => ({
        kind: 'call',
        name: 'concat',
        args: [literal(name.slice(0, 1)), literal(name.slice(1))],
      })),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...VARIABLES)
        .map((name): Expr => ({ kind: 'take', from: { kind: 'variables', name: literal(name) }, path: [] })),
    },
  );

const origin: fc.Arbitrary<Origin> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constantFrom('body' as const, 'outputs' as const), name: named(NAMES) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('actions' as const), name: named(NAMES) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('items' as const, 'result' as const),
      name: named(['Loop', 'Inner loop', ...NAMES]),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('variables' as const), name: named(VARIABLES) }) },
  { weight: 2, arbitrary: fc.constant<Origin>({ kind: 'item' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Origin>({ kind: 'triggerBody' }, { kind: 'parameters', name: literal('p') }),
  },
);

const { take, call } = fc.letrec<{ expr: Expr; take: Expr; call: Expr }>((tie) => ({
  expr: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(...TEXTS).map(literal),
    tie('take'),
    tie('take'),
    tie('call'),
  ),
  take: fc.record({
    kind: fc.constant('take' as const),
    from: origin,
    path: fc.oneof(
      { weight: 3, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.constantFrom(...STEPS).map((step) => [step]) },
      { weight: 1, arbitrary: fc.array(fc.constantFrom(...STEPS), { minLength: 2, maxLength: 3 }) },
    ),
  }),
  call: fc
    .constantFrom(...FUNCTIONS)
    .chain(([name, count]) =>
      fc
        .array(tie('expr'), { minLength: count, maxLength: count })
        .map((args): Expr => ({ kind: 'call', name, args })),
    ),
}));

/** What authors mostly write, so that a secret goes some way. */
const usual: fc.Arbitrary<Expr> = fc.oneof(
  fc.record({
    kind: fc.constant('take' as const),
    from: fc.record({
      kind: fc.constantFrom('body' as const, 'outputs' as const),
      name: fc.constantFrom('Get', 'Get', 'Get', 'Get', ...NAMES.slice(0, 7)).map(literal),
    }),
    path: fc.constantFrom<string[]>([], [], [], ['value'], ['body']),
  }),
  fc.record({
    kind: fc.constant('take' as const),
    from: fc.record({
      kind: fc.constant('variables' as const),
      name: fc.constantFrom(...VARIABLES).map(literal),
    }),
    path: fc.constant([]),
  }),
);

const taking = fc.oneof(
  { weight: 6, arbitrary: usual },
  { weight: 2, arbitrary: take },
  { weight: 1, arbitrary: call },
);

const { template } = fc.letrec<{ template: Template }>((tie) => ({
  template: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 4, arbitrary: taking.map((it): Template => ({ kind: 'expression', expr: it })) },
    fc
      .array(fc.oneof(fc.constantFrom('x=', 'Bearer ', '&y='), taking), { minLength: 1, maxLength: 3 })
      .map((parts): Template => ({ kind: 'interpolation', parts })),
    fc
      .dictionary(fc.constantFrom('a', 'value', 'name', 'token'), tie('template'), { maxKeys: 2 })
      .map((members): Template => ({ kind: 'object', members })),
    fc.array(tie('template'), { maxLength: 2 }).map((items): Template => ({ kind: 'array', items })),
  ),
}));

type Unnamed = ModelAction extends infer A ? (A extends ModelAction ? Omit<A, 'name'> : never) : never;

const leaf: fc.Arbitrary<Unnamed> = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ kind: 'getSecret' as const }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'compose' as const,
        'parseJson' as const,
        'http' as const,
        'response' as const,
        'terminate' as const,
      ),
      input: template,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('select' as const, 'query' as const),
      from: template,
      each: template,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('initialize' as const, 'set' as const, 'append' as const),
      variable: fc.constantFrom(...VARIABLES),
      input: template,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('code' as const),
      of: fc.constantFrom(...NAMES.filter((name) => !name.includes("'"))),
      part: fc.constantFrom('inputs' as const, 'outputs' as const),
      style: fc.nat(3),
    }),
  },
);

/** What an action is in, by its place among the others: nothing for most. */
const container: fc.Arbitrary<(actions: readonly ModelAction[], others: readonly ModelAction[]) => Unnamed> =
  fc.oneof(
    fc.constant((actions: readonly ModelAction[], others: readonly ModelAction[]): Unnamed => ({
      kind: 'scope',
      actions: [...actions, ...others],
    })),
    template.map((over) => (actions: readonly ModelAction[], others: readonly ModelAction[]): Unnamed => ({
      kind: 'foreach',
      over,
      actions: [...actions, ...others],
    })),
    fc
      .tuple(fc.constantFrom('if' as const, 'switch' as const), template)
      .map(([kind, on]) => (actions: readonly ModelAction[], others: readonly ModelAction[]): Unnamed => ({
        kind,
        on,
        actions,
        others,
      })),
  );

const withName = (action: Unnamed, name: string): ModelAction => ({ ...action, name });

const SECRET: Unnamed = { kind: 'getSecret' };

/** Actions with names of their own, the first a secret's, some of them two levels deep in others. */
export const actionsOf: fc.Arbitrary<readonly ModelAction[]> = fc
  .tuple(
    fc.array(leaf, { minLength: 3, maxLength: 8, size: 'max' }),
    container,
    container,
    fc.nat(3),
    fc.nat(3),
  )
  .map(([leaves, outer, inner, outside, deep]) => {
    const actions = [SECRET, ...leaves].map((action, i) => withName(action, NAMES.slice(0, 7)[i] ?? `N${i}`));
    const rest = actions.slice(outside);
    const innermost = withName(inner(rest.slice(0, deep), []), 'Inner loop');
    return [...actions.slice(0, outside), withName(outer([innermost], rest.slice(deep)), 'Loop')];
  });
