import { AsyncLocalStorage } from 'node:async_hooks';
import { createDefaultHttpClient, type HttpClient } from '@azure/core-rest-pipeline';
import { ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { createActivityLog } from './azure/activity-log.js';
import { createArmClock } from './azure/arm-clock.js';
import { createArmPipelines } from './azure/arm-pipeline.js';
import { createArmUrl } from './azure/arm-urls.js';
import { createArmReader } from './azure/arm-reader.js';
import { createArmWriter } from './azure/arm-writer.js';
import { createCallerLog } from './azure/caller-log.js';
import { createPacer } from './azure/pacer.js';
import { createScopeProbe } from './azure/scope-probe.js';
import { createOwnIdentity, createOwnTenant } from './azure/own-identity.js';
import { steadyCredential } from './azure/steady-credential.js';
import { createDelivery, type Delivery } from './delivery/delivery.js';
import { readBacklogOf } from './delivery/read-backlog-of.js';
import type { DeliveryTarget } from './delivery/target.js';
import { createTargets } from './delivery/targets.js';
import { portalLinks } from './delivery/teams/portal-link.js';
import { createTeams } from './delivery/teams/teams.js';
import { createWake } from './delivery/wake.js';
import { withOutbox } from './delivery/with-outbox.js';
import { createEngine, type Engine } from './engine/engine.js';
import type { RecordSink } from './engine/engine-deps.js';
import { healthWithoutSettings, type Health } from './engine/health/health.js';
import type { AlarmSink } from './engine/self-audit/ports.js';
import type { Policy } from './engine/policy.js';
import { logLine } from './log-line.js';
import { codeVersion } from './code-version.js';
import { REMEDIATORS } from './remediators/index.js';
import { previousFirings } from './previous-firings.js';
import { InvalidSettingsError, readSettings, type Settings } from './settings.js';
import { createAuditLog } from './state/audit-log.js';
import { createReadBacklog } from './state/backlog.js';
import { createChangeCounter } from './state/change-counter.js';
import { createDeadLetters } from './state/dead-letters.js';
import { createDeliveryQueue } from './state/delivery-queue.js';
import { createLeases } from './state/leases.js';
import { createMemory } from './state/memory.js';
import { createOutbox } from './state/outbox.js';
import { createReaderIndex } from './state/reader-index.js';
import { createReconcileQueue } from './state/reconcile-queue.js';
import { createSelfAuditStore } from './state/self-audit-store.js';
import { createStandings } from './state/standings.js';
import { createSweepTotals } from './state/sweep-totals.js';
import { createSweepStore } from './state/sweep-store.js';
import { createTouched } from './state/touched.js';
import { countRecord } from './telemetry/count-record.js';
import { measureDelivery } from './telemetry/measure-delivery.js';
import { ensureTelemetry } from './telemetry/telemetry.js';
import { createStorageAccount, type StorageAccount } from './state/storage-account.js';
import { createStorageProbe } from './state/storage-probe.js';
import type { RemediatorId } from './types/remediator-id.js';
import type { ResourceKind } from './types/resource-id.js';

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
  const auditLog = createAuditLog(storage);
  const outbox = createOutbox(storage, now);
  const deliveries = createDeliveryQueue(storage);
  const wake = createWake(deliveries, now);
  const targets = targetsOf(settings, { credential, http });
  const names = targets.map(({ name }) => name);
  const delivery = createDelivery(
    {
      outbox,
      audit: auditLog,
      leases,
      queue: deliveries,
      now,
      tell: tellOfDelivery,
      observe: measureDelivery,
    },
    targets,
    wake,
  );
  const pacer = createPacer();
  const clock = createArmClock();
  const pipelines = createArmPipelines(settings.armEndpoint, credential, clock.watch(http), pacer);
  const deadLetters = createDeadLetters(storage);
  const engine = createEngine({
    policy: policyOf(settings),
    reader: createArmReader(pipelines.urgent, settings.armEndpoint),
    sweepReader: createArmReader(pipelines.sweep, settings.armEndpoint),
    writer: createArmWriter(
      pipelines.urgent,
      settings.armEndpoint,
      createOwnTenant(credential, settings.armEndpoint),
      pacer,
    ),
    armUrl: createArmUrl(settings.armEndpoint),
    callers: createCallerLog(credential, settings.logEndpoint, settings.logWorkspace),
    ownIdentity: createOwnIdentity(credential, settings.armEndpoint),
    audit: names.length === 0 ? auditLog : withOutbox(auditLog, outbox, names, wake),
    memory: createMemory(storage),
    standings: createStandings(storage),
    readers: createReaderIndex(storage),
    leases,
    queue: createReconcileQueue(storage),
    changes: createChangeCounter(storage),
    sweepTotals: createSweepTotals(storage),
    touched: createTouched(storage),
    sweeps: createSweepStore(storage),
    deadLetters,
    readBacklog: createReadBacklog(storage, deadLetters),
    readDeliveries: () => Promise.all(names.map((name) => readBacklogOf(outbox, name))),
    probeStorage: createStorageProbe(storage),
    probeScope: createScopeProbe(pipelines.sweep, settings.armEndpoint),
    sweepFirings: (until) => previousFirings(settings.sweepSchedule, until, 3),
    activityLog: createActivityLog(pipelines.sweep.logic, settings.armEndpoint),
    selfAudits: createSelfAuditStore(storage),
    alarms,
    codeVersion,
    sinks,
    now,
    armTime: () => clock.earliest(),
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

/** What the operator decided, for the engine. */
export function policyOf(settings: Settings): Policy {
  return {
    scopes: settings.scopes,
    modeOf: (id) => settings.modes[id],
    exemptions: (id) => settings.exempt.get(id.key) ?? new Set(),
    ipRetireAfterMs: settings.ipRetireAfterMs,
    maxChanges: settings.maxChanges,
    contestedAfter: settings.contestedAfter,
    keepPrincipals: settings.keepPrincipals,
    logWorkspace: settings.logWorkspace,
  };
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
export { InvalidContinuationTokenError } from './engine/ports.js';
export { InvalidSettingsError } from './settings.js';
export { endTelemetry } from './telemetry/telemetry.js';
