import { visibly } from '../../log-line.js';
import { isCommandError } from '../exit-code.js';

/** An error in one line: what went wrong, and never where in the code, or what a file or an answer had in it. */
export function describeError(error: unknown): string {
  if (isCommandError(error)) return visibly(error.message);
  if (isSystemError(error)) return visibly(`${systemMessage(error)} (${error.code})`);
  // The message of an error that nobody thought of may quote anything.
  const name = error instanceof Error ? error.name : typeof error;
  return visibly(`holdfast itself failed (${name}). Please report the command that does this.`);
}

export type SystemError = Error & { readonly code: string; readonly syscall: string; readonly path?: string };

/** An error of the operating system: Node.js names the call and the file, and nothing of what is in it. */
export function isSystemError(error: unknown): error is SystemError {
  return (
    error instanceof Error &&
    'code' in error &&
    'syscall' in error &&
    typeof error.code === 'string' &&
    typeof error.syscall === 'string'
  );
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'no right to read or write it',
  EPERM: 'no right to read or write it',
  ENOENT: 'there is no such file or directory',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is a file and no directory',
  ELOOP: 'its symbolic links go in a circle',
  ENOSPC: 'there is no space left for it',
  EROFS: 'it lies on a read-only file system',
  EMFILE: 'too many files are open',
};

/** Why, in words where we have them. */
export function reasonOf(error: SystemError): string {
  return REASONS[error.code] ?? `${error.syscall} failed with ${error.code}`;
}

function systemMessage(error: SystemError): string {
  return error.path === undefined ? reasonOf(error) : `${error.path}: ${reasonOf(error)}`;
}
