import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import type { TokenCredential } from '@azure/identity';
import type { Leases } from '../../engine/ports/leases.js';
import { createLeases } from '../../state/leases.js';
import { createLocalLeases } from '../../state/local/local-leases.js';
import { overlaid } from '../../state/local/overlay.js';
import { openStateDirectory, readStateDirectory } from '../../state/local/state-directory.js';
import { createStorageAccount } from '../../state/storage-account.js';
import type { TableHome } from '../../state/table.js';
import type { StorageSettings } from '../../types/storage-settings.js';

/** Where a command keeps what it does, or reads what was done. */
export interface OpenState {
  readonly tables: TableHome;
  readonly leases: Leases;
  /** Whether a deployed Holdfast shares it. */
  readonly isShared: boolean;
  readonly close: () => void;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * `read` shows what is stored, and keeps what comes of the command in memory alone; `write` keeps it for good. Throws
 * `UnusableDirectoryError` and `DirectoryInUseError`.
 */
export function openState(
  access: 'read' | 'write',
  storage: StorageSettings | null,
  directory: string,
  credential: TokenCredential,
): OpenState {
  const close = (): void => undefined;
  const leases = createLocalLeases();
  const isShared = storage !== null;
  if (isShared) {
    const account = createStorageAccount(storage, credential);
    return access === 'write'
      ? { tables: account, leases: createLeases(account), isShared, close }
      : { tables: overlaid(account), leases, isShared, close };
  }
  return access === 'write'
    ? { ...openStateDirectory(directory), leases, isShared }
    : { tables: overlaid(readStateDirectory(directory)), leases, isShared, close };
}

/**
 * Where state is kept unless somebody says otherwise: https://specifications.freedesktop.org/basedir-spec/latest/ has
 * XDG_STATE_HOME for what must outlast a restart and is not worth carrying to another machine.
 */
export function stateDirectory(asked: string | undefined, environment: Environment): string {
  if (asked !== undefined) return resolve(asked);
  const { LOCALAPPDATA, XDG_STATE_HOME } = environment;
  if (process.platform === 'win32' && LOCALAPPDATA) return join(LOCALAPPDATA, 'holdfast');
  // "All paths set in these environment variables must be absolute"; others are to be ignored.
  if (XDG_STATE_HOME && isAbsolute(XDG_STATE_HOME)) return join(XDG_STATE_HOME, 'holdfast');
  return join(homedir(), '.local', 'state', 'holdfast');
}
