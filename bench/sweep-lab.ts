import { startAzurite } from '../local-host/azurite.js';
import type { JournalledRequest } from '../simulator/journal.js';
import { environmentOf, startApp, type AppProcess } from './app-process.js';
import { createBareClient, type BareClient } from './bare-client.js';
import { documentsOf, type EstateSize } from './estate.js';
import { mostAtOnce } from './most-at-once.js';
import { spanOf } from './request-span.js';
import { settle } from './settled-installation.js';
import { startStorageTap, storageNameIn } from './storage-tap.js';
import { startSimulatedAzure, type SimulatedAzure } from './simulated-azure.js';

/** An estate, and an app that sweeps it. */
export interface SweepLab {
  readonly azure: SimulatedAzure;
  readonly bare: BareClient;
  /** Makes the installation one that has been sweeping this estate for some time and found nothing to do in it. */
  readonly settle: () => Promise<void>;
  /** Starts the app in a fresh process, in place of the one before. */
  readonly restartApp: (settings?: Readonly<Record<string, string>>) => Promise<AppProcess>;
  /** What a sweep asks of the storage account, by what is asked for. Ends the app. */
  readonly storageRequests: () => Promise<Readonly<Record<string, number>>>;
  readonly close: () => Promise<void>;
}

export async function openSweepLab(size: EstateSize): Promise<SweepLab> {
  const { subscriptions } = size;
  const [azurite, azure] = await Promise.all([
    startAzurite(),
    startSimulatedAzure({ subscriptions, latencyMs: LATENCY_MS, throttling: true }),
  ]);
  await azure.place(documentsOf(size));
  const bare = await createBareClient(azure);
  const storage = azurite.connectionString;
  let app: AppProcess | null = null;
  return {
    azure,
    bare,
    async settle() {
      await setLatency(azure, 0);
      await azure.control('PATCH', '/throttling', { enabled: false });
      await settle(bare, environmentOf({ azure, storage, subscriptions }), subscriptions);
      await azure.control('PATCH', '/throttling', { enabled: true });
      await setLatency(azure, LATENCY_MS);
    },
    async restartApp(settings = {}) {
      await app?.stop();
      app = await startApp({ azure, storage, subscriptions, settings });
      return app;
    },
    async storageRequests() {
      await app?.stop();
      const tap = await startStorageTap(storage);
      app = await startApp({ azure, storage: tap.connectionString, subscriptions });
      await sweepOnce(azure, app);
      tap.take();
      await sweepOnce(azure, app);
      const counts: Record<string, number> = {};
      for (const { method, path } of tap.take()) {
        const kind = `${method} ${storageNameIn(path)}`;
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
      await app.stop();
      app = null;
      await tap.close();
      return counts;
    },
    async close() {
      await app?.stop();
      await Promise.all([azure.close(), azurite.close()]);
    },
  };
}

const LATENCY_MS = 100;

async function setLatency(azure: SimulatedAzure, ms: number): Promise<void> {
  await azure.control('PUT', '/latency', { minMs: ms, maxMs: ms });
}

/** One sweep, with ARM's buckets full at its start. */
export interface Swept {
  readonly ms: number;
  readonly calls: number;
  /** Calls about one vault, workflow or connection; the others are lists of a subscription or group. */
  readonly ofOneResource: number;
  readonly mostAtOnce: number;
  /** Requests by what was asked for and how it was answered. */
  readonly byKind: Readonly<Record<string, number>>;
}

export async function sweepOnce(azure: SimulatedAzure, app: AppProcess): Promise<Swept> {
  await fillBuckets(azure);
  const since = await azure.mark();
  const ms = await app.sweep();
  const requests = await azure.requests(since);
  return {
    ms,
    calls: requests.length,
    ofOneResource: requests.filter(({ path }) => OF_ONE_RESOURCE.test(path)).length,
    mostAtOnce: mostAtOnce(requests.map(spanOf)),
    byKind: countByKind(requests),
  };
}

/** Requests by what was asked for and how it was answered. */
export function countByKind(requests: readonly JournalledRequest[]): Readonly<Record<string, number>> {
  const byKind: Record<string, number> = {};
  for (const request of requests) {
    const kind = kindOf(request);
    byKind[kind] = (byKind[kind] ?? 0) + 1;
  }
  return byKind;
}

const OF_ONE_RESOURCE = /\/(vaults|workflows|connections)\/[^/]+/i;

/** ARM's buckets start full again when a setting of theirs is set. */
export async function fillBuckets(azure: SimulatedAzure): Promise<void> {
  await azure.control('PATCH', '/throttling', { enabled: true });
}

function kindOf({ method, path, status }: JournalledRequest): string {
  const [, namespace, type, , child] =
    /\/providers\/([^/]+)\/([^/]+)(\/[^/]+)?(?:.*\/([^/]+))?$/.exec(path) ?? [];
  const what =
    namespace === undefined ? path.split('/').at(-1) : [namespace, type, child].filter(Boolean).join('/');
  return `${method} ${what ?? ''} ${status ?? ''}`;
}
