import { createArmUrl } from '../../src/azure/arm-urls.js';
import { ArmError, type ArmErrorKind } from '../../src/engine/arm-error.js';
import type { EngineDeps } from '../../src/engine/engine-deps.js';
import { NO_MEMORY, type ResourceMemory } from '../../src/engine/ports/memory.js';
import type { PendingRecord, WriteEvidence } from '../../src/engine/ports/audit-log.js';
import type { ReconcileMessage, SweepMessage } from '../../src/engine/ports/queue.js';
import type { ResourceStanding } from '../../src/engine/ports/standings.js';
import type { Learned } from '../../src/engine/ports/reader-index.js';
import type { ListedPage } from '../../src/engine/ports/arm.js';
import type { Scope } from '../../src/types/scope.js';
import type { SweepProgress } from '../../src/engine/ports/sweep-store.js';
import type { JsonObject } from '../../src/types/json.js';
import type { ConnectionFacts, WorkflowReads } from '../../src/types/observation.js';
import type { MaxChanges } from '../../src/types/max-changes.js';
import type { AuditRecord } from '../../src/types/record.js';
import type { RemediatorId } from '../../src/types/remediator-id.js';
import { parseResourceId, type ResourceId } from '../../src/types/resource-id.js';
import { isInScope } from '../../src/types/scope.js';
import { hashedKey } from '../../src/engine/hashed-key.js';
import { OutrunError } from '../../src/engine/ports/stored.js';
import type {
  ActivityEvent,
  Alarm,
  AuditProgress,
  BegunComparison,
  RepeatedWrite,
} from '../../src/engine/self-audit/ports.js';

export const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';
export const OWN_ID = 'aaaaaaaa-0000-4000-8000-000000000001';

export const vaultId = (name = 'kv-one'): ResourceId =>
  parseResourceId(
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${name}`,
  );
export const workflowId = (name = 'play'): ResourceId =>
  parseResourceId(
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Logic/workflows/${name}`,
  );

export function armError(kind: ArmErrorKind, retryAfterMs: number | null = null): ArmError {
  return new ArmError(`Azure said ${kind}.`, {
    kind,
    status: null,
    code: null,
    retryAfterMs,
    armRequestId: 'arm-error',
  });
}

/** The remediators that are on unless a test says otherwise: those of a vault's firewall and a workflow's outputs. */
const MAIN: readonly RemediatorId[] = [
  'vault-purge-protection',
  'vault-firewall',
  'vault-logic-app-ips',
  'workflow-secure-outputs',
];

/** What happens to the next write: an error, before or after Azure carried it out; or an answer of the test's own. */
export type WriteFault =
  { readonly error: ArmError; readonly isApplied: boolean } | { readonly answer: JsonObject };

/**
 * The engine's ports over plain maps, for the order of things within one look; how the real ARM and the real
 * storage behave is tested over the simulator and Azurite.
 */
export function fakeWorld() {
  const resources = new Map<string, JsonObject>();
  const records = new Map<string, AuditRecord & { evidence?: WriteEvidence }>();
  const history: AuditRecord[] = [];
  const memories = new Map<string, ResourceMemory>();
  const standings = new Map<string, ResourceStanding>();
  const surroundings = {
    roleAssignments: [] as JsonObject[],
    diagnosticSettings: new Map<string, JsonObject>(),
    deletedVaults: [] as JsonObject[],
  };
  const workflows = new Map<string, WorkflowReads>();
  const connections = new Map<string, ConnectionFacts>();
  const vaults = new Map<string, ResourceId>();
  /** How many changes were counted: `hour` for events, else by the sweep's correlation id. */
  const changes = new Map<string, number>();
  const totals = new Map<string, number>();
  const sweptAt = new Map<string, Date>();
  const versions = new Map<string, readonly JsonObject[]>();
  const versionFaults: ArmError[] = [];
  /** What somebody else does just before the next writes are carried out. */
  const interlopers: (() => void)[] = [];
  let saves = 0;
  const queue: { message: ReconcileMessage; delayMs: number }[] = [];
  const sweepMessages: { message: SweepMessage; delayMs: number }[] = [];
  const memoryTimes = new Map<string, Date>();
  const touched = new Map<string, { id: ResourceId; at: Date; etag: string }>();
  /** What the comparison has begun with, in order. */
  const turn = { begun: [] as BegunComparison[] };
  const progress = new Map<string, { value: SweepProgress; etag: string }>();
  const snapshots = new Map<string, { value: Buffer; etag: string }>();
  /** The activity log, what the comparison with it has come to, and what it has said. */
  const activity: ActivityEvent[] = [];
  /** Of the next questions; null for an answer. */
  const activityFaults: (ArmError | null)[] = [];
  const activityAsked: string[] = [];
  const audited = new Map<string, AuditProgress>();
  const ownIds = new Map<string, Date>();
  const alarms = new Map<string, Alarm>();
  const raised: Alarm[] = [];
  const repeated: RepeatedWrite[] = [];
  const learned = new Map<string, Learned>();
  const held = new Set<string>();
  let etags = 0;
  const poison: ReconcileMessage[] = [];
  const calls: string[] = [];
  const readFaults: ArmError[] = [];
  const writeFaults: WriteFault[] = [];
  const settings = {
    modes: {} as Record<string, 'off' | 'audit' | 'approve' | 'enforce'>,
    exempt: new Set<string>(),
    author: OWN_ID,
    isBusy: false,
    isCountDown: false,
    maxChanges: { kind: 'count', count: 50 } as MaxChanges,
    pageSize: 100,
    savedAt: null as string | null,
    armTime: null as Date | null,
    now: new Date('2026-11-23T12:00:00.000Z'),
  };

  const read = (id: ResourceId) => {
    calls.push(`GET ${id.name}`);
    const fault = readFaults.shift();
    if (fault !== undefined) return Promise.reject(fault);
    const document = resources.get(id.key);
    if (document === undefined) return Promise.reject(armError('not-found'));
    return Promise.resolve({ id, text: JSON.stringify(document), document });
  };
  const store = (id: ResourceId, document: JsonObject): JsonObject => {
    const stored = {
      ...document,
      systemData: { lastModifiedBy: settings.author, lastModifiedAt: settings.now.toISOString() },
    };
    return keep(id, stored);
  };
  /** A workflow's every save is a version, as ARM counts them: a newer one is smaller. */
  const keep = (id: ResourceId, document: JsonObject): JsonObject => {
    if (id.kind !== 'workflow') {
      resources.set(id.key, document);
      return document;
    }
    saves += 1;
    const version = (900_000 - saves).toString();
    const given = document.properties as JsonObject;
    // No two saves are of the same time, unless that is said.
    const savedAt = settings.savedAt ?? new Date(settings.now.getTime() + saves).toISOString();
    const properties = { ...given, version, changedTime: given.changedTime ?? savedAt };
    const saved = { ...document, properties };
    resources.set(id.key, saved);
    versions.set(id.key, [...(versions.get(id.key) ?? []), saved]);
    return saved;
  };
  const write = (method: string, id: ResourceId, document: JsonObject) => {
    calls.push(`${method} ${id.name}`);
    interlopers.shift()?.();
    const fault = writeFaults.shift();
    if (fault !== undefined && 'answer' in fault)
      return Promise.resolve({ document: fault.answer, armRequestId: 'arm-1' });
    if (fault === undefined || fault.isApplied) store(id, document);
    if (fault !== undefined) return Promise.reject(fault.error);
    return Promise.resolve({ document: resources.get(id.key) ?? {}, armRequestId: 'arm-1' });
  };
  async function* listOf(
    kind: ResourceId['kind'],
    scope: Scope,
    from: string | null = null,
  ): AsyncGenerator<ListedPage> {
    for (let start = Number(from?.slice('page '.length) ?? 0); ;) {
      calls.push(`LIST ${kind}`);
      const fault = readFaults.shift();
      if (fault !== undefined) throw fault;
      await Promise.resolve();
      const all = [...resources]
        .map(([key, document]) => ({ id: parseResourceId(key), document }))
        .filter(({ id }) => id.kind === kind && isInScope(id, [scope]));
      const items = all.slice(start, start + settings.pageSize);
      start += settings.pageSize;
      const next = start < all.length ? `page ${start}` : null;
      yield { items, next };
      if (next === null) return;
    }
  }

  /** What is stored is a copy: what somebody goes on with is not. */
  const storeIf = <T>(
    stored: Map<string, { value: T; etag: string }>,
    key: string,
    value: T,
    etag: string | null,
  ): Promise<string> => {
    if ((stored.get(key)?.etag ?? null) !== etag) return Promise.reject(new OutrunError('outrun'));
    etags += 1;
    const next = String(etags);
    stored.set(key, { value, etag: next });
    return Promise.resolve(next);
  };

  const deps: EngineDeps = {
    policy: {
      scopes: [{ subscriptionId: SUBSCRIPTION, resourceGroup: null }],
      modeOf: (id) => settings.modes[id] ?? (MAIN.includes(id) ? 'enforce' : 'off'),
      exemptions: () => settings.exempt as never,
      ipRetireAfterMs: 7 * 86_400_000,
      contestedAfter: 3,
      get maxChanges() {
        return settings.maxChanges;
      },
      keepPrincipals: new Set(),
      logWorkspace: null,
    },
    reader: {
      read,
      listVaults: (scope, _signal, from) => listOf('vault', scope, from),
      listWorkflows: (scope, _signal, from) => listOf('workflow', scope, from),
      listConnections: (scope, _signal, from) => listOf('connection', scope, from),
      listWorkflowVersions: (id) => {
        calls.push(`VERSIONS ${id.name}`);
        const fault = versionFaults.shift();
        if (fault !== undefined) return Promise.reject(fault);
        return Promise.resolve((versions.get(id.key) ?? []).toReversed());
      },
      readWorkflowVersion: (id, version) => {
        calls.push(`VERSION ${id.name}`);
        const found = versions.get(id.key)?.find((one) => (one.properties as JsonObject).version === version);
        if (found === undefined) return Promise.reject(armError('not-found'));
        return Promise.resolve({ id, text: JSON.stringify(found), document: found });
      },
      listRoleAssignments: (id) => {
        calls.push(`ROLES ${id.name}`);
        return Promise.resolve(surroundings.roleAssignments);
      },
      listDiagnosticSettings: (id) => {
        calls.push(`SETTINGS ${id.name}`);
        return Promise.resolve([...surroundings.diagnosticSettings.values()]);
      },
      listDeletedVaults: () => {
        calls.push('DELETED');
        return Promise.resolve(surroundings.deletedVaults);
      },
      countRuns: (id) => {
        calls.push(`RUNS ${id.name}`);
        return Promise.resolve({ count: 3, isAtLeast: false, first: '2026-11-01T00:00:00Z' });
      },
    },
    get sweepReader() {
      return deps.reader;
    },
    writer: {
      reserve: () => Promise.resolve(),
      release: () => undefined,
      patchVault: (id, body) => {
        const before = resources.get(id.key) ?? {};
        const patch = (JSON.parse(body) as JsonObject).properties as JsonObject;
        return write('PATCH', id, {
          ...before,
          properties: { ...(before.properties as JsonObject), ...patch },
        });
      },
      putWorkflow: (id, body) => write('PUT', id, JSON.parse(body) as JsonObject),
      replaceAccessPolicies: async (id, body) => {
        const before = resources.get(id.key) ?? {};
        const properties = before.properties as JsonObject;
        const sent = (JSON.parse(body) as { properties: { accessPolicies: JsonObject[] } }).properties;
        const own = new Set(sent.accessPolicies.map(({ objectId }) => objectId));
        const others = (properties.accessPolicies as JsonObject[]).filter(
          ({ objectId }) => !own.has(objectId),
        );
        const accessPolicies = [...others, ...sent.accessPolicies];
        await write('POLICY', id, { ...before, properties: { ...properties, accessPolicies } });
        return { document: JSON.parse(body) as JsonObject, armRequestId: 'arm-1' };
      },
      putDiagnosticSetting: (id, name, body) => {
        calls.push(`SETTING ${id.name}/${name}`);
        const setting = { ...(JSON.parse(body) as JsonObject), name };
        surroundings.diagnosticSettings.set(name, setting);
        return Promise.resolve({ document: setting, armRequestId: 'arm-1' });
      },
      recoverVault: (id) => {
        calls.push(`RECOVER ${id.name}`);
        surroundings.deletedVaults.length = 0;
        return Promise.resolve({ document: store(id, { id: id.id, properties: {} }), armRequestId: 'arm-1' });
      },
      putConnection: (id, body) => write('PUT', id, { id: id.id, ...(JSON.parse(body) as JsonObject) }),
    },
    armUrl: createArmUrl('https://management.azure.com'),
    callers: { callersOf: () => Promise.resolve(null) },
    ownIdentity: () => Promise.resolve(new Set([OWN_ID])),
    audit: {
      write(written, evidence) {
        // One row cannot be written twice in one transaction.
        if (new Set(written.map(({ id }) => id)).size < written.length)
          return Promise.reject(new Error('InvalidDuplicateRow'));
        for (const record of written) {
          history.push(record);
          const kept = evidence ?? records.get(record.id)?.evidence;
          records.set(record.id, kept === undefined ? record : { ...record, evidence: kept });
        }
        return Promise.resolve();
      },
      query: (query) =>
        Promise.resolve({
          records: [...records.values()].filter(
            ({ resourceId, outcome, time }) =>
              (query.until === undefined || query.until >= time) &&
              (query.resourceId === undefined || query.resourceId === resourceId) &&
              (query.outcome === undefined || query.outcome === outcome) &&
              (query.since === undefined || query.since <= time),
          ),
          continuationToken: null,
        }),
      find: (id) => Promise.resolve(records.get(id) ?? null),
      evidenceOf: ({ id }) => Promise.resolve(records.get(id)?.evidence ?? null),
      pending: (olderThan) =>
        Promise.resolve(
          [...records.values()]
            .filter(({ outcome, time }) => outcome === 'pending' && time < olderThan.toISOString())
            .map(({ evidence, ...record }): PendingRecord => ({ record, evidence: evidence ?? null })),
        ),
    },
    memory: {
      read: (id) => Promise.resolve(memories.get(id.key) ?? NO_MEMORY),
      readDated: (id) =>
        Promise.resolve({
          memory: memories.get(id.key) ?? NO_MEMORY,
          writtenAt: memoryTimes.get(id.key) ?? null,
        }),
      write: (id, memory) => {
        memories.set(id.key, memory);
        memoryTimes.set(id.key, settings.now);
        return Promise.resolve();
      },
    },
    standings: {
      read: (id) => Promise.resolve(standings.get(id.key) ?? null),
      readAt: (hash) => Promise.resolve(byHash(standings, hash)),
      async *each() {
        for (const standing of standings.values()) yield await Promise.resolve(standing);
      },
      page: (limit, token) => {
        const from = Number(token ?? 0);
        const all = [...standings.values()];
        const next = from + limit < all.length ? String(from + limit) : null;
        return Promise.resolve({ standings: all.slice(from, from + limit), continuationToken: next });
      },
      readAll: () => Promise.resolve(standings),
      write: (id, standing) => Promise.resolve(void standings.set(id.key, standing)),
      forget: (id) => Promise.resolve(void standings.delete(id.key)),
    },
    readers: {
      handersTo: (id) =>
        Promise.resolve(
          [...workflows.values()].filter((w) => w.handsSecretTo.includes(id.key)).map((w) => w.workflowId),
        ),
      readersOf: (name) =>
        Promise.resolve(
          [...workflows.values()].flatMap(({ workflowId, reads, isEnabled, listed }) =>
            reads
              .filter(({ vaultName }) => vaultName === name)
              .map(({ via, signIn, uses, hasUnknownUse, addresses }) => ({
                workflowId,
                via,
                signIn,
                uses,
                hasUnknownUse,
                addresses,
                isEnabled,
                listed,
              })),
          ),
        ),
      unresolvedReaders: () =>
        Promise.resolve(
          [...workflows.values()].flatMap(({ workflowId, reads }) =>
            reads.some(({ vaultName }) => vaultName === null) ? [workflowId] : [],
          ),
        ),
      workflow: (id) => Promise.resolve(workflows.get(id.key) ?? null),
      workflowAt: (hash) => Promise.resolve(byHash(workflows, hash)),
      async *knownIds() {
        for (const id of [...workflows.keys(), ...connections.keys()]) yield await Promise.resolve(id);
      },
      callersOf: (id) =>
        Promise.resolve(
          [...workflows.values()].filter((w) => w.calls.includes(id.key)).map((w) => w.workflowId),
        ),
      workflowsOn: (id) =>
        Promise.resolve(
          [...workflows.values()].filter((w) => w.connectionIds.includes(id.key)).map((w) => w.workflowId),
        ),
      saveWorkflow: (id, reads) => Promise.resolve(void workflows.set(id.key, reads)),
      forgetWorkflow: (id) => Promise.resolve(void workflows.delete(id.key)),
      connections: (ids) => Promise.resolve(new Map([...connections].filter(([id]) => ids.includes(id)))),
      connectionAt: (hash) => {
        const id = [...connections.keys()].find((key) => hashedKey(key) === hash);
        const facts = id === undefined ? undefined : connections.get(id);
        return Promise.resolve(id === undefined || facts === undefined ? null : { id, facts });
      },
      saveConnection: (id, facts) => Promise.resolve(void connections.set(id.key, facts)),
      vaultId: (name) => Promise.resolve(vaults.get(name) ?? null),
      saveVault: (id) => Promise.resolve(void vaults.set(id.name.toLowerCase(), id)),
      learned: (scopes) =>
        Promise.resolve(
          scopes.map((scope) => learned.get(nameOf(scope)) ?? { at: completed.at, failedAt: null }),
        ),
      noteLearned: (scope, one) => Promise.resolve(void learned.set(nameOf(scope), one)),
    },
    leases: {
      withLease: async (_id, work) =>
        settings.isBusy
          ? { kind: 'busy' }
          : { kind: 'done', value: await work(new AbortController().signal) },
      whileHeld: async (name, work) => {
        if (held.has(name)) return { kind: 'busy' };
        held.add(name);
        try {
          return { kind: 'done', value: await work(new AbortController().signal) };
        } finally {
          held.delete(name);
        }
      },
    },
    touched: {
      mark: (id) => {
        etags += 1;
        touched.set(id.key, { id, at: settings.now, etag: String(etags) });
        return Promise.resolve();
      },
      async *of(subscriptionId) {
        for (const one of [...touched.values()]) {
          if (one.id.subscriptionId === subscriptionId) yield await Promise.resolve(one);
        }
      },
      clear: ({ id, etag }) => {
        if (touched.get(id.key)?.etag === etag) touched.delete(id.key);
        return Promise.resolve();
      },
    },
    sweeps: {
      readProgress: (subscriptionId) => Promise.resolve(progress.get(subscriptionId) ?? null),
      writeProgress: (subscriptionId, value, etag) => storeIf(progress, subscriptionId, value, etag),
      readSnapshot: (subscriptionId) => {
        const stored = snapshots.get(subscriptionId);
        return Promise.resolve(stored === undefined ? null : { ...stored, value: Buffer.from(stored.value) });
      },
      writeSnapshot: (subscriptionId, bytes, etag) =>
        storeIf(snapshots, subscriptionId, Buffer.from(bytes), etag),
    },
    activityLog: {
      async *events(subscriptionId, resourceGroup, { from, to }) {
        activityAsked.push(`${resourceGroup ?? 'all'} ${from.toISOString()} ${to.toISOString()}`);
        const fault = activityFaults.shift() ?? null;
        if (fault !== null) throw fault;
        const under = `/subscriptions/${subscriptionId}${resourceGroup === null ? '' : `/resourcegroups/${resourceGroup}`}`;
        const found = activity.filter(
          ({ at, resourceId }) =>
            resourceId.toLowerCase().startsWith(under) && (at === null || (at >= from && at <= to)),
        );
        for (const event of found) yield await Promise.resolve([event]);
      },
    },
    selfAudits: {
      lastBegun: () => Promise.resolve(turn.begun.at(-1) ?? null),
      noteBegun: (begun) => {
        turn.begun.push(begun);
        return Promise.resolve();
      },
      ownIds: () => Promise.resolve(new Map(ownIds)),
      noteOwnId: (id, at) => Promise.resolve(void ownIds.set(id, at)),
      readProgress: (subscriptionId) =>
        Promise.resolve(audited.get(subscriptionId) ?? { comparedUntil: null, settledUntil: null }),
      writeProgress: (subscriptionId, value) => Promise.resolve(void audited.set(subscriptionId, value)),
      alarms: (subscriptionId) =>
        Promise.resolve(
          [...alarms.values()].filter(
            (alarm) => subscriptionId === undefined || alarm.subscriptionId === subscriptionId,
          ),
        ),
      add: (alarm) => {
        if (!alarms.has(alarm.id)) alarms.set(alarm.id, alarm);
        return Promise.resolve();
      },
      accept: (alarm, accepted) => {
        const stored = alarms.get(alarm.id);
        if (stored === undefined) return Promise.resolve(false);
        alarms.set(alarm.id, { ...stored, accepted });
        return Promise.resolve(true);
      },
      remove: ({ id }) => Promise.resolve(void alarms.delete(id)),
      noteRepeated: (write) => Promise.resolve(void repeated.push(write)),
      repeatedWrites: ({ from, to }) => Promise.resolve(repeated.filter(({ at }) => at >= from && at <= to)),
      forgetRepeatedBefore: () => Promise.resolve(),
    },
    alarms: { raise: (alarm) => void raised.push(alarm) },
    codeVersion: () => 'this code',
    queue: {
      send: (message, delayMs) => {
        if (message.v === 2) sweepMessages.push({ message, delayMs });
        else queue.push({ message, delayMs });
        return Promise.resolve();
      },
      poison: (message) => Promise.resolve(void poison.push(message)),
    },
    changes: {
      prepare: () => Promise.resolve(),
      take: (window, limit) => {
        if (settings.isCountDown) return Promise.reject(new Error('the storage account is down'));
        const key = window.kind === 'hour' ? 'hour' : window.correlationId;
        const made = changes.get(key) ?? 0;
        if (made >= limit) return Promise.resolve({ kind: 'denied', made });
        changes.set(key, made + 1);
        return Promise.resolve({ kind: 'granted', place: { window, minute: 0 } });
      },
      giveBack: ({ window }) => {
        const key = window.kind === 'hour' ? 'hour' : window.correlationId;
        changes.set(key, (changes.get(key) ?? 0) - 1);
        return Promise.resolve();
      },
    },
    sweepTotals: {
      read: () => Promise.resolve(totals),
      completedAt: () => Promise.resolve(sweptAt),
      save: (subscriptionId, resources) => Promise.resolve(void totals.set(subscriptionId, resources)),
    },
    deadLetters: {
      gather: () => Promise.resolve(),
      page: () => Promise.resolve({ letters: [], continuationToken: null }),
      read: () => Promise.resolve({ kind: 'gone' }),
      remove: () => Promise.resolve(),
    },
    readDeliveries: () => Promise.resolve([]),
    readBacklog: () =>
      Promise.resolve({ queued: queue.length, oldestAt: null, poison: poison.length, deadLetters: 0 }),
    probeStorage: () => Promise.resolve(null),
    probeScope: () => Promise.resolve([]),
    sweepFirings: () => [],
    sinks: [],
    now: () => settings.now,
    armTime: () => settings.armTime ?? settings.now,
  };
  const completed: { at: Date | null } = { at: new Date('2026-11-23T11:00:00Z') };

  return {
    deps,
    settings,
    completed,
    learned,
    touched,
    progress,
    snapshots,
    sweepMessages,
    resources,
    memories,
    standings,
    surroundings,
    workflows,
    connections,
    vaults,
    changes,
    totals,
    sweptAt,
    queue,
    poison,
    calls,
    readFaults,
    writeFaults,
    history,
    activity,
    activityFaults,
    activityAsked,
    audited,
    alarms,
    turn,
    raised,
    repeated,
    forgetRecord: (id: string) => records.delete(id),
    records: () => [...records.values()],
    put: keep,
    versions,
    versionFaults,
    interlopers,
    propertiesOf: (id: ResourceId) => resources.get(id.key)?.properties as JsonObject,
  };
}

function nameOf({ subscriptionId, resourceGroup }: Scope): string {
  return `${subscriptionId}/${resourceGroup ?? ''}`;
}

function byHash<T>(stored: ReadonlyMap<string, T>, hash: string): T | null {
  const key = [...stored.keys()].find((one) => hashedKey(one) === hash);
  return key === undefined ? null : (stored.get(key) ?? null);
}
