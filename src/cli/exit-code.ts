/**
 * What a command ends with; docs/command-line.md has the table. The worst that happened counts: a file that cannot be read
 * is told before what was found in the others.
 */
export const EXIT = {
  /** Nothing was found, or all of it was done. */
  ok: 0,
  /** There are findings, or there is drift, and it is still there. */
  found: 1,
  /** The command line or a file that it names is wrong. */
  usage: 2,
  /** Not signed in, the wrong tenant, or no right to do it. */
  denied: 3,
  /** Azure, the network or this program failed. */
  failed: 4,
  /** Ctrl-C, as shells count it: 128 and the signal's number. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with a sentence that says what is wrong and what to do, and never with where in the code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    message: string,
    readonly exitCode: Exclude<ExitCode, 0 | 1>,
  ) {
    super(message);
  }
}

/** By its name: what a command loads is a bundle of its own, with a class of its own. */
export function isCommandError(error: unknown): error is CommandError {
  return (
    error instanceof Error &&
    error.name === 'CommandError' &&
    'exitCode' in error &&
    typeof error.exitCode === 'number'
  );
}
