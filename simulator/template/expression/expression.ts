/** A template expression, read but not evaluated. */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'member';
      readonly of: Expression;
      readonly key: Expression;
      /** `.?name` and `[?key]`: null instead of an error where there is none. */
      readonly optional: boolean;
    };

export type ParsedExpression =
  | { readonly kind: 'expression'; readonly expression: Expression }
  | { readonly kind: 'problem'; readonly problem: string };
