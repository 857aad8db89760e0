import type { CheckFinding, Undecided } from '../../template/checked.js';
import type { Region } from '../../template/locate.js';

/** Where something is. */
export interface Located {
  /** As it was found: relative where the path that was given is. */
  readonly path: string;
  readonly region: Region;
}

/** How a finding is mended in its file as that is now. */
export interface Fix {
  readonly deleted: Region;
  readonly inserted: string;
}

export interface ReportedFinding extends Located, Omit<CheckFinding, 'edits'> {
  /** Empty where only a person can mend it. */
  readonly fixes: readonly Fix[];
  /** Whether it has been mended, by `--fix`. */
  readonly isMended: boolean;
}

export interface ReportedUndecided extends Located, Undecided {}

/** A file that could not be read or written, and where in it; what is not said there is null. */
export interface FileError {
  readonly path: string;
  readonly region: Region | null;
  /** A sentence. */
  readonly message: string;
}

/** What one file has come to; a file that is nothing that is checked has `kind` null. */
export interface FileReport {
  readonly path: string;
  readonly isNamed: boolean;
  readonly kind: string | null;
  readonly findings: readonly ReportedFinding[];
  readonly undecided: readonly ReportedUndecided[];
  readonly exempt: number;
  readonly error: FileError | null;
}

type Named = Pick<FileReport, 'path' | 'isNamed'>;

/** A file that is nothing that is checked. */
export function passedOver({ path, isNamed }: Named): FileReport {
  return { path, isNamed, kind: null, findings: [], undecided: [], exempt: 0, error: null };
}

/** A file that cannot be read; `why` is a sentence, its first letter and its full stop aside. */
export function broken(file: Named, why: string): FileReport {
  const message = `${why.charAt(0).toUpperCase()}${why.slice(1).replace(/\.$/, '')}.`;
  return { ...passedOver(file), error: { path: file.path, region: null, message } };
}

export interface Totals {
  readonly checked: number;
  readonly passedOver: number;
  readonly findings: number;
  /** Of the findings, those that `--fix` has mended. */
  readonly mended: number;
  /** Of the findings, those that `--fix` would mend. */
  readonly fixable: number;
  readonly undecided: number;
  readonly exempt: number;
  readonly errors: number;
}

export function totalsOf(reports: readonly FileReport[]): Totals {
  const findings = reports.flatMap((report) => report.findings);
  return {
    checked: reports.filter(({ kind }) => kind !== null).length,
    passedOver: reports.filter(({ kind, error }) => kind === null && error === null).length,
    findings: findings.length,
    mended: findings.filter(({ isMended }) => isMended).length,
    fixable: findings.filter(({ isMended, fixes }) => !isMended && fixes.length > 0).length,
    undecided: reports.reduce((sum, { undecided }) => sum + undecided.length, 0),
    exempt: reports.reduce((sum, { exempt }) => sum + exempt, 0),
    errors: reports.filter(({ error }) => error !== null).length,
  };
}

/** How a run is shown: each file as soon as it is known, and what follows from all of them at the end. */
export interface Format {
  readonly file: (report: FileReport) => string;
  readonly end: (reports: readonly FileReport[], totals: Totals) => string;
}
