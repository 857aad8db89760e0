/** From when to when a request was under way, in milliseconds of one clock. */
export interface Span {
  readonly start: number;
  readonly end: number;
}
