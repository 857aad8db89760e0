import { EXIT, type ExitCode } from '../exit-code.js';
import { stopOnInterrupt } from '../interrupt.js';
import { errorLine } from '../output/error-line.js';
import { progressOn } from '../output/progress.js';
import type { Terminal } from '../output/terminal.js';
import { checkFile } from './check-file.js';
import { findFiles } from './find-files.js';
import { githubFormat } from './formats/github.js';
import { jsonFormat } from './formats/json.js';
import { sarifFormat } from './formats/sarif.js';
import { textFormat } from './formats/text.js';
import { sourceRootOf } from './source-root.js';
import { broken, totalsOf, type FileError, type FileReport, type Format, type Totals } from './report.js';

export interface CheckOptions {
  readonly format: 'text' | 'json' | 'sarif' | 'github';
  readonly fix: boolean;
}

/** Looks at each file and goes on whatever one of them is like; what could not be read counts for more than what was found. */
export async function check(
  paths: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const now = new Date();
  const format = formatOf(options, terminal);
  const progress = progressOn(terminal.err);
  // Without --fix there is nothing to finish.
  const signal = options.fix ? stopOnInterrupt(terminal.err) : null;
  const reports: FileReport[] = [];
  for await (const found of findFiles(paths)) {
    if (signal?.aborted === true) break;
    progress.show(`${reports.length + 1}: ${found.path}`);
    const report = detached(
      'why' in found
        ? broken({ ...found, isNamed: true }, found.why)
        : await checkFile(found, options.fix, now),
    );
    reports.push(report);
    progress.clear();
    if (report.error !== null) terminal.err.write(errorLine(terminal.err, placed(report.error)));
    terminal.out.write(format.file(report));
  }
  const totals = totalsOf(reports);
  terminal.out.write(format.end(reports, totals));
  return signal?.aborted === true ? EXIT.interrupted : exitCodeOf(totals);
}

function placed({ path, region, message }: FileError): string {
  const at = region === null ? '' : `:${region.start.line}:${region.start.column}`;
  return `${path}${at}: ${message}`;
}

/** A copy that holds on to nothing of the file: a part of a text keeps all of it in memory. */
function detached(report: FileReport): FileReport {
  return JSON.parse(JSON.stringify(report)) as FileReport;
}

function formatOf({ format, fix }: CheckOptions, terminal: Terminal): Format {
  switch (format) {
    case 'text':
      return textFormat(terminal, fix);
    case 'json':
      return jsonFormat();
    case 'sarif':
      return sarifFormat(sourceRootOf(process.cwd()));
    case 'github':
      return githubFormat(sourceRootOf(process.cwd()));
  }
}

function exitCodeOf({ errors, findings, mended }: Totals): ExitCode {
  if (errors > 0) return EXIT.usage;
  return findings > mended ? EXIT.found : EXIT.ok;
}
