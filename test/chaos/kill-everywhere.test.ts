import { expect, test } from 'vitest';
import { killEverywhere } from '../../chaos/scenarios/kill-everywhere.js';
import { WORKS } from '../../chaos/scenarios/works.js';

/*
 * Sieve's "intermediate states" (OSDI 2022, section 3.1): a controller that dies between two of its writes, and another
 * that takes over from what it finds. Here it dies at every call that leaves it, not only at writes.
 */
test.each(WORKS.map((work) => [work.name, work] as const))(
  'killed at any step of %s, the next instance finishes the work and everything is recorded once',
  async (_, work) => {
    const runs = await killEverywhere(work);
    expect(runs.some(({ step }) => /^P(?:ATCH|UT) /.test(step))).toBe(true);
    const found = runs.flatMap(({ step, when, violations }) =>
      violations.map(({ invariant, what }) => `${when} ${step}: ${invariant}: ${what}`),
    );
    expect(found).toEqual([]);
  },
  600_000,
);
