import { Azure } from '../../simulator/azure.js';
import { seededRandom } from '../../simulator/random.js';
import type { Switches } from '../../simulator/switches.js';
import { buildApp, type Outside } from '../../src/app.js';
import { logLine } from '../../src/log-line.js';
import { readSettings } from '../../src/settings/settings.js';
import type { AuditRecord } from '../../src/types/record.js';
import { SUBSCRIPTION } from '../../demo/stack.js';
import { carryCalls, type StrikeStorage } from '../storage/carry-call.js';
import { createStorageAccount } from '../storage/storage-account.js';
import { StorageState } from '../storage/storage-state.js';
import type { VirtualTime } from '../virtual/virtual-time.js';
import { armCredential } from './arm-credential.js';
import { armHttp } from './arm-http.js';
import type { Tenant } from '../estate/tenant.js';
import type { Deployment, Evidence, GivenApproval, Moment } from '../evidence/evidence.js';
import { ARM_URL, HOLDFAST } from './holdfast.js';
import { createHost, type Host, type Invocation, type RunningApp } from './host.js';
import { Instance } from './instance.js';
import type { Exchange } from './wire.js';

/** What an instance reaches, before it gets it: a mutation test puts something broken in between. */
export type Tamper = (outside: Outside, instance: Instance) => Outside;

export interface WorldOptions {
  readonly switches?: Partial<Switches>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly failedEventIs?: 'retried' | 'lost';
  readonly tamper?: Tamper;
}

/** What can be broken from outside while a run goes on. */
export interface Weather {
  strikeStorage: StrikeStorage;
  isIdentityDown: boolean;
  isQueueDown: boolean;
  /** How many rows a page of a table query has at most. */
  tablePage: number;
}

/** One run's whole world: Azure, the storage account, the host and the instances of the app in it. */
export interface World extends Evidence, Tenant {
  readonly time: VirtualTime;
  readonly host: Host;
  readonly canaries: string[];
  readonly given: string[];
  /** Every call that left an instance. */
  readonly steps: readonly Moment[];
  readonly weather: Weather;
  readonly approvals: GivenApproval[];
  /** Starts one more instance. */
  start(skewMs?: number): RunningApp;
  /** Ends every instance and starts one with some settings changed. */
  redeploy(changed: Readonly<Record<string, string>>): void;
}

export function createWorld(time: VirtualTime, seed: number, options: WorldOptions = {}): World {
  const random = seededRandom(seed);
  let environment: Readonly<Record<string, string>> = {
    HOLDFAST_SCOPES: `/subscriptions/${SUBSCRIPTION}`,
    HOLDFAST_MODE: 'enforce',
    AZURE_RESOURCE_MANAGER_URL: ARM_URL,
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    ...options.settings,
  };
  const deployments: Deployment[] = [{ at: time.now(), settings: readSettings(environment) }];
  const weather: Weather = {
    strikeStorage: () => null,
    isIdentityDown: false,
    isQueueDown: false,
    tablePage: 1000,
  };
  const storage = new StorageState(() => time.now());
  const wire: Exchange[] = [];
  const story: Moment[] = [];
  const steps: Moment[] = [];
  const given: string[] = [];
  const invocations: Invocation[] = [];
  const tell = (what: string): void => {
    story.push({ at: time.now(), what });
  };
  const host = createHost(
    time,
    random,
    storage,
    { failedEventIs: options.failedEventIs ?? 'retried', isQueueDown: () => weather.isQueueDown },
    {
      onInvoked: (invocation) => {
        invocations.push(invocation);
      },
      onError: (what, error) => {
        const text = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
        given.push(text);
        tell(`${what} failed: ${text}`);
      },
    },
  );
  const azure = new Azure(() => ARM_URL, {
    subscriptions: [SUBSCRIPTION],
    identity: HOLDFAST,
    clock: time.clock,
    seed,
    latency: { minMs: 5, maxMs: 60 },
    events: { call: host.callWebhook },
    ...(options.switches === undefined ? {} : { switches: options.switches }),
  });

  function start(skewMs = 0): RunningApp {
    const instance = new Instance(`instance-${host.apps.length + 1}`, skewMs, time, (what) => {
      steps.push({ at: time.now(), what });
    });
    const outside: Outside = {
      credential: armCredential(azure, instance, time, () => weather.isIdentityDown),
      http: armHttp(azure, instance, time, wire),
      storage: createStorageAccount(
        storage,
        carryCalls(instance, time, random, (call) => weather.strikeStorage(call)),
        () => random.guid(),
        (asked) => Math.min(asked, weather.tablePage),
      ),
      alarms: {
        raise: (alarm) => {
          given.push(logLine({ holdfast: 'alarm', ...alarm }));
        },
      },
      sinks: [
        {
          write: (record: AuditRecord) => {
            given.push(logLine({ holdfast: 'record', ...record }));
          },
        },
      ],
    };
    const tampered = options.tamper?.(outside, instance) ?? outside;
    const { engine } = time.as(instance, () => buildApp(readSettings(environment), tampered));
    const app = { instance, engine };
    host.add(app);
    tell(`${instance.name} starts${skewMs === 0 ? '' : `, its clock ${skewMs / 1000} s ahead`}`);
    return app;
  }

  function redeploy(changed: Readonly<Record<string, string>>): void {
    environment = { ...environment, ...changed };
    deployments.push({ at: time.now(), settings: readSettings(environment) });
    tell(`the app is deployed anew: ${JSON.stringify(changed)}`);
    for (const { instance } of host.apps) instance.die();
    start();
  }

  return {
    time,
    random,
    azure,
    storage,
    host,
    wire,
    story,
    steps,
    given,
    invocations,
    weather,
    deployments,
    approvals: [],
    canaries: [],
    tell,
    start,
    redeploy,
  };
}
