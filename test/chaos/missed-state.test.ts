import { expect, test } from 'vitest';
import { COURSES } from '../../chaos/scenarios/courses.js';
import { missedState } from '../../chaos/scenarios/missed-state.js';

/*
 * Sieve's "unobserved states" (OSDI 2022, section 3.1): a controller that misses some of what happened. Here every
 * choice of a course's events is lost, and a sweep comes after it.
 */
test.each(COURSES.map((course) => [course.name, course] as const))(
  'whichever steps are missed when %s, the estate is safe in the end and everything is recorded once',
  async (_, course) => {
    const runs = await missedState(course);
    expect(runs).toHaveLength(2 ** course.steps.length);
    const found = runs.flatMap(({ missed, violations }) =>
      violations.map(({ invariant, what }) => `missed ${missed.join(', ')}: ${invariant}: ${what}`),
    );
    expect(found).toEqual([]);
  },
  600_000,
);
