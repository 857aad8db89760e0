import { execFile } from 'node:child_process';
import { CommandError, EXIT } from '../exit-code.js';

/** The subscription that Azure CLI works in, and the tenant of it. */
export interface AzAccount {
  readonly subscriptionId: string;
  readonly tenantId: string;
}

const TIMEOUT_MS = 30_000;
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const NO_AZ =
  'Azure CLI was not found: install it (https://aka.ms/azure-cli), or put az on the PATH, and run az login.';

/** Asks `az account show`. Throws {@link CommandError}. */
export async function azAccount(): Promise<AzAccount> {
  const text = await new Promise<string>((resolve, reject) => {
    // On Windows az is a batch file, which only a shell runs, and which a shell looks for where it stands first: not
    // among somebody's files. Nothing of the command line is anybody's text.
    const isWindows = process.platform === 'win32';
    const cwd = isWindows ? (process.env.SystemRoot ?? 'C:\\Windows') : '/';
    const options = { timeout: TIMEOUT_MS, shell: isWindows, cwd };
    execFile('az', ['account', 'show', '--output', 'json'], options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(new CommandError(error.code === 'ENOENT' ? NO_AZ : NO_ACCOUNT, EXIT.denied));
    });
  });
  const { id, tenantId } = parsed(text);
  if (typeof id === 'string' && typeof tenantId === 'string' && GUID.test(id) && GUID.test(tenantId)) {
    return { subscriptionId: id.toLowerCase(), tenantId: tenantId.toLowerCase() };
  }
  throw new CommandError(NO_ACCOUNT, EXIT.denied);
}

const NO_ACCOUNT =
  'Azure CLI names no subscription: run az login, or say what to look at with --subscription or --scope.';

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
