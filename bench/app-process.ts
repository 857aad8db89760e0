import { setTimeout as pause } from 'node:timers/promises';
import { QueueClient } from '@azure/storage-queue';
import { APP_SETTINGS } from '../demo/app-settings.js';
import { sweepEnd } from '../demo/sweep-end.js';
import { startHostProcess } from '../demo/host-process.js';
import { watchPeakMemory } from './peak-memory.js';
import type { SimulatedAzure } from './simulated-azure.js';

/** Holdfast in a process of its own, with nothing in it but the local host that runs its triggers. */
export interface AppProcess {
  readonly url: string;
  /** Where Event Grid posts its events. */
  readonly webhook: string;
  /** Runs one sweep to its end; gives how long it took, in milliseconds. What it queued to be written may still be under way. */
  readonly sweep: () => Promise<number>;
  /** Waits until nothing is on the queue, hidden or not. */
  readonly settle: () => Promise<void>;
  /** The most memory that was resident in the process so far, in MiB. */
  readonly peakMemory: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

export interface AppOptions {
  readonly azure: SimulatedAzure;
  /** The connection string of the storage account. */
  readonly storage: string;
  readonly subscriptions: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
}

export function environmentOf({
  azure,
  storage,
  subscriptions,
  settings = {},
}: AppOptions): Record<string, string> {
  return {
    ...APP_SETTINGS,
    ...azure.environment,
    AzureWebJobsStorage: storage,
    HOLDFAST_SCOPES: subscriptions.map((id) => `/subscriptions/${id}`).join(','),
    HOLDFAST_MODE: 'enforce',
    // The sweep's own timer must not fire in between.
    HOLDFAST_SWEEP_SCHEDULE: '0 0 0 1 1 *',
    AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.1',
    ...settings,
  };
}

export async function startApp(options: AppOptions): Promise<AppProcess> {
  const watchers = new Set<(line: string) => void>();
  const host = await startHostProcess({
    environment: environmentOf(options),
    // To find out where the time goes: BENCH_NODE_ARGUMENTS="--cpu-prof --cpu-prof-dir=/tmp/profiles".
    nodeArguments: (process.env.BENCH_NODE_ARGUMENTS ?? '').split(' ').filter((argument) => argument !== ''),
    onLog: (line) => {
      for (const watch of watchers) watch(line);
      if (process.env.BENCH_LOG !== undefined) process.stderr.write(`${line}\n`);
    },
  });
  const memory = watchPeakMemory(host.pid);
  const queue = new QueueClient(options.storage, 'reconcile');
  return {
    url: host.url,
    webhook: `${host.url}/runtime/webhooks/eventgrid?functionName=resourceChanged`,
    async sweep() {
      const startedAt = performance.now();
      const ended = sweepEnd((watch) => {
        watchers.add(watch);
        return () => watchers.delete(watch);
      });
      ended.catch(() => undefined);
      const answer = await fetch(`${host.url}/admin/functions/sweep`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"input":""}',
      });
      if (answer.status !== 202) throw new Error(`The host did not start the sweep: ${answer.status}.`);
      await ended;
      return performance.now() - startedAt;
    },
    async settle() {
      for (;;) {
        // Before the host has made it, there is no queue yet.
        const properties = await queue.getProperties().catch(() => null);
        if (properties?.approximateMessagesCount === 0) return;
        await pause(100);
      }
    },
    peakMemory: memory.peak,
    stop: () => host.stop('SIGTERM'),
  };
}
