import type { Span } from './span.js';

/** How many were under way at once at most. One that ends as another begins makes room for it. */
export function mostAtOnce(spans: readonly Span[]): number {
  const steps = spans.flatMap(({ start, end }) => [
    { at: start, step: 1 },
    { at: end, step: -1 },
  ]);
  let now = 0;
  let most = 0;
  for (const { step } of steps.toSorted((a, b) => a.at - b.at || a.step - b.step)) {
    now += step;
    most = Math.max(most, now);
  }
  return most;
}
