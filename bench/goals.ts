/** The figures of `npm run bench`, by the key under which `--json` prints them. */
export const FIGURES = [
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
] as const;

export type FigureKey = (typeof FIGURES)[number];

export interface Goal {
  readonly text: string;
  readonly isMet: (value: number) => boolean;
}

const atMost = (limit: number): Goal => ({ text: `<= ${limit}`, isMet: (value) => value <= limit });
const exactly = (wanted: number): Goal => ({ text: `= ${wanted}`, isMet: (value) => value === wanted });

/** A vault that drifted has to be written: no write at all is not what a goal for few writes asks for. */
const someUpTo = (limit: number): Goal => ({
  text: `1 to ${limit}`,
  isMet: (value) => value >= 1 && value <= limit,
});

export const GOALS: Readonly<Record<FigureKey, Goal>> = {
  eventToFixRatio: atMost(1.2),
  duplicateEventWrites: exactly(1),
  burstWrites: someUpTo(2),
  sweepExtraCalls: exactly(0),
  sweepTimeRatio: atMost(1.3),
  sweepRssRatio: atMost(1.3),
  repairTimeRatio: atMost(1.1),
  throttledShare: { text: '< 0.01', isMet: (value) => value < 0.01 },
  planToParseRatio: atMost(5),
  coldStartRatio: atMost(2),
  dashboardPaintRatio: atMost(1.5),
  dashboardFilterRatio: atMost(3),
};

/** What a measurement gave: for each figure a number, or null where it could not be measured. */
export interface Measurement {
  readonly values: Readonly<Partial<Record<FigureKey, number | null>>>;
  /** The raw numbers that the values were computed from, and how they came about. */
  readonly computedFrom: Readonly<Record<string, unknown>>;
  /** What else the goal asks for and was not so: the figure then fails whatever its value. */
  readonly broken: readonly string[];
}

export type Verdict =
  | { readonly kind: 'pass'; readonly figure: FigureKey; readonly value: number }
  | {
      readonly kind: 'fail';
      readonly figure: FigureKey;
      readonly value: number | null;
      readonly why: readonly string[];
    }
  /** Left out by `--only`. */
  | { readonly kind: 'not-run'; readonly figure: FigureKey };

/** Judges one figure; `measurement` is undefined where it was left out on purpose. */
export function judge(figure: FigureKey, measurement: Measurement | undefined): Verdict {
  if (measurement === undefined) return { kind: 'not-run', figure };
  const value = measurement.values[figure] ?? null;
  if (value === null || Number.isNaN(value)) {
    return { kind: 'fail', figure, value: null, why: ['not measured', ...measurement.broken] };
  }
  const why = GOALS[figure].isMet(value) ? measurement.broken : ['goal missed', ...measurement.broken];
  return why.length === 0 ? { kind: 'pass', figure, value } : { kind: 'fail', figure, value, why };
}
