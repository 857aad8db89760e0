import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { codeVersion } from '../../code-version.js';
import { ALL_TARGETS } from '../../delivery/outbox.js';
import { withOutbox } from '../../delivery/with-outbox.js';
import { createHandEngine, type HandEngine } from '../../engine/hand-engine.js';
import { createEngine, type Engine } from '../../engine/engine.js';
import type { EngineDeps } from '../../engine/engine-deps.js';
import type { Policy } from '../../engine/policy.js';
import type { AuditLog, ListedPage, ListPages, Memory, ResourceMemory } from '../../engine/ports.js';
import { markingWrites } from '../../engine/sweep/marking-writes.js';
import type { LaptopSettings } from '../../settings.js';
import { createInlineQueue, type InlineQueue } from '../../state/local/inline-queue.js';
import { overlaid } from '../../state/local/overlay.js';
import { createLocalSweepStore } from '../../state/local/sweep-store.js';
import { createOutbox } from '../../state/outbox.js';
import type { TableHome } from '../../state/table.js';
import { createMemory } from '../../state/memory.js';
import type { AuditRecord } from '../../types/record.js';
import { azurePorts } from '../../wiring/azure-ports.js';
import { policyOf } from '../../wiring/policy-of.js';
import { tablePorts } from '../../wiring/table-ports.js';
import { watching, type Encounters } from './encounters.js';
import type { OpenState } from './open-state.js';
import type { SignedIn } from './sign-in.js';

/** An engine that ends with the command, and what came of its work. */
export interface LaptopEngine {
  readonly engine: Engine;
  /** What nobody but a person does. */
  readonly hand: HandEngine;
  readonly queue: InlineQueue;
  readonly encounters: Encounters;
  readonly readers: EngineDeps['readers'];
  readonly lists: Pick<EngineDeps['sweepReader'], 'listVaults'>;
  /** Every record that was written, the latest state of each, in their order. */
  readonly records: () => readonly AuditRecord[];
}

export interface EngineOptions {
  /** `plan` writes nothing, neither to Azure nor to where state is kept; `write` does what the settings allow. */
  readonly access: 'plan' | 'write';
  /** Who reads which vault, where another engine of this command has found that out already. */
  readonly readers?: EngineDeps['readers'];
  /** Called for each record as it is written. */
  readonly onRecord?: (record: AuditRecord) => void;
  /** Called for each resource out of a list. */
  readonly onListed?: (count: number) => void;
}

/** The command line's composition root: the app's engine, with this process for its queue, as whoever is signed in. */
export function openEngine(
  settings: LaptopSettings,
  { credential, actor }: SignedIn,
  state: OpenState,
  { access, readers, onRecord, onListed }: EngineOptions,
): LaptopEngine {
  const encounters = watching(createDefaultHttpClient());
  const now = (): Date => new Date();
  const queue = createInlineQueue(now);
  const azure = azurePorts(settings, credential, encounters.http);
  // What only shows a plan leaves nothing behind.
  const home = access === 'plan' ? overlaid(state.tables) : state.tables;
  const tables = tablePorts(home);
  const policy = policyIn(policyOf(settings), access);
  const records = new Map<string, AuditRecord>();
  const deps: EngineDeps = {
    policy,
    operator: actor,
    ...azure,
    ...(access === 'plan' ? { writer: WRITES_NOTHING } : {}),
    sweepReader: countingReader(azure.sweepReader, onListed),
    ...tables,
    ...(readers === undefined ? {} : { readers }),
    ...(access === 'plan' ? { memory: forgettingRecords(createMemory(home)) } : {}),
    ...(state.isShared ? notOfTheApp({ ...tables, audit: delivered(tables.audit, home, now) }) : {}),
    leases: state.leases,
    queue,
    sweeps: createLocalSweepStore(),
    ...ONLY_IN_THE_APP,
    codeVersion,
    sinks: [
      {
        write(record) {
          records.set(record.id, record);
          onRecord?.(record);
        },
      },
    ],
    now,
  };
  // What comes of a sweep from here the app's next one must not pass over.
  const marking = state.isShared ? markingWrites(deps) : deps;
  return {
    engine: createEngine(marking),
    hand: createHandEngine(marking),
    queue,
    encounters,
    readers: deps.readers,
    lists: deps.sweepReader,
    records: () => [...records.values()],
  };
}

/** Nothing is enforced where only the plan is wanted; a mode that was set otherwise stays as it is. */
function policyIn(policy: Policy, access: EngineOptions['access']): Policy {
  if (access === 'write') return policy;
  return { ...policy, modeOf: (id) => (policy.modeOf(id) === 'off' ? 'off' : 'audit') };
}

/** Nobody asks it for anything where nothing is enforced; if anybody did, nothing would be sent. */
const refuse = (): Promise<never> => Promise.reject(new TypeError('A plan writes nothing to Azure.'));
const WRITES_NOTHING: EngineDeps['writer'] = {
  reserve: () => Promise.resolve(),
  release: () => undefined,
  patchVault: refuse,
  putWorkflow: refuse,
  replaceAccessPolicies: refuse,
  putDiagnosticSetting: refuse,
  recoverVault: refuse,
  putConnection: refuse,
};

/** What has been recorded before is planned again, so that it is shown again. What is written stays in this process. */
function forgettingRecords(stored: Memory): Memory {
  const own = new Map<string, { readonly memory: ResourceMemory; readonly writtenAt: Date }>();
  const readDated: Memory['readDated'] = async (id) => {
    const known = own.get(id.key);
    if (known !== undefined) return known;
    const { memory, writtenAt } = await stored.readDated(id);
    return { memory: { ...memory, recorded: {} }, writtenAt };
  };
  return {
    readDated,
    read: async (id) => (await readDated(id)).memory,
    write(id, memory) {
      own.set(id.key, { memory, writtenAt: new Date() });
      return Promise.resolve();
    },
  };
}

/**
 * Which targets the app delivers to is in its settings. It is not waked: that takes a right to its queue, and its next
 * record or sweep does.
 */
function delivered(audit: AuditLog, home: TableHome, now: () => Date): AuditLog {
  return withOutbox(audit, createOutbox(home, now), [ALL_TARGETS], { soon: () => Promise.resolve() });
}

/** How far the app's own sweeps have come, and what they saw, is theirs to say. */
function notOfTheApp({ audit, touched, sweepTotals }: Pick<EngineDeps, 'audit' | 'touched' | 'sweepTotals'>) {
  return {
    audit: {
      ...audit,
      // Under which name ARM has the app, is not known here.
      pending: async (olderThan: Date) =>
        (await audit.pending(olderThan)).filter(({ evidence }) => evidence?.by !== undefined),
    },
    touched: { ...touched, of: nothing, clear: () => Promise.resolve() },
    sweepTotals: { ...sweepTotals, save: () => Promise.resolve() },
  };
}

// eslint-disable-next-line @typescript-eslint/require-await
async function* nothing(): AsyncGenerator<never> {
  yield* [];
}

/** What no command asks for. */
const ONLY_IN_THE_APP: Pick<
  EngineDeps,
  'deadLetters' | 'readBacklog' | 'readDeliveries' | 'probeStorage' | 'sweepFirings' | 'alarms'
> = {
  deadLetters: {
    gather: () => Promise.resolve(),
    page: () => Promise.resolve({ letters: [], continuationToken: null }),
    read: () => Promise.resolve({ kind: 'gone' }),
    remove: () => Promise.resolve(),
  },
  readBacklog: () => Promise.resolve({ queued: 0, oldestAt: null, poison: 0, deadLetters: 0 }),
  readDeliveries: () => Promise.resolve([]),
  probeStorage: () => Promise.resolve(null),
  sweepFirings: () => [],
  alarms: { raise: () => undefined },
};

function countingReader(
  reader: EngineDeps['sweepReader'],
  onListed: ((count: number) => void) | undefined,
): EngineDeps['sweepReader'] {
  if (onListed === undefined) return reader;
  async function* counted(pages: ReturnType<ListPages>): AsyncGenerator<ListedPage> {
    for await (const page of pages) {
      onListed?.(page.items.length);
      yield page;
    }
  }
  return {
    ...reader,
    listVaults: (...asked) => counted(reader.listVaults(...asked)),
    listWorkflows: (...asked) => counted(reader.listWorkflows(...asked)),
    listConnections: (...asked) => counted(reader.listConnections(...asked)),
  };
}
