import { ContainerClient } from '@azure/storage-blob';
import { archiveBlobsOf } from '../../src/delivery/archive-container.js';
import { createArchive } from '../../src/delivery/archive.js';
import type { DeliveryTarget } from '../../src/delivery/target.js';
import { verifyArchive, type KnownLinks, type Verdict } from '../../src/delivery/verify-archive.js';
import type { AuditRecord } from '../../src/types/record.js';
import type { Azurite, Endpoints } from '../state/azurite.js';

/** An archive in a container that has just been made. */
export interface ArchiveWorld {
  readonly container: ContainerClient;
  /** One more instance of the app, perhaps through a proxy, with a clock of its own. */
  readonly writer: (through?: Partial<Endpoints>) => DeliveryTarget;
  /** What all clocks say from now on. */
  now: Date;
  /** Blobs by name, with their lines. */
  readonly lines: () => Promise<ReadonlyMap<string, readonly string[]>>;
  readonly records: () => Promise<readonly AuditRecord[]>;
  readonly verify: (known?: KnownLinks) => Promise<Verdict>;
}

export async function archiveWorld(azurite: Azurite, maxBlocks = 50_000): Promise<ArchiveWorld> {
  const connection = azurite.newConnectionString();
  const open = (text: string): ContainerClient =>
    new ContainerClient(text, 'archive', { retryOptions: { maxTries: 1 } });
  const container = new ContainerClient(connection, 'archive');
  await container.create();
  const lines = async (): Promise<ReadonlyMap<string, readonly string[]>> => {
    const found = new Map<string, readonly string[]>();
    for await (const { name } of container.listBlobsFlat()) {
      const text = (await container.getBlobClient(name).downloadToBuffer()).toString('utf8');
      found.set(name, text.split('\n').slice(0, -1));
    }
    return found;
  };
  const world: ArchiveWorld = {
    container,
    now: new Date('2026-11-26T10:00:00.000Z'),
    writer: ({ blob } = {}) => {
      const through = blob === undefined ? connection : connection.replace(azurite.endpoints.blob, blob);
      return createArchive(open(through), () => world.now, maxBlocks);
    },
    lines,
    records: async () =>
      [...(await lines()).values()].flat().flatMap((line) => {
        const { record } = JSON.parse(line) as { readonly record?: AuditRecord };
        return record === undefined ? [] : [record];
      }),
    verify: (known) => verifyArchive(archiveBlobsOf(container), known),
  };
  return world;
}
