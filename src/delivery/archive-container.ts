import type { TokenCredential } from '@azure/identity';
import { ContainerClient } from '@azure/storage-blob';
import { isArchiveBlob } from './archive-blobs.js';
import type { ArchiveBlob } from './verify-archive.js';

/**
 * The container of an archive, with the identity alone. One audience, `https://storage.azure.com`, is that of all clouds
 * (https://learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory).
 */
export function openArchiveContainer(url: string, credential: TokenCredential): ContainerClient {
  return new ContainerClient(url, credential, {
    // An append whose answer was lost is not made a second time without a look at what is there.
    retryOptions: { maxTries: 1 },
    userAgentOptions: { userAgentPrefix: 'holdfast' },
  });
}

/** The blobs of an archive, in the order of the chain. */
export async function* archiveBlobsOf(container: ContainerClient): AsyncGenerator<ArchiveBlob> {
  for await (const { name } of container.listBlobsFlat()) {
    if (isArchiveBlob(name)) yield { name, bytes: () => bytesOf(container, name) };
  }
}

async function* bytesOf(container: ContainerClient, name: string): AsyncGenerator<Uint8Array> {
  const { readableStreamBody } = await container.getBlobClient(name).download();
  for await (const chunk of readableStreamBody ?? []) yield Buffer.from(chunk);
}
