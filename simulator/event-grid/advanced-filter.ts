import { z } from 'zod';
import { at } from '../json.js';

const Values = z.array(z.string().max(512)).min(1);
type Test = (value: string, wanted: string) => boolean;

/** What the operators on strings do; none looks at case: https://learn.microsoft.com/azure/event-grid/event-filtering#advanced-filtering */
const OPERATORS: Readonly<Record<string, { readonly test: Test; readonly isNegative: boolean }>> = {
  StringIn: { test: (value, wanted) => value === wanted, isNegative: false },
  StringNotIn: { test: (value, wanted) => value === wanted, isNegative: true },
  StringContains: { test: (value, wanted) => value.includes(wanted), isNegative: false },
  StringNotContains: { test: (value, wanted) => value.includes(wanted), isNegative: true },
  StringBeginsWith: { test: (value, wanted) => value.startsWith(wanted), isNegative: false },
  StringNotBeginsWith: { test: (value, wanted) => value.startsWith(wanted), isNegative: true },
  StringEndsWith: { test: (value, wanted) => value.endsWith(wanted), isNegative: false },
  StringNotEndsWith: { test: (value, wanted) => value.endsWith(wanted), isNegative: true },
};

/** Of the filters, those on strings. A key is a member of the event, or one of `data`, at most two levels deep. */
export const AdvancedFilter = z.strictObject({
  operatorType: z.string().refine((name) => OPERATORS[name] !== undefined, 'is no operator on strings'),
  key: z
    .string()
    .regex(
      /^(id|topic|subject|eventType|dataVersion|data(\.[^.]+){1,2})$/i,
      'is no key of an event in the Event Grid schema',
    ),
  values: Values,
});

export type AdvancedFilter = z.infer<typeof AdvancedFilter>;

/** Whether an event, in the Event Grid schema, has for the key one of the values. */
export function passes({ operatorType, key, values }: AdvancedFilter, event: unknown): boolean {
  const operator = OPERATORS[operatorType];
  const value = at(event, ...key.split('.'));
  if (operator === undefined) return false;
  const isOne =
    typeof value === 'string' &&
    values.some((wanted) => operator.test(value.toLowerCase(), wanted.toLowerCase()));
  return operator.isNegative ? !isOne : isOne;
}
