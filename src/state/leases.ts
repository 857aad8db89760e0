import type { BlobLeaseClient, BlockBlobClient } from '@azure/storage-blob';
import type { Leases } from '../engine/ports/leases.js';
import { createWhenMissing } from './create-when-missing.js';
import { hashedKey } from './hashed-key.js';
import type { StorageAccount } from './storage-account.js';
import { isStorageError } from './storage-error.js';
import { withDeadline } from './with-deadline.js';

/** The longest lease that ends by itself (https://learn.microsoft.com/rest/api/storageservices/lease-blob). */
const LEASE_SECONDS = 60;
/** What is left of a lease when its holder is told to stop: more than a write that was just sent may take. */
const MARGIN_SECONDS = 20;

/** How often a lease that is to last is renewed: three tries before it would end. */
const RENEW_SECONDS = 15;

/** Leases on empty blobs, one per resource, and one per piece of work that only one may be at. */
export function createLeases(account: StorageAccount): Leases {
  const container = () => account.container('holdfast-leases');
  const creatingContainer = createWhenMissing({
    create: () => withDeadline((abortSignal) => container().createIfNotExists({ abortSignal })),
    isMissing: (error) => isStorageError(error, 404, 'ContainerNotFound'),
  });

  async function acquire(blob: BlockBlobClient, lease: BlobLeaseClient): Promise<boolean> {
    try {
      if (await tryAcquire(lease)) return true;
    } catch (error) {
      if (!isStorageError(error, 404)) throw error;
      await creatingContainer(() => createBlob(blob));
      return tryAcquire(lease);
    }
    return false;
  }

  return {
    async withLease(id, work) {
      const blob = container().getBlockBlobClient(hashedKey(id.key));
      const lease = blob.getBlobLeaseClient();
      const ending = new AbortController();
      // Counted from before the request: the service's own clock starts later, never earlier.
      const timer = setTimeout(
        () => {
          ending.abort(new Error(`The lease on ${id.id} is about to end.`));
        },
        (LEASE_SECONDS - MARGIN_SECONDS) * 1000,
      );
      try {
        if (!(await acquire(blob, lease))) return { kind: 'busy' };
        try {
          return { kind: 'done', value: await work(ending.signal) };
        } finally {
          await release(lease);
        }
      } finally {
        clearTimeout(timer);
      }
    },

    async whileHeld(name, work) {
      const blob = container().getBlockBlobClient(hashedKey(name));
      const lease = blob.getBlobLeaseClient();
      let heldFrom = Date.now();
      if (!(await acquire(blob, lease))) return { kind: 'busy' };
      const ending = new AbortController();
      const keep = async (): Promise<void> => {
        const from = Date.now();
        try {
          await withDeadline((abortSignal) => lease.renewLease({ abortSignal }));
          heldFrom = from;
        } catch (error) {
          // What may pass is tried again while the lease lasts.
          const isLost =
            isStorageError(error, 409) || isStorageError(error, 404) || isStorageError(error, 412);
          if (isLost || Date.now() - heldFrom > (LEASE_SECONDS - MARGIN_SECONDS) * 1000) {
            ending.abort(new Error(`The lease for ${name} was lost.`));
          }
        }
      };
      let timer: NodeJS.Timeout | undefined;
      let isOver = false;
      const renewLater = (): void => {
        if (!isOver) timer = setTimeout(() => void keep().then(renewLater), RENEW_SECONDS * 1000);
      };
      renewLater();
      try {
        return { kind: 'done', value: await work(ending.signal) };
      } finally {
        isOver = true;
        clearTimeout(timer);
        await release(lease);
      }
    },
  };
}

/** False where somebody else has it. A try that is sent twice has the same lease id and succeeds twice. */
async function tryAcquire(lease: BlobLeaseClient): Promise<boolean> {
  try {
    await withDeadline((abortSignal) => lease.acquireLease(LEASE_SECONDS, { abortSignal }));
    return true;
  } catch (error) {
    if (isStorageError(error, 409, 'LeaseAlreadyPresent', 'LeaseIsBreakingAndCannotBeAcquired')) return false;
    throw error;
  }
}

async function createBlob(blob: BlockBlobClient): Promise<void> {
  try {
    const conditions = { ifNoneMatch: '*' };
    await withDeadline((abortSignal) => blob.upload('', 0, { conditions, abortSignal }));
  } catch (error) {
    // Another instance was faster, and may hold the lease by now.
    if (!isStorageError(error, 409, 'BlobAlreadyExists') && !isStorageError(error, 412)) throw error;
  }
}

/** What the work came to counts; a lease that is not released runs out. */
async function release(lease: BlobLeaseClient): Promise<void> {
  try {
    await withDeadline((abortSignal) => lease.releaseLease({ abortSignal }));
  } catch {
    return;
  }
}
