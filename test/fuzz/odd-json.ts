import fc from 'fast-check';
import type { Json } from '../../src/types/json.js';
import { oddText } from './odd-text.js';

const scalar: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(null, true, false, 0, -0, 1, -1, 1.5, 1e308, 2 ** 53, -1e-7, ''),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  oddText,
);

/** JSON so deep that whoever calls itself once for each level needs a stack for it. */
export function nested(depth: number, inner: Json = null): Json {
  let value = inner;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}

const { any } = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: scalar, weight: 5 },
    { arbitrary: fc.array(tie('any'), { maxLength: 4 }), weight: 1 },
    // `fromEntries` defines own members, as JSON.parse does: `__proto__` is data.
    {
      arbitrary: fc
        .array(fc.tuple(oddText, tie('any')), { maxLength: 4 })
        .map((all) => Object.fromEntries(all)),
      weight: 1,
    },
  ),
}));

/** Any JSON, as `JSON.parse` gives it. */
export const oddJson: fc.Arbitrary<Json> = fc.oneof(
  { arbitrary: any, weight: 20 },
  { arbitrary: fc.constant(nested(60)), weight: 1 },
);
