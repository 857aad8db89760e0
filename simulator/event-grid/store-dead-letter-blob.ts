import { BlobServiceClient } from '@azure/storage-blob';
import type { StoreDeadLetter } from './dead-letter-box.js';

/** Writes to a storage account. A container that is not there is not made: Event Grid does not make it either. */
export const storeDeadLetterBlob: StoreDeadLetter = async ({ connectionString, container }, name, text) => {
  const blob = BlobServiceClient.fromConnectionString(connectionString)
    .getContainerClient(container)
    .getBlockBlobClient(name);
  await blob.upload(text, Buffer.byteLength(text), {
    blobHTTPHeaders: { blobContentType: 'application/json' },
  });
};
