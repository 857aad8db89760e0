import { describe, expect, it } from 'vitest';
import { FIGURES, type FigureKey, type Measurement } from '../../bench/goals.js';
import { jsonOf, tableOf } from '../../bench/print-report.js';

const KEYS = [
  'eventToFixRatio',
  'duplicateEventWrites',
  'burstWrites',
  'sweepExtraCalls',
  'sweepTimeRatio',
  'sweepRssRatio',
  'repairTimeRatio',
  'throttledShare',
  'planToParseRatio',
  'coldStartRatio',
  'dashboardPaintRatio',
  'dashboardFilterRatio',
];

const ofAll: Measurement = {
  values: Object.fromEntries(FIGURES.map((figure) => [figure, 1])),
  computedFrom: { fixMs: [210, 220] },
  broken: [],
};

describe('the report as JSON', () => {
  it('has each figure at the top, and beside them only what they were computed from', () => {
    const report = new Map<FigureKey, Measurement>(FIGURES.map((figure) => [figure, ofAll]));
    const json = JSON.parse(jsonOf(report, { seconds: 3 })) as Record<string, unknown>;
    expect(Object.keys(json)).toEqual([...KEYS, 'computedFrom']);
    expect(json.eventToFixRatio).toBe(1);
    expect(json.computedFrom).toMatchObject({
      eventToFixRatio: { fixMs: [210, 220] },
      node: process.version,
      seconds: 3,
    });
  });

  it('has null for what was left out or could not be measured, and says which', () => {
    const broken: Measurement = { values: {}, computedFrom: {}, broken: ['no answer'] };
    const json = JSON.parse(jsonOf(new Map([['burstWrites', broken]]), {})) as Record<string, unknown>;
    expect(Object.keys(json)).toEqual([...KEYS, 'computedFrom']);
    expect(json.burstWrites).toBeNull();
    expect(json.computedFrom).toMatchObject({ missed: { burstWrites: ['not measured', 'no answer'] } });
    expect((json.computedFrom as { notRun: string[] }).notRun).toEqual(
      KEYS.filter((key) => key !== 'burstWrites'),
    );
  });
});

describe('the report as a table', () => {
  it('has a line for each figure with its goal and what came of it', () => {
    const missed: Measurement = {
      values: { burstWrites: 7 },
      computedFrom: { writesByVault: [2, 7] },
      broken: [],
    };
    const lines = tableOf(new Map([['burstWrites', missed]])).split('\n');
    expect(lines.find((line) => line.startsWith('burstWrites'))).toMatch(/ 7 +1 to 2 +FAIL: goal missed$/);
    expect(lines).toContain('    writesByVault: [2,7]');
    expect(lines.filter((line) => line.endsWith('not run'))).toHaveLength(KEYS.length - 1);
  });
});
