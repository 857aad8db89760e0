import { version } from '../../../../package.json';
import { jsonText } from '../../output/json-text.js';
import type { FileReport, Format, Located, ReportedFinding, Totals } from '../report.js';

/** For machines; docs/command-line.md has the shape. What is added to it later takes nothing away. */
export function jsonFormat(): Format {
  return { file: () => '', end: (reports, totals) => jsonText(resultOf(reports, totals)) };
}

function resultOf(reports: readonly FileReport[], totals: Totals): unknown {
  return {
    version: 1,
    tool: { name: 'holdfast', version },
    summary: totals,
    findings: reports.flatMap(({ findings }) => findings.map(findingOf)),
    undecided: reports.flatMap(({ undecided }) =>
      undecided.map(({ rule, message, step, resource, pointer, ...at }) => ({
        rule,
        message,
        step,
        resource,
        ...placeOf(at),
        pointer,
      })),
    ),
    errors: reports.flatMap(({ error }) =>
      error === null
        ? []
        : [
            {
              file: error.path,
              line: error.region?.start.line ?? null,
              column: error.region?.start.column ?? null,
              message: error.message,
            },
          ],
    ),
  };
}

function findingOf(finding: ReportedFinding): unknown {
  const { rule, severity, message, step, resource, pointer, fixes, isMended, obstacle, warnings } = finding;
  return {
    rule,
    severity,
    message,
    step,
    resource,
    ...placeOf(finding),
    pointer,
    fixable: fixes.length > 0 || isMended,
    fixed: isMended,
    obstacle,
    warnings,
  };
}

function placeOf({ path, region: { start, end } }: Located): Record<string, string | number> {
  return { file: path, line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}
