import { visibly } from '../../../log-line.js';
import { ONLY_A_PERSON } from '../../../template/read-plan.js';
import { counted } from '../../output/report.js';
import type { Style, Terminal } from '../../output/terminal.js';
import type { Format, Located, ReportedFinding, ReportedUndecided, Totals } from '../report.js';

const COLORS: Readonly<Record<ReportedFinding['severity'], Style>> = {
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
};

/** For people: a line for where and what, one for what to do; at the end how many. */
export function textFormat({ out, err }: Terminal, fix: boolean): Format {
  const { style } = out;
  const head = (at: Located, level: string, rule: string): string =>
    `${style('bold', placeOf(at))}: ${level} ${style('dim', rule)}`;
  const finding = (found: ReportedFinding): string => {
    const { severity, rule, resource, message, step, isMended, fixes, obstacle, warnings } = found;
    const level = isMended ? style('green', 'mended') : style(COLORS[severity], severity);
    const hint = fixes.length > 0 && !fix ? ' (--fix does that)' : '';
    const why = obstacle === null || obstacle === ONLY_A_PERSON ? '' : ` ${obstacle}`;
    return [
      `${head(found, level, rule)} ${visibly(resource)}`,
      `  ${visibly(message)}`,
      ...(isMended
        ? warnings.map((warning) => `  ${visibly(warning)}`)
        : [`  → ${visibly(step)}${hint}${visibly(why)}`]),
    ]
      .map((line) => `${line}\n`)
      .join('');
  };
  const undecided = (one: ReportedUndecided): string =>
    `${head(one, style('blue', 'open'), one.rule)} ${visibly(one.resource)}\n  ${visibly(one.message)}\n  → ${visibly(one.step)}\n`;
  return {
    file: (report) => {
      if (report.kind === null && report.error === null && report.isNamed)
        err.write(`${visibly(report.path)}: neither a template nor a workflow, passed over.\n`);
      const blocks = [...report.findings.map(finding), ...report.undecided.map(undecided)];
      return blocks.map((block) => `${block}\n`).join('');
    },
    end: (_reports, totals) => `${summary(totals, fix)}\n`,
  };
}

function placeOf({ path, region: { start } }: Located): string {
  return `${visibly(path)}:${start.line}:${start.column}`;
}

function summary(totals: Totals, fix: boolean): string {
  const left = totals.findings - totals.mended;
  const found =
    left === 0 ? (totals.mended > 0 ? 'Nothing is left' : 'Nothing found') : counted(left, 'finding');
  const fixable = totals.fixable > 0 && !fix ? ` (--fix mends ${totals.fixable})` : '';
  return [
    `${found} in ${counted(totals.checked, 'file')}${fixable}`,
    ...(totals.mended > 0 ? [`${totals.mended} mended`] : []),
    ...(totals.undecided > 0 ? [`${totals.undecided} left open to the deployment`] : []),
    ...(totals.exempt > 0 ? [`${totals.exempt} exempt by a tag`] : []),
    ...(totals.passedOver > 0 ? [`${counted(totals.passedOver, 'other file')} passed over`] : []),
    ...(totals.errors > 0 ? [`${counted(totals.errors, 'file')} could not be read or written`] : []),
  ].join('; ');
}
