import { expect, it } from 'vitest';
import { emptyEntry, Journal } from '../../simulator/journal.js';

it('the journal drops its oldest entries, and what belongs to them', () => {
  const journal = new Journal(10);
  for (let i = 0; i < 25; i += 1) {
    const { sequence } = journal.addRequest({ ...emptyEntry(0), method: 'PATCH', path: `/${i}` });
    journal.addChange({
      time: '',
      requestSequence: sequence,
      resourceId: `/${i}`,
      operation: '',
      principal: null,
      clientRequestId: null,
      correlationId: null,
      before: null,
      after: null,
    });
  }
  const paths = journal.requests().map(({ path }) => path);
  expect(paths).toEqual(Array.from({ length: 10 }, (_, i) => `/${i + 15}`));
  expect(
    journal
      .changes()
      .map(({ resourceId }) => resourceId)
      .slice(-10),
  ).toEqual(paths);
  expect(journal.changes().length).toBeLessThanOrEqual(11);
});
