import { describe, expect, test } from 'vitest';
import { countRuns } from '../../src/azure/count-runs.js';
import type { Json, JsonObject } from '../../src/types/json.js';

const FROM = new Date('2026-03-01T08:00:00.000Z');
const TO = new Date('2026-03-02T08:00:00.000Z');

const run = (startTime: Json, more: JsonObject = {}): JsonObject => ({
  name: 'one',
  properties: { startTime, ...more },
});

/** A list that gives these pages, and remembers what it was asked and how far it was read. */
function listOf(pages: readonly (readonly JsonObject[])[]) {
  const asked: string[] = [];
  let given = 0;
  async function* list(filter: string) {
    asked.push(filter);
    for (const page of pages) {
      given += 1;
      yield await Promise.resolve(page);
    }
  }
  return { list, asked, given: () => given };
}

describe('counting runs', () => {
  test.each<[string, Date | null, string]>([
    [
      'between two times',
      FROM,
      'startTime ge 2026-03-01T08:00:00.000Z and startTime le 2026-03-02T08:00:00.000Z',
    ],
    ['from the beginning', null, 'startTime le 2026-03-02T08:00:00.000Z'],
  ])('asks for those %s', async (_what, from, filter) => {
    const { list, asked } = listOf([]);
    await countRuns(list, from, TO);
    expect(asked).toEqual([filter]);
  });

  const times = ['2026-03-01T12:00:00Z', '2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z'];

  test.each<[string, readonly (readonly JsonObject[])[], object]>([
    ['no page', [], { count: 0, isAtLeast: false, first: null }],
    ['an empty page', [[]], { count: 0, isAtLeast: false, first: null }],
    [
      'a page, in whatever order',
      [times.map((time) => run(time))],
      { count: 3, isAtLeast: false, first: times[1] },
    ],
    [
      'pages',
      [[run(times[0] ?? '')], [], [run(times[2] ?? '')]],
      { count: 2, isAtLeast: false, first: times[2] },
    ],
    [
      'runs that do not say when they began',
      [[run(null), run('soon'), run(7), {}, { properties: 'none' }]],
      { count: 5, isAtLeast: false, first: null },
    ],
    [
      'keys in other cases',
      [[{ Properties: { StartTime: times[0] ?? '' } }]],
      { count: 1, isAtLeast: false, first: times[0] },
    ],
  ])('counts %s', async (_what, pages, expected) => {
    expect(await countRuns(listOf(pages).list, FROM, TO)).toEqual(expected);
  });

  test('reads ten pages and no more than it takes to know that there are more', async () => {
    const pages = Array.from({ length: 30 }, () => [run(times[0] ?? ''), run(times[1] ?? '')]);
    const { list, given } = listOf(pages);
    expect(await countRuns(list, FROM, TO)).toEqual({ count: 20, isAtLeast: true, first: times[1] });
    expect(given()).toBe(11);
  });

  test('is exact at ten pages', async () => {
    const pages = Array.from({ length: 10 }, () => [run(times[0] ?? '')]);
    expect(await countRuns(listOf(pages).list, FROM, TO)).toMatchObject({ count: 10, isAtLeast: false });
  });

  test('fails as the list fails', async () => {
    async function* list(): AsyncGenerator<readonly JsonObject[]> {
      await Promise.resolve();
      throw new Error('throttled');
    }
    await expect(countRuns(list, FROM, TO)).rejects.toThrow('throttled');
  });

  test('tells nothing of a run but when it began', async () => {
    const page = [run(times[0] ?? '', { trigger: { outputs: 'p4ssw0rd' } })];
    expect(JSON.stringify(await countRuns(listOf([page]).list, FROM, TO))).not.toContain('p4ssw0rd');
  });
});
