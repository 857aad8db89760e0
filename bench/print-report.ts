import { availableParallelism } from 'node:os';
import { FIGURES, GOALS, judge, type FigureKey, type Measurement, type Verdict } from './goals.js';

/** What the bench found, by figure; a figure that is not there was left out on purpose. */
export type Report = ReadonlyMap<FigureKey, Measurement>;

export function verdictsOf(report: Report): readonly Verdict[] {
  return FIGURES.map((figure) => judge(figure, report.get(figure)));
}

/** One JSON object: each figure's value under its own key, null where there is none, and what it was computed from. */
export function jsonOf(report: Report, circumstances: Readonly<Record<string, unknown>>): string {
  const verdicts = verdictsOf(report);
  const values = verdicts.map((verdict) => [
    verdict.figure,
    verdict.kind === 'not-run' ? null : verdict.value,
  ]);
  const computedFrom = {
    ...Object.fromEntries([...report].map(([figure, measurement]) => [figure, measurement.computedFrom])),
    missed: Object.fromEntries(
      verdicts.flatMap((one) => (one.kind === 'fail' ? [[one.figure, one.why]] : [])),
    ),
    notRun: verdicts.flatMap((one) => (one.kind === 'not-run' ? [one.figure] : [])),
    node: process.version,
    cores: availableParallelism(),
    ...circumstances,
  };
  return JSON.stringify({ ...Object.fromEntries(values), computedFrom }, null, 2);
}

/** The same as a table, with what each figure was computed from in the lines below it. */
export function tableOf(report: Report): string {
  const head = row('figure', 'measured', 'goal', '');
  return [head, ...verdictsOf(report).flatMap((verdict) => linesOf(verdict, report))].join('\n');
}

function linesOf(verdict: Verdict, report: Report): readonly string[] {
  const { figure } = verdict;
  const goal = GOALS[figure].text;
  if (verdict.kind === 'not-run') return [row(figure, '-', goal, 'not run')];
  const measured = verdict.value === null ? '-' : String(Number(verdict.value.toFixed(4)));
  const result = verdict.kind === 'pass' ? 'pass' : `FAIL: ${verdict.why.join('; ')}`;
  const from = Object.entries(report.get(figure)?.computedFrom ?? {});
  return [
    row(figure, measured, goal, result),
    ...from.map(
      ([name, value]) => `    ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    ),
  ];
}

function row(figure: string, measured: string, goal: string, result: string): string {
  return `${figure.padEnd(22)}${measured.padEnd(12)}${goal.padEnd(10)}${result}`.trimEnd();
}
