import { setTimeout as pause } from 'node:timers/promises';
import { startHostProcess, type HostProcess } from '../../demo/host-process.js';
import { sweepEnd } from '../../demo/sweep-end.js';
import { SUBSCRIPTION } from '../../demo/stack.js';
import { callWebhook, type CallWebhook } from '../../simulator/event-grid/webhook.js';
import { seededRandom } from '../../simulator/random.js';
import { startSimulator } from '../../simulator/simulator.js';
import type { Switches } from '../../simulator/switches.js';
import { readSettings } from '../../src/settings/settings.js';
import type { Tenant } from '../estate/tenant.js';
import type { Evidence, Moment } from '../evidence/evidence.js';
import { ANY_INSTANCE } from '../evidence/known-readers.js';
import { HOLDFAST } from '../world/holdfast.js';
import type { Invocation } from '../world/host.js';
import type { Exchange } from '../world/wire.js';
import { readStorage } from './read-storage.js';
import { tapArm, type KillAtWrite } from './tap-arm.js';
import { tapIdentity } from './tap-identity.js';
import { untilSettled } from './until-settled.js';

/** An Azure behind HTTPS, a storage account in Azurite, and the processes of the app. */
export interface ProcessWorld extends Tenant {
  /** Those that live. */
  readonly hosts: readonly HostProcess[];
  /** How many have been killed at a write. */
  readonly killedAtWrites: number;
  readonly start: () => Promise<HostProcess>;
  /** `kill -9`. */
  readonly kill: (host: HostProcess) => Promise<void>;
  /** From now on, each write of a process is asked for; where it is not null, the process is killed at it. */
  readonly killAtWrites: (killAt: () => KillAtWrite | null) => void;
  /** Null where the sweep came to its end, and else why not. */
  readonly sweep: () => Promise<string | null>;
  /** Until nothing is under way, nor waits on the queue; rejects where that does not come to be. */
  readonly untilSettled: () => Promise<void>;
  readonly evidence: () => Promise<Evidence>;
  readonly close: () => Promise<void>;
}

/** People's waits and the times between faults are those of tier one, so much faster. */
const FASTER = 100;
/** What Event Grid's schedule of retries is shortened to. */
const EVENT_TIME = 0.05;
/** In Azure, what a killed host had taken from the queue comes back after ten minutes. */
const MESSAGE_LEASE_SECONDS = 10;
const LONGEST_SWEEP_MS = 120_000;

export async function createProcessWorld(
  seed: number,
  storage: string,
  switches: Partial<Switches>,
): Promise<ProcessWorld> {
  const random = seededRandom(seed);
  const hosts = new Map<string, HostProcess>();
  let begun = 0;
  let killedAtWrites = 0;
  const living = new Set<HostProcess>();
  const wire: Exchange[] = [];
  const story: Moment[] = [];
  const given: string[] = [];
  const invocations: Invocation[] = [];
  const canaries: string[] = [];
  let isClosed = false;
  const call: CallWebhook = async (request) => {
    // Event Grid would try again and again, and at some time after the next process has come.
    while (living.size === 0 && !isClosed) await pause(100);
    const chosen = [...living][Math.floor(random.next() * living.size)];
    if (chosen === undefined) throw new Error('connect ECONNREFUSED');
    const { pathname, search } = new URL(request.url);
    return callWebhook({ ...request, url: `${chosen.url}${pathname}${search}` });
  };
  const simulator = await startSimulator({
    subscriptions: [SUBSCRIPTION],
    identity: HOLDFAST,
    seed,
    switches,
    events: { call, timeScale: EVENT_TIME },
  });
  const { azure } = simulator;
  const { endpointFor, nameOf } = tapIdentity(azure, simulator.identity.endpoint);
  let killAt: () => KillAtWrite | null = () => null;
  tapArm(azure, {
    wire,
    nameOf,
    deathAt: (name) => {
      const host = hosts.get(name);
      const how = host !== undefined && living.has(host) ? killAt() : null;
      if (host === undefined || how === null) return null;
      killedAtWrites += 1;
      return { ...how, kill: () => kill(host, ` at a write (${how.kind})`) };
    },
  });

  const tell = (what: string): void => {
    story.push({ at: Date.now(), what });
  };

  // Whichever host has the queue's message sweeps.
  const watchers = new Set<(line: string) => void>();

  const environment = {
    ...simulator.environment,
    AzureWebJobsStorage: storage,
    HOLDFAST_SCOPES: `/subscriptions/${SUBSCRIPTION}`,
    HOLDFAST_MODE: 'enforce',
    HOLDFAST_MAX_CHANGES: '1000',
    // People revert more here in a minute than in an hour, and nobody waits until a pause is over.
    HOLDFAST_CONTESTED_AFTER: '20',
    HOLDFAST_SWEEP_SCHEDULE: '0 0 0 1 1 *',
    AzureFunctionsJobHost__extensions__queues__maxPollingInterval: '00:00:00.1',
  };
  const deployments = [{ at: Date.now(), settings: readSettings(environment) }];

  async function start(): Promise<HostProcess> {
    begun += 1;
    const name = `host ${begun}`;
    const own = { ...environment, IDENTITY_ENDPOINT: endpointFor(name) };
    const onLog = (line: string): void => {
      given.push(line);
      for (const watch of watchers) watch(line);
    };
    const host = await startHostProcess({
      environment: own,
      messageLeaseSeconds: MESSAGE_LEASE_SECONDS,
      onLog,
    });
    hosts.set(name, host);
    living.add(host);
    tell(`${name} starts`);
    return host;
  }

  async function kill(host: HostProcess, how = ''): Promise<void> {
    if (living.delete(host)) tell(`${[...hosts].find(([, one]) => one === host)?.[0] ?? ''} is killed${how}`);
    await host.stop('SIGKILL');
  }

  async function sweep(): Promise<string | null> {
    const [host] = [...living].slice(-1);
    if (host === undefined) return 'no host lives';
    const startedAt = Date.now();
    tell('the timer fires');
    const ended = sweepEnd((watch) => {
      watchers.add(watch);
      return () => watchers.delete(watch);
    }).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : 'unknown'),
    );
    await fetch(`${host.url}/admin/functions/sweep`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"input":""}',
    }).catch(() => undefined);
    const over = new AbortController();
    const failure = await Promise.race([ended, untilGone(host, over.signal)]);
    over.abort();
    const result = failure === null ? 'done' : 'failed';
    const common = { instance: ANY_INSTANCE, kind: 'sweep', resourceUri: null } as const;
    invocations.push({ ...common, startedAt, endedAt: Date.now(), result });
    return failure;
  }

  async function untilGone(host: HostProcess, over: AbortSignal): Promise<string> {
    const end = Date.now() + LONGEST_SWEEP_MS;
    while (living.has(host) && Date.now() < end && !over.aborted) await pause(100);
    return 'its host was killed, or it took two minutes';
  }

  return {
    azure,
    random,
    canaries,
    time: { now: () => Date.now(), sleep: (ms) => pause(ms / FASTER) },
    tell,
    get hosts() {
      return [...living];
    },
    get killedAtWrites() {
      return killedAtWrites;
    },
    start,
    kill,
    killAtWrites: (next) => {
      killAt = next;
    },
    sweep,
    untilSettled: () => untilSettled(azure, storage, wire),
    evidence: async () => ({
      azure,
      storage: await readStorage(storage),
      wire,
      story,
      given,
      invocations,
      deployments,
      approvals: [],
      canaries,
      time: { now: () => Date.now() },
    }),
    close: async () => {
      isClosed = true;
      await Promise.all([...living].map((host) => kill(host)));
      await simulator.close();
    },
  };
}
