import { DamagedRowError, NewerVersionError } from '../../engine/ports/stored.js';
import { DirectoryInUseError } from '../../state/local/directory-lock.js';
import { UnusableDirectoryError } from '../../state/local/state-directory.js';
import { UnusableConnectionStringError } from '../../state/storage-account.js';
import { CommandError, EXIT } from '../exit-code.js';

/** The same command, with what is wrong with where state is kept in a sentence that says what to do. */
export function explained<A extends readonly unknown[], R>(
  command: (...args: A) => Promise<R>,
): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await command(...args);
    } catch (error) {
      throw asCommandError(error) ?? error;
    }
  };
}

function asCommandError(error: unknown): CommandError | null {
  if (error instanceof UnusableConnectionStringError) return new CommandError(error.message, EXIT.usage);
  const isOfState =
    error instanceof DirectoryInUseError ||
    error instanceof UnusableDirectoryError ||
    error instanceof DamagedRowError ||
    error instanceof NewerVersionError;
  if (isOfState) return new CommandError(error.message, EXIT.failed);
  return isStorageAnswer(error) ? storageError(error) : null;
}

/** What the storage clients throw. Their messages quote the request, so ours are made of the host and the code. */
type StorageAnswer = Error & {
  readonly statusCode?: number;
  readonly code?: string;
  readonly request?: { readonly url: string };
};

function isStorageAnswer(error: unknown): error is StorageAnswer {
  return error instanceof Error && error.name === 'RestError';
}

function storageError({ statusCode, code = '', request }: StorageAnswer): CommandError {
  const host = request !== undefined && URL.canParse(request.url) ? new URL(request.url).host : 'it';
  const what = /^[A-Za-z_]{1,80}$/.test(code) ? ` ${code}` : '';
  if (statusCode === 401 || statusCode === 403) {
    return new CommandError(
      `The storage account (${host}) answered ${statusCode}${what}: you need Storage Table Data Contributor and Storage Blob Data Contributor on it, and its firewall must let you in.`,
      EXIT.denied,
    );
  }
  const answer = statusCode === undefined ? `cannot be reached (${code})` : `answered ${statusCode}${what}`;
  return new CommandError(
    `The storage account (${host}) ${answer}. Without it nothing is written to Azure: check its name, and the network.`,
    EXIT.failed,
  );
}
