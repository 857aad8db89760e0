import { describe, expect, it } from 'vitest';
import { FIGURES, GOALS, judge, type FigureKey, type Measurement } from '../../bench/goals.js';

const measured = (figure: FigureKey, value: number | null, ...broken: string[]): Measurement => ({
  values: { [figure]: value },
  computedFrom: {},
  broken,
});

describe('a goal', () => {
  it.each<[FigureKey, number, boolean]>([
    ['eventToFixRatio', 1.2, true],
    ['eventToFixRatio', 1.2001, false],
    ['duplicateEventWrites', 1, true],
    ['duplicateEventWrites', 2, false],
    ['duplicateEventWrites', 0, false],
    ['burstWrites', 1, true],
    ['burstWrites', 2, true],
    ['burstWrites', 3, false],
    ['burstWrites', 0, false],
    ['sweepExtraCalls', 0, true],
    ['sweepExtraCalls', 1, false],
    // Fewer calls than there are pages: something was not looked at.
    ['sweepExtraCalls', -1, false],
    ['sweepTimeRatio', 1.3, true],
    ['sweepTimeRatio', 1.31, false],
    ['sweepRssRatio', 1.3, true],
    ['sweepRssRatio', 1.31, false],
    ['repairTimeRatio', 1.1, true],
    ['repairTimeRatio', 1.11, false],
    ['throttledShare', 0.0099, true],
    ['throttledShare', 0.01, false],
    ['planToParseRatio', 5, true],
    ['planToParseRatio', 5.01, false],
    ['coldStartRatio', 2, true],
    ['coldStartRatio', 2.01, false],
    ['dashboardPaintRatio', 1.5, true],
    ['dashboardPaintRatio', 1.51, false],
    ['dashboardFilterRatio', 3, true],
    ['dashboardFilterRatio', 3.01, false],
  ])('of %s takes %d: %s', (figure, value, isMet) => {
    expect(judge(figure, measured(figure, value)).kind).toBe(isMet ? 'pass' : 'fail');
  });

  it('is there for every figure', () => {
    expect(Object.keys(GOALS)).toEqual([...FIGURES]);
  });
});

describe('judge', () => {
  it('fails a good value where something else that the goal asks for was broken', () => {
    expect(judge('eventToFixRatio', measured('eventToFixRatio', 1.1, '3 storage round trips'))).toEqual({
      kind: 'fail',
      figure: 'eventToFixRatio',
      value: 1.1,
      why: ['3 storage round trips'],
    });
  });

  it.each([null, NaN, undefined])('fails what could not be measured: %s', (value) => {
    const measurement = {
      values: value === undefined ? {} : { sweepRssRatio: value },
      computedFrom: {},
      broken: ['gone'],
    };
    expect(judge('sweepRssRatio', measurement)).toEqual({
      kind: 'fail',
      figure: 'sweepRssRatio',
      value: null,
      why: ['not measured', 'gone'],
    });
  });

  it('says of what was left out that it was not run', () => {
    expect(judge('burstWrites', undefined)).toEqual({ kind: 'not-run', figure: 'burstWrites' });
  });
});
