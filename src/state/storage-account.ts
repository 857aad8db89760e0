import { TableClient } from '@azure/data-tables';
import type { TokenCredential } from '@azure/identity';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { QueueServiceClient, type QueueClient } from '@azure/storage-queue';
import type { StorageSettings } from '../types/storage-settings.js';

/** The clients of one storage account. Getting one connects to nothing. */
export interface StorageAccount {
  table(name: string): TableClient;
  container(name: string): ContainerClient;
  queue(name: string): QueueClient;
}

/** The message says what a connection string needs, and does not quote this one. */
export class UnusableConnectionStringError extends Error {
  override readonly name = 'UnusableConnectionStringError';
}

/**
 * Three tries within about a second and a half: a storage account that is down is to fail an event while it can still
 * be delivered again. The SDKs' defaults would go on for a minute.
 */
const TABLE_RETRIES = { maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 1000 };
const BLOB_AND_QUEUE_RETRIES = { maxTries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 1000 };

/** `credential` is used only where the settings name no connection string. */
export function createStorageAccount(settings: StorageSettings, credential: TokenCredential): StorageAccount {
  const blobs = once(() => blobService(settings, credential));
  const queues = once(() => queueService(settings, credential));
  return {
    table: oncePerName((name) => tableClient(settings, credential, name)),
    container: oncePerName((name) => blobs().getContainerClient(name)),
    queue: oncePerName((name) => queues().getQueueClient(name)),
  };
}

function tableClient(settings: StorageSettings, credential: TokenCredential, name: string): TableClient {
  // Plain HTTP is Azurite's; the blob and queue clients allow it without being asked. Tokens never go over it.
  const options = { retryOptions: TABLE_RETRIES, allowInsecureConnection: true };
  return settings.kind === 'identity'
    ? new TableClient(withoutSlash(settings.tableServiceUri), name, credential, options)
    : readably(() => TableClient.fromConnectionString(settings.connectionString, name, options));
}

function blobService(settings: StorageSettings, credential: TokenCredential): BlobServiceClient {
  const options = { retryOptions: BLOB_AND_QUEUE_RETRIES };
  return settings.kind === 'identity'
    ? new BlobServiceClient(withoutSlash(settings.blobServiceUri), credential, options)
    : readably(() => BlobServiceClient.fromConnectionString(settings.connectionString, options));
}

function queueService(settings: StorageSettings, credential: TokenCredential): QueueServiceClient {
  const options = { retryOptions: BLOB_AND_QUEUE_RETRIES };
  return settings.kind === 'identity'
    ? new QueueServiceClient(withoutSlash(settings.queueServiceUri), credential, options)
    : readably(() => QueueServiceClient.fromConnectionString(settings.connectionString, options));
}

/** What the SDKs say of a connection string may quote it, so it is said in our words and without a cause. */
function readably<T>(build: () => T): T {
  try {
    return build();
  } catch {
    throw new UnusableConnectionStringError(
      'AzureWebJobsStorage is not a connection string of a storage account: it needs AccountName and AccountKey, or the endpoints of blobs, queues and tables and a SharedAccessSignature.',
    );
  }
}

function withoutSlash(uri: string): string {
  return uri.replace(/(?<!\/)\/+$/, '');
}

function once<T>(build: () => T): () => T {
  let built: { readonly value: T } | null = null;
  return () => (built ??= { value: build() }).value;
}

function oncePerName<T>(build: (name: string) => T): (name: string) => T {
  const built = new Map<string, T>();
  return (name) => {
    const existing = built.get(name);
    if (existing !== undefined) return existing;
    const fresh = build(name);
    built.set(name, fresh);
    return fresh;
  };
}
