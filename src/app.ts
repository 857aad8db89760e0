import { AsyncLocalStorage } from 'node:async_hooks';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { steadyCredential } from './azure/steady-credential.js';
import { createDelivery, type Delivery } from './delivery/delivery.js';
import { readBacklogOf } from './delivery/read-backlog-of.js';
import type { DeliveryTarget } from './delivery/target.js';
import { createTargets } from './delivery/targets.js';
import { portalLinks, portalOf } from './delivery/teams/portal-link.js';
import { createTeams } from './delivery/teams/teams.js';
import { createWake } from './delivery/wake.js';
import { withOutbox } from './delivery/with-outbox.js';
import { createEngine, type Engine } from './engine/engine.js';
import type { RecordSink } from './engine/engine-deps.js';
import { healthWithoutSettings, type Health } from './engine/health/health.js';
import type { AlarmSink } from './engine/self-audit/ports.js';
import { logLine } from './log-line.js';
import { codeVersion } from './code-version.js';
import { REMEDIATORS } from './remediators/index.js';
import { previousFirings } from './previous-firings.js';
import { InvalidSettingsError, readSettings, type Settings } from './settings/settings.js';
import { createReadBacklog } from './state/backlog.js';
import { createDeadLetters } from './state/dead-letters.js';
import { createDeliveryQueue } from './state/delivery-queue.js';
import { createLeases } from './state/leases.js';
import { createOutbox } from './state/outbox.js';
import { createReconcileQueue } from './state/reconcile-queue.js';
import { createSweepStore } from './state/sweep-store.js';
import { countRecord } from './telemetry/count-record.js';
import { measureDelivery } from './telemetry/measure-delivery.js';
import { ensureTelemetry } from './telemetry/telemetry.js';
import { createStorageAccount, type StorageAccount } from './state/storage-account.js';
import { createStorageProbe } from './state/storage-probe.js';
import { azurePorts } from './wiring/azure-ports.js';
import { policyOf } from './wiring/policy-of.js';
import { tablePorts } from './wiring/table-ports.js';
import type { RemediatorId } from './types/remediator-id.js';
import type { ResourceKind } from './types/resource-id.js';
import { scopeText } from './types/scope.js';

/** What a function's log takes: one line; at what level, where that matters to it. */
export type Log = (line: string, level?: 'error') => void;

/**
 * The composition root: the only place where things are built, once per process, when the first function runs and
 * not before. A setting that cannot be used fails that run, and each after it, with a message that names it.
 */
let app: App | undefined;
const invocationLog = new AsyncLocalStorage<Log>();

/** Runs a function's work with the engine; its records go to that function's log as well. */
export async function withEngine<T>(log: Log, work: (engine: Engine) => Promise<T>): Promise<T> {
  return withApp(log, ({ engine }) => work(engine));
}

/** Runs a function's work with the delivery of records; what comes of it goes to that function's log. */
export async function withDelivery<T>(log: Log, work: (delivery: Delivery) => Promise<T>): Promise<T> {
  return withApp(log, ({ delivery }) => work(delivery));
}

async function withApp<T>(log: Log, work: (app: App) => Promise<T>): Promise<T> {
  app ??= startApp(readSettings(process.env));
  const built = app;
  return invocationLog.run(log, () => work(built));
}

/** How this installation is, also where its settings cannot be used. */
export async function healthNow(log: Log): Promise<Health> {
  try {
    return await withEngine(log, (built) => built.health());
  } catch (error) {
    if (!(error instanceof InvalidSettingsError)) throw error;
    return healthWithoutSettings(error.message, codeVersion(), new Date());
  }
}

/** Whether the header that says who asks is App Service's own. Throws `InvalidSettingsError`. */
export function isAppServiceAuthOn(): boolean {
  return readSettings(process.env).isAppServiceAuthOn;
}

export interface PolicyInForce {
  /** `/subscriptions/{id}` or `/subscriptions/{id}/resourceGroups/{name}`, in lower case. */
  readonly scopes: readonly string[];
  readonly modes: Settings['modes'];
  /** What a resource's id follows in a link to the portal; null where that is not known. */
  readonly portal: string | null;
  /** Where a browser signs in, to come back to the dashboard; null where App Service does not authenticate. */
  readonly signIn: string | null;
}

/** https://learn.microsoft.com/azure/app-service/configure-authentication-customize-sign-in-out */
const SIGN_IN = '/.auth/login/aad?post_login_redirect_uri=/api/dashboard';

/** What the operator has set, as far as people who look at it have to know. Throws `InvalidSettingsError`. */
export function policyInForce(): PolicyInForce {
  const { scopes, modes, armEndpoint, isAppServiceAuthOn: isOn } = readSettings(process.env);
  return {
    scopes: scopes.map(scopeText),
    modes,
    portal: portalOf(armEndpoint),
    signIn: isOn ? SIGN_IN : null,
  };
}

/** Telemetry has settings of its own, the host's: it starts, once, also where Holdfast's cannot be used. Never rejects. */
export function telemetryStarted(log: Log): Promise<void> {
  return ensureTelemetry(process.env, log);
}

function startApp(settings: Settings): App {
  return buildApp(settings, azureItself(settings));
}

/** What the functions are given: the engine, and what brings its records elsewhere. */
export interface App {
  readonly engine: Engine;
  readonly delivery: Delivery;
}

/** What lies outside this process: who the app is there, the way to Azure, and its storage account. */
export interface Outside {
  readonly credential: TokenCredential;
  readonly http: HttpClient;
  readonly storage: StorageAccount;
  readonly sinks: readonly RecordSink[];
  readonly alarms: AlarmSink;
}

function azureItself(settings: Settings): Outside {
  const credential = new ManagedIdentityCredential(
    settings.clientId === null ? {} : { clientId: settings.clientId },
  );
  return {
    credential,
    http: createDefaultHttpClient(),
    storage: createStorageAccount(settings.storage, steadyCredential(credential)),
    sinks: [functionLog, { write: countRecord }],
    alarms: alarmLog,
  };
}

/** Builds everything, in order, by hand; connects to nothing. */
export function buildApp(settings: Settings, { http, storage, sinks, alarms, ...outside }: Outside): App {
  const credential = steadyCredential(outside.credential);
  const now = (): Date => new Date();
  const leases = createLeases(storage);
  const tables = tablePorts(storage);
  const outbox = createOutbox(storage, now);
  const deliveries = createDeliveryQueue(storage);
  const wake = createWake(deliveries, now);
  const targets = targetsOf(settings, { credential, http });
  const names = targets.map(({ name }) => name);
  const delivery = createDelivery(
    {
      outbox,
      audit: tables.audit,
      leases,
      queue: deliveries,
      now,
      tell: tellOfDelivery,
      observe: measureDelivery,
    },
    targets,
    wake,
  );
  const deadLetters = createDeadLetters(storage);
  const engine = createEngine({
    policy: policyOf(settings),
    ...azurePorts(settings, credential, http),
    ...tables,
    audit: names.length === 0 ? tables.audit : withOutbox(tables.audit, outbox, names, wake),
    leases,
    queue: createReconcileQueue(storage),
    sweeps: createSweepStore(storage),
    deadLetters,
    readBacklog: createReadBacklog(storage, deadLetters),
    readDeliveries: () => Promise.all(names.map((name) => readBacklogOf(outbox, name, now()))),
    probeStorage: createStorageProbe(storage),
    sweepFirings: (until) => previousFirings(settings.sweepSchedule, until, 3),
    alarms,
    codeVersion,
    sinks,
    now,
  });
  return { engine, delivery };
}

/** Where records go beside the audit log, as the operator has set it; none costs nothing. */
function targetsOf(
  settings: Settings,
  outside: Pick<Outside, 'credential' | 'http'>,
): readonly DeliveryTarget[] {
  const { teamsWebhook, armEndpoint, appUrl } = settings;
  const links = { portal: portalLinks(armEndpoint), app: appUrl };
  const teams = teamsWebhook === null ? [] : [createTeams(outside.http, teamsWebhook, links)];
  return [...teams, ...createTargets(settings.delivery, outside)];
}

const functionLog: RecordSink = {
  write(record) {
    invocationLog.getStore()?.(logLine({ holdfast: 'record', ...record }));
  },
};

function tellOfDelivery(what: Readonly<Record<string, unknown>>): void {
  const isTrouble = 'failed' in what || 'rejected' in what || 'unreadable' in what;
  invocationLog.getStore()?.(logLine({ holdfast: 'delivery', ...what }), isTrouble ? 'error' : undefined);
}

const alarmLog: AlarmSink = {
  raise(alarm) {
    invocationLog.getStore()?.(logLine({ holdfast: 'alarm', ...alarm }));
  },
};

/** The remediators that a kind of resource can be asked for. */
export function remediatorsFor(kind: ResourceKind): readonly RemediatorId[] {
  const kinds: readonly string[] = kind === 'vault' ? ['vault', 'deleted-vault'] : [kind];
  return REMEDIATORS.filter(({ appliesTo }) => appliesTo.some((one) => kinds.includes(one))).map(
    ({ id }) => id,
  );
}

// What the functions need to know of the engine: they import nothing deeper than this file.
export { readChangeEvent } from './engine/change-event.js';
export type { Approving } from './engine/approve.js';
export type { RemediateResult } from './engine/engine.js';
export type { Health } from './engine/health/health.js';
export { InvalidContinuationTokenError } from './engine/ports/audit-log.js';
export { InvalidSettingsError } from './settings/settings.js';
export { endTelemetry } from './telemetry/telemetry.js';
