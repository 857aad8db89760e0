import { expect, test } from 'vitest';
import { staleView } from '../../chaos/scenarios/stale-view.js';
import { WORKS } from '../../chaos/scenarios/works.js';

/*
 * Sieve's "stale states" (OSDI 2022, section 3.1): a controller that acts on a view of the past. Here each read of
 * Azure, in turn, shows what was there before the last write.
 */
test.each(WORKS.map((work) => [work.name, work] as const))(
  'whichever read of %s shows the past, the work is done and everything is recorded once',
  async (_, work) => {
    const runs = await staleView(work);
    expect(runs.length).toBeGreaterThan(2);
    const found = runs.flatMap(({ read, length, answer, violations }) =>
      violations.map(
        ({ invariant, what }) => `read ${read}, ${length} times, answer ${answer}: ${invariant}: ${what}`,
      ),
    );
    expect(found).toEqual([]);
  },
  600_000,
);
