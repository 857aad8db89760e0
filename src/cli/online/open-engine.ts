import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { codeVersion } from '../../code-version.js';
import { createHandEngine, type HandEngine } from '../../engine/hand-engine.js';
import { createEngine, type Engine } from '../../engine/engine.js';
import type { EngineDeps } from '../../engine/engine-deps.js';
import type { ListedPage, ListPages } from '../../engine/ports/arm.js';
import { markingWrites } from '../../engine/sweep/marking-writes.js';
import type { LaptopSettings } from '../../settings/settings.js';
import { createInlineQueue, type InlineQueue } from '../../state/local/inline-queue.js';
import { overlaid } from '../../state/local/overlay.js';
import { createLocalSweepStore } from '../../state/local/sweep-store.js';
import type { AuditRecord } from '../../types/record.js';
import { azurePorts } from '../../wiring/azure-ports.js';
import { policyOf } from '../../wiring/policy-of.js';
import { tablePorts } from '../../wiring/table-ports.js';
import { besideTheApp } from './beside-the-app.js';
import { watching, type Encounters } from './encounters.js';
import type { OpenState } from './open-state.js';
import { planOnly } from './plan-only.js';
import { nameOf, type SignedIn } from './sign-in.js';

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
  /** Called where a host has asked to wait. */
  readonly onThrottled?: (host: string) => void;
}

/** The command line's composition root: the app's engine, with this process for its queue, as whoever is signed in. */
export function openEngine(
  settings: LaptopSettings,
  signedIn: SignedIn,
  state: OpenState,
  { access, readers, onRecord, onListed, onThrottled }: EngineOptions,
): LaptopEngine {
  const encounters = watching(createDefaultHttpClient(), onThrottled);
  const now = (): Date => new Date();
  const queue = createInlineQueue(now);
  const { credential, actor } = signedIn;
  const azure = azurePorts(settings, credential, encounters.http, nameOf(signedIn));
  // What only shows a plan leaves nothing behind.
  const home = access === 'plan' ? overlaid(state.tables) : state.tables;
  const tables = tablePorts(home);
  const policy = policyOf(settings);
  const records = new Map<string, AuditRecord>();
  const deps: EngineDeps = {
    policy,
    operator: actor,
    ...azure,
    sweepReader: countingReader(azure.sweepReader, onListed),
    ...tables,
    ...(readers === undefined ? {} : { readers }),
    ...(access === 'plan' ? planOnly(policy, tables.memory) : {}),
    ...(state.isShared ? besideTheApp(tables, home, now) : {}),
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
    hand: createHandEngine({ ...marking, operator: actor }),
    queue,
    encounters,
    readers: deps.readers,
    lists: deps.sweepReader,
    records: () => [...records.values()],
  };
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
