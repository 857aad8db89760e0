import type { StorageProbe, StorageService } from '../engine/ports/health.js';
import { UnusableConnectionStringError, type StorageAccount } from './storage-account.js';
import { withDeadline, DeadlineError } from './with-deadline.js';

const DEADLINE_MS = 4000;
/** Of no row, message and blob that there is. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage */
const ROLES: Readonly<Record<StorageService, string>> = {
  tables: 'Storage Table Data Contributor',
  queues: 'Storage Queue Data Contributor',
  blobs: 'Storage Blob Data Owner',
};

/**
 * Deletes what is not there, in each service: it takes the right to write and changes nothing. Whatever the service
 * answers but 401 and 403 has come past its door.
 */
export function createStorageProbe(account: StorageAccount): StorageProbe {
  const calls: Readonly<Record<StorageService, (abortSignal: AbortSignal) => Promise<unknown>>> = {
    tables: (abortSignal) => account.table('HoldfastSweeps').deleteEntity(NOBODY, NOBODY, { abortSignal }),
    queues: (abortSignal) =>
      account.queue('reconcile').deleteMessage(NOBODY, 'AAAAAAAAAAA=', { abortSignal }),
    blobs: (abortSignal) =>
      account.container('holdfast-leases').getBlobClient(NOBODY).delete({ abortSignal }),
  };
  return async (service) => {
    try {
      await withDeadline(calls[service], DEADLINE_MS);
      return null;
    } catch (error) {
      return problemOf(service, error);
    }
  };
}

/** In our own words: an SDK's message may quote the request, and with it a key. */
function problemOf(service: StorageService, error: unknown): string | null {
  if (error instanceof UnusableConnectionStringError || error instanceof DeadlineError) return error.message;
  const { name = '', statusCode, code } = error as { name?: string; statusCode?: unknown; code?: unknown };
  if (/^(?:Credential|Authentication|AggregateAuthentication)/.test(name))
    return `The identity got no token for ${service}.`;
  const said = typeof code === 'string' && /^[A-Za-z_]{1,60}$/.test(code) ? ` ${code}` : '';
  if (typeof statusCode !== 'number')
    return `The account's ${service} cannot be reached${said && ` (${said.trim()})`}.`;
  if (statusCode === 401 || statusCode === 403)
    return `The account's ${service} may not be written (${statusCode}${said}): give the identity the role ${ROLES[service]} on the account, or check the key in AzureWebJobsStorage and the account's firewall.`;
  if (statusCode === 429 || statusCode >= 500)
    return `The account's ${service} answered ${statusCode}${said}.`;
  return null;
}
