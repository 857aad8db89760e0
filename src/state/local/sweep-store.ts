import { OutrunError, type Stored } from '../../engine/ports/stored.js';
import type { SweepProgress, SweepStore } from '../../engine/ports/sweep-store.js';

/** How far a sweep has come, for as long as this process lasts: one from the command line considers everything anew. */
export function createLocalSweepStore(): SweepStore {
  const progress = new Map<string, Stored<SweepProgress>>();
  const snapshots = new Map<string, Stored<Buffer>>();
  let etags = 0;

  function write<T>(to: Map<string, Stored<T>>, key: string, value: T, etag: string | null): Promise<string> {
    if ((to.get(key)?.etag ?? null) !== etag) {
      return Promise.reject(new OutrunError(`Somebody else is sweeping ${key}.`));
    }
    etags += 1;
    to.set(key, { value, etag: String(etags) });
    return Promise.resolve(String(etags));
  }

  return {
    readProgress: (subscriptionId) => Promise.resolve(progress.get(subscriptionId) ?? null),
    writeProgress: (subscriptionId, value, etag) => write(progress, subscriptionId, value, etag),
    readSnapshot: (subscriptionId) => Promise.resolve(snapshots.get(subscriptionId) ?? null),
    writeSnapshot: (subscriptionId, bytes, etag) => write(snapshots, subscriptionId, bytes, etag),
  };
}
