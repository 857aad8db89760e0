import { DefaultAzureCredential } from '@azure/identity';
import { QueueServiceClient, type StoragePipelineOptions } from '@azure/storage-queue';
import type { Settings } from './setting-references.js';

/**
 * The queue service behind a trigger's `connection`, which names a setting, with or without the prefix `AzureWebJobs`:
 * a connection string, or a group of settings `NAME__queueServiceUri` and the like for an identity
 * (https://learn.microsoft.com/azure/azure-functions/functions-reference#configure-an-identity-based-connection).
 */
export function connectToQueues(connection: string, settings: Settings): QueueServiceClient {
  for (const name of [`AzureWebJobs${connection}`, connection]) {
    const connectionString = settings[name];
    if (connectionString) return QueueServiceClient.fromConnectionString(connectionString, pipeline);

    const account = settings[`${name}__accountName`];
    const uri =
      settings[`${name}__queueServiceUri`] ??
      (account ? `https://${account}.queue.core.windows.net` : undefined);
    if (uri) {
      const clientId = settings[`${name}__clientId`];
      const credential = new DefaultAzureCredential(clientId ? { managedIdentityClientId: clientId } : {});
      return new QueueServiceClient(uri, credential, pipeline);
    }
  }
  throw new Error(
    `The storage connection '${connection}' does not exist: set the app setting ${connection}, or AzureWebJobs${connection}.`,
  );
}

/** The listener polls anyway, so a storage account that is away need not be tried for minutes. */
const pipeline: StoragePipelineOptions = { retryOptions: { maxTries: 2, retryDelayInMs: 200 } };
