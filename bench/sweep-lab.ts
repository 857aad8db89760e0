import { startAzurite } from '../local-host/azurite.js';
import type { JournalledRequest } from '../simulator/journal.js';
import { startApp, type AppProcess } from './app-process.js';
import { documentsOf, type EstateSize } from './estate.js';
import { mostAtOnce } from './most-at-once.js';
import { spanOf } from './request-span.js';
import { startSimulatedAzure, type SimulatedAzure } from './simulated-azure.js';

/** An estate, and an app that sweeps it. */
export interface SweepLab {
  readonly azure: SimulatedAzure;
  /** Starts the app in a fresh process, in place of the one before. */
  readonly restartApp: (settings?: Readonly<Record<string, string>>) => Promise<AppProcess>;
  readonly close: () => Promise<void>;
}

export async function openSweepLab(size: EstateSize): Promise<SweepLab> {
  const { subscriptions } = size;
  const [azurite, azure] = await Promise.all([
    startAzurite(),
    startSimulatedAzure({ subscriptions, latencyMs: LATENCY_MS, throttling: true }),
  ]);
  await azure.place(documentsOf(size));
  let app: AppProcess | null = null;
  return {
    azure,
    async restartApp(settings = {}) {
      await app?.stop();
      app = await startApp({ azure, storage: azurite.connectionString, subscriptions, settings });
      return app;
    },
    async close() {
      await app?.stop();
      await Promise.all([azure.close(), azurite.close()]);
    },
  };
}

const LATENCY_MS = 100;

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
  const byKind: Record<string, number> = {};
  for (const request of requests) {
    const kind = kindOf(request);
    byKind[kind] = (byKind[kind] ?? 0) + 1;
  }
  return {
    ms,
    calls: requests.length,
    ofOneResource: requests.filter(({ path }) => OF_ONE_RESOURCE.test(path)).length,
    mostAtOnce: mostAtOnce(requests.map(spanOf)),
    byKind,
  };
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

/** The lists that show everything in a subscription that Holdfast looks at, from their first page on. */
export function listsOf(subscription: string): readonly string[] {
  const providers = `/subscriptions/${subscription}/providers`;
  const group = `/subscriptions/${subscription}/resourceGroups/rg-bench/providers`;
  return [
    `/subscriptions/${subscription}/resourcegroups?api-version=2021-04-01`,
    // Whether ARM lists the connections of a whole subscription is not known: by group it does.
    `${group}/Microsoft.Web/connections?api-version=2016-06-01`,
    `${providers}/Microsoft.Logic/workflows?api-version=2019-05-01`,
    `${providers}/Microsoft.KeyVault/vaults?api-version=2026-02-01`,
    `${providers}/Microsoft.KeyVault/deletedVaults?api-version=2026-02-01`,
  ];
}
