import type { BlobDownloadResponseParsed, BlockBlobClient } from '@azure/storage-blob';
import { OutrunError } from '../engine/ports/stored.js';
import type { SweepProgress, SweepStore } from '../engine/ports/sweep-store.js';
import { chunkedRows, readValue } from './chunked-row.js';
import { createWhenMissing } from './create-when-missing.js';
import type { StorageAccount } from './storage-account.js';
import { isStorageError } from './storage-error.js';
import { createTable, type RowKeys } from './table.js';
import { withDeadline } from './with-deadline.js';

/** For some megabytes over a slow line. */
const SNAPSHOT_DEADLINE_MS = 60_000;

/** How far sweeps have come (a row per subscription), and what they know of each resource (a blob per subscription). */
export function createSweepStore(account: StorageAccount): SweepStore {
  const table = createTable(account, 'HoldfastSweeps');
  const container = () => account.container('holdfast-sweeps');
  const blobOf = (subscriptionId: string): BlockBlobClient =>
    container().getBlockBlobClient(`${subscriptionId}.snapshot`);
  const creatingContainer = createWhenMissing({
    create: () => withDeadline((abortSignal) => container().createIfNotExists({ abortSignal })),
    isMissing: (error) => isStorageError(error, 404, 'ContainerNotFound'),
  });

  return {
    async readProgress(subscriptionId) {
      const stored = await readValue(table, keysOf(subscriptionId));
      return stored === null ? null : { value: stored.value as SweepProgress, etag: stored.etag };
    },

    async writeProgress(subscriptionId, progress, etag) {
      const [row, ...others] = chunkedRows(keysOf(subscriptionId), progress);
      if (row === undefined || others.length > 0) throw new Error('The progress of a sweep is too long.');
      const written = await table.putIfUnchanged(row, etag);
      if (written === null) throw outrun(subscriptionId);
      return written;
    },

    async readSnapshot(subscriptionId) {
      try {
        return await withDeadline(async (abortSignal) => {
          const answer = await blobOf(subscriptionId).download(0, undefined, { abortSignal });
          return { value: await bytesOf(answer), etag: answer.etag ?? '' };
        }, SNAPSHOT_DEADLINE_MS);
      } catch (error) {
        if (isStorageError(error, 404)) return null;
        throw error;
      }
    },

    async writeSnapshot(subscriptionId, bytes, etag) {
      const conditions = etag === null ? { ifNoneMatch: '*' } : { ifMatch: etag };
      try {
        const written = await creatingContainer(() =>
          withDeadline(
            (abortSignal) => blobOf(subscriptionId).upload(bytes, bytes.length, { conditions, abortSignal }),
            SNAPSHOT_DEADLINE_MS,
          ),
        );
        return written.etag ?? '';
      } catch (error) {
        if (isStorageError(error, 412) || isStorageError(error, 409, 'BlobAlreadyExists')) {
          throw outrun(subscriptionId);
        }
        throw error;
      }
    },
  };
}

function keysOf(subscriptionId: string): RowKeys {
  return { partitionKey: subscriptionId, rowKey: 'progress' };
}

function outrun(subscriptionId: string): OutrunError {
  return new OutrunError(`Somebody else is sweeping ${subscriptionId}.`);
}

/** Into one buffer of the right size: the parts are not kept beside it. */
async function bytesOf({
  contentLength = 0,
  readableStreamBody,
}: BlobDownloadResponseParsed): Promise<Buffer> {
  const bytes = Buffer.alloc(contentLength);
  let length = 0;
  for await (const chunk of readableStreamBody ?? []) {
    length += (chunk as Buffer).copy(bytes, length);
  }
  if (length !== contentLength) throw new Error('A snapshot was not sent whole.');
  return bytes;
}
