import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { StorageState } from '../storage/storage-state.js';
import type { Entity } from '../storage/table-state.js';

/** Copies what is in a storage account, so that it can be judged as one in memory is. */
export async function readStorage(connectionString: string): Promise<StorageState> {
  const state = new StorageState(() => Date.now());
  const insecure = { allowInsecureConnection: true };
  for await (const { name } of TableServiceClient.fromConnectionString(
    connectionString,
    insecure,
  ).listTables()) {
    if (name === undefined) continue;
    const table = state.table(name);
    table.create();
    for await (const row of TableClient.fromConnectionString(
      connectionString,
      name,
      insecure,
    ).listEntities()) {
      table.apply([{ kind: 'upsert', entity: row as unknown as Entity, mode: 'Replace' }]);
    }
  }
  const queues = QueueServiceClient.fromConnectionString(connectionString);
  for await (const { name } of queues.listQueues()) {
    const queue = state.queue(name);
    queue.createIfNotExists();
    const { peekedMessageItems } = await queues.getQueueClient(name).peekMessages({ numberOfMessages: 32 });
    for (const { messageText } of peekedMessageItems) queue.send(messageText, 0);
  }
  const blobs = BlobServiceClient.fromConnectionString(connectionString);
  for await (const { name } of blobs.listContainers()) {
    state.container(name).createIfNotExists();
    for await (const blob of blobs.getContainerClient(name).listBlobsFlat()) {
      const content = await blobs.getContainerClient(name).getBlobClient(blob.name).downloadToBuffer();
      state.container(name).upload(blob.name, content, {});
    }
  }
  return state;
}
