import { startAzurite } from '../local-host/azurite.js';
import type { HostKeys } from '../local-host/host-keys.js';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator/simulator.js';
import { APP_SETTINGS } from './app-settings.js';
import { giveRoles } from './give-roles.js';
import { startHostProcess, type HostProcess } from './host-process.js';
import { sweepEnd, type WatchLines } from './sweep-end.js';

export interface StackOptions {
  readonly simulator?: SimulatorOptions;
  /** Holdfast's settings; the scopes are the simulator's subscription unless said otherwise. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What opens the functions, with a master key among it; without, everything is open, as under Core Tools. */
  readonly keys?: HostKeys & { readonly master: string };
  /** Each line that the host prints; the app's log is among them. */
  readonly onLog?: (line: string) => void;
}

export interface HostOptions {
  /** 0, the default, takes a free one; the port of a host that has ended has its events delivered to the new one. */
  readonly port?: number;
  /** What is set otherwise than for the stack. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A process that runs the app. */
export interface RunningHost {
  /** Where the functions answer, e.g. `http://127.0.0.1:50123`. */
  readonly hostUrl: string;
  /** What opens every function, for the header `x-functions-key`; null where everything is open. */
  readonly key: string | null;
  /** Has Event Grid deliver every write from now on. */
  readonly subscribe: (schema?: 'EventGridSchema' | 'CloudEventSchemaV1_0') => Promise<void>;
  /** Runs the sweep now, as its timer would, to its end; rejects where it fails. What it queued may still be under way. */
  readonly sweep: () => Promise<void>;
  /** Has the sweep's timer fire. What it leads to may all still be under way. */
  readonly beginSweep: () => Promise<void>;
  /** Ends the host's process: `SIGKILL` is a crash. */
  readonly stopHost: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

/** Holdfast, its storage account and an Azure, all on this machine and all real servers. */
export interface Stack extends RunningHost {
  readonly simulator: Simulator;
  /** The connection string of the storage account. */
  readonly storage: string;
  /** Starts one more host on the same storage account and Azure. */
  readonly startHost: (options?: HostOptions) => Promise<RunningHost>;
  /** Ends everything, also the hosts that were started later. */
  readonly close: () => Promise<void>;
}

export const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';

/** Starts everything on free ports. The app must have been built. */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const [azurite, simulator] = await Promise.all([
    startAzurite(),
    startSimulator({ subscriptions: [SUBSCRIPTION], ...options.simulator }),
  ]);
  const { HOLDFAST_SCOPES: scopes = `/subscriptions/${SUBSCRIPTION}`, HOLDFAST_LOG_WORKSPACE: logs } =
    options.settings ?? {};
  // What the app asks for and an installation does not give it, fails here as it would there.
  giveRoles(simulator.azure, simulator.identity.objectId, scopes.split(','), logs);
  const hosts: RunningHost[] = [];
  // Whichever host has the queue's message sweeps, so the lines of all of them count.
  const watchers = new Set<(line: string) => void>();
  const watchLines: WatchLines = (watch) => {
    watchers.add(watch);
    return () => watchers.delete(watch);
  };
  const onLog = (line: string): void => {
    options.onLog?.(line);
    for (const watch of watchers) watch(line);
  };
  const startOne = async ({ port = 0, settings = {} }: HostOptions = {}): Promise<RunningHost> => {
    const environment = {
      ...APP_SETTINGS,
      ...simulator.environment,
      AzureWebJobsStorage: azurite.connectionString,
      HOLDFAST_SCOPES: `/subscriptions/${SUBSCRIPTION}`,
      HOLDFAST_MODE: 'enforce',
      // The sweep's own timer must not fire in between: whoever starts the stack says when to sweep.
      HOLDFAST_SWEEP_SCHEDULE: '0 0 0 1 1 *',
      // Nor the comparison's, which goes by no setting; the admin API runs it all the same.
      'AzureWebJobs.selfAudit.Disabled': 'true',
      AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.1',
      // A message that failed comes back sooner than in production: nobody watches for ten seconds.
      AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:01',
      ...options.settings,
      ...settings,
    };
    const { keys } = options;
    const started = await startHostProcess({
      environment,
      port,
      onLog,
      ...(keys === undefined ? {} : { keys }),
    });
    const host = asRunning(started, simulator, watchLines, keys?.master ?? null);
    hosts.push(host);
    return host;
  };
  try {
    return {
      ...(await startOne()),
      simulator,
      storage: azurite.connectionString,
      startHost: startOne,
      close: async () => {
        await Promise.all(hosts.map((host) => host.stopHost('SIGTERM')));
        await Promise.all([simulator.close(), azurite.close()]);
      },
    };
  } catch (error) {
    await Promise.all([simulator.close(), azurite.close()]);
    throw error;
  }
}

function asRunning(
  host: HostProcess,
  simulator: Simulator,
  watchLines: WatchLines,
  masterKey: string | null,
): RunningHost {
  const beginSweep = async (): Promise<void> => {
    const answer = await fetch(`${host.url}/admin/functions/sweep`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(masterKey === null ? {} : { 'x-functions-key': masterKey }),
      },
      body: '{"input":""}',
    });
    if (answer.status !== 202) throw new Error(`The host did not start the sweep: ${answer.status}.`);
  };
  return {
    hostUrl: host.url,
    key: masterKey,
    subscribe: async (schema = 'EventGridSchema') => {
      // Event Grid sends the key as Azure's own subscriptions do: in the URL.
      const code = masterKey === null ? '' : `&code=${encodeURIComponent(masterKey)}`;
      const endpoint = `${host.url}/runtime/webhooks/eventgrid?functionName=resourceChanged${code}`;
      await simulator.azure.subscribeEvents({ endpoint, schema });
    },
    sweep: async () => {
      const ended = sweepEnd(watchLines);
      // Nobody waits for it where the host did not begin.
      ended.catch(() => undefined);
      await beginSweep();
      await ended;
    },
    beginSweep,
    stopHost: host.stop,
  };
}
