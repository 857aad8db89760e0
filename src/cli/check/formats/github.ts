import { visibly } from '../../../log-line.js';
import { pathFrom } from '../source-root.js';
import type { Format, Located, ReportedFinding } from '../report.js';

const LEVELS: Readonly<Record<ReportedFinding['severity'], string>> = {
  high: 'error',
  medium: 'warning',
  low: 'notice',
};

/**
 * GitHub's workflow commands, which show as annotations of the changed files
 * (https://docs.github.com/actions/reference/workflow-commands-for-github-actions#setting-an-error-message).
 */
export function githubFormat(root: string): Format {
  const command = (
    level: string,
    at: Located | Pick<Located, 'path'>,
    title: string,
    message: string,
  ): string => {
    const region = 'region' in at ? at.region : null;
    const properties: Record<string, string> = {
      file: pathFrom(root, at.path) ?? at.path,
      ...(region === null ? {} : placeOf(region)),
      title,
    };
    const list = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(value)}`);
    return `::${level} ${list.join(',')}::${escapedData(message)}\n`;
  };
  return {
    file: ({ findings, undecided, error }) =>
      [
        ...findings
          .filter(({ isMended }) => !isMended)
          .map((finding) =>
            command(LEVELS[finding.severity], finding, finding.rule, `${finding.message} ${finding.step}`),
          ),
        ...undecided.map((one) => command('notice', one, one.rule, `${one.message} ${one.step}`)),
        ...(error === null
          ? []
          : [
              command(
                'error',
                error.region === null ? { path: error.path } : { path: error.path, region: error.region },
                'holdfast',
                error.message,
              ),
            ]),
      ].join(''),
    end: () => '',
  };
}

/** GitHub takes columns of one line alone. */
function placeOf({ start, end }: Located['region']): Record<string, string> {
  const lines = { line: `${start.line}`, endLine: `${end.line}` };
  return start.line === end.line ? { ...lines, col: `${start.column}`, endColumn: `${end.column}` } : lines;
}

/** As the runner takes it back: https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts */
function escapedData(text: string): string {
  return visibly(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
