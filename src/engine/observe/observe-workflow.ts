import type { JsonObject } from '../../types/json.js';
import type { ConnectionFacts, SecretExposure } from '../../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { isInScope } from '../../types/scope.js';
import { connectionsOf, readConnectionFacts } from '../../workflow/connections.js';
import { nextExposures } from '../../workflow/exposure.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import { flowBetween } from './flow-between.js';
import { isForSomebody, type Look } from '../look/look.js';
import type { LookOptions } from '../look/look-at.js';
import { isStale } from '../look/modified-at.js';
import { spelledBy, type Seen } from './observe.js';
import type { ArmDocument } from '../ports/arm.js';
import type { ResourceMemory } from '../ports/memory.js';
import { digestOf } from '../record/record-digest.js';
import { successorsFor } from './successors.js';

/** Reads a workflow, what is remembered of it, and the connections it names. */
export async function observeWorkflow(deps: EngineDeps, look: Look, options: LookOptions): Promise<Seen> {
  const { id } = look;
  const { signal } = options;
  const isCounted = options.confirmReleases || isForSomebody(look);
  const [{ memory, counted, first }, indexed] = await Promise.all([
    isCounted ? readAfterCounting(deps, id, signal) : readAtOnce(deps, id, signal),
    readIndex(deps, id),
  ]);
  const [between, { connections, successors }] = await Promise.all([
    flowBetween(deps, id, first.document, indexed.handers),
    connectionsOfIt(deps, first.document, signal, indexed.connections),
  ]);
  // What somebody saves while others are being asked must be in what is planned from.
  const arm = successors.size > 0 && !look.dryRun ? await deps.reader.read(id, signal) : first;
  const isOutdated = isStale(arm.document, memory.lastWriteAt, deps.now());
  const exposures = isOutdated ? counted : nextExposures(counted, arm.document, connections, deps.now());
  const isNews = !look.dryRun && digestOf(exposures) !== digestOf(memory.exposures);
  return {
    text: arm.text,
    document: arm.document,
    memory: isNews ? { ...memory, exposures } : memory,
    // Before anything is written: once the action is shut, nothing in the workflow tells that it stood open.
    isUnsaved: isNews,
    surroundings: null,
    isFresh: true,
    observed: {
      kind: 'workflow',
      id: spelledBy(arm.document, id),
      workflow: arm.document,
      connections,
      askedForByName: look.askedForByName,
      flowBetween: between,
      exposures,
      successors,
    },
  };
}

interface FirstRead {
  readonly memory: ResourceMemory;
  readonly counted: readonly SecretExposure[];
  readonly first: ArmDocument;
}

async function readAtOnce(deps: EngineDeps, id: ResourceId, signal: AbortSignal): Promise<FirstRead> {
  const [memory, first] = await Promise.all([deps.memory.read(id), deps.reader.read(id, signal)]);
  return { memory, counted: memory.exposures, first };
}

/** Counting may take a while; the resource is read after it. */
async function readAfterCounting(deps: EngineDeps, id: ResourceId, signal: AbortSignal): Promise<FirstRead> {
  const memory = await deps.memory.read(id);
  const counted = await withRunsCounted(deps, id, memory.exposures, signal);
  return { memory, counted, first: await deps.reader.read(id, signal) };
}

/** What the index has of the workflow, asked while the workflow itself is read. */
async function readIndex({ readers }: Pick<EngineDeps, 'readers'>, id: ResourceId): Promise<Indexed> {
  const [handers, known] = await Promise.all([readers.handersTo(id), readers.workflow(id)]);
  const ids = known?.connectionIds ?? [];
  return { handers, connections: ids.length === 0 ? new Map() : await readers.connections(ids) };
}

interface Indexed {
  readonly handers: readonly string[];
  /** Those that it named when it was last seen. */
  readonly connections: ReadonlyMap<string, ConnectionFacts>;
}

async function connectionsOfIt(
  deps: EngineDeps,
  document: JsonObject,
  signal: AbortSignal,
  indexed: Indexed['connections'],
) {
  const connections = await namedConnections(deps, document, signal, indexed);
  return { connections, successors: await successorsFor(deps, document, connections, signal) };
}

/** Counts the runs that may hold a secret, where they have not been counted; what Azure does not show stays unknown. */
export async function withRunsCounted(
  deps: Pick<EngineDeps, 'reader' | 'now'>,
  id: ResourceId,
  exposures: readonly SecretExposure[],
  signal: AbortSignal,
): Promise<readonly SecretExposure[]> {
  if (exposures.every(({ runs }) => runs !== null)) return exposures;
  const counts = new Map<string | null, Promise<SecretExposure['runs']>>();
  const count = (until: string | null): Promise<SecretExposure['runs']> => {
    const counting =
      counts.get(until) ??
      deps.reader
        .countRuns(id, null, until === null ? deps.now() : new Date(until), signal)
        .catch((error: unknown) => {
          if (error instanceof ArmError) return null;
          throw error;
        });
    counts.set(until, counting);
    return counting;
  };
  const counted = async (exposure: SecretExposure): Promise<SecretExposure> => {
    if (exposure.runs !== null) return exposure;
    const runs = await count(exposure.repairedAt);
    // That there was none closes the matter for good, and the list of runs may lag behind.
    const isSettled =
      exposure.repairedAt === null || deps.now().getTime() - Date.parse(exposure.repairedAt) > RUNS_LAG_MS;
    return runs?.count === 0 && !isSettled ? exposure : { ...exposure, runs };
  };
  return Promise.all(exposures.map(counted));
}

const RUNS_LAG_MS = 5 * 60_000;

/**
 * The connections that a workflow names: as remembered; one that was never seen is read once, by its id, because
 * it is the connection that says which vault it is for. One that cannot be read stays unknown.
 */
export async function namedConnections(
  deps: EngineDeps,
  document: JsonObject,
  signal: AbortSignal,
  indexed: ReadonlyMap<string, ConnectionFacts> = new Map(),
): Promise<ReadonlyMap<string, ConnectionFacts>> {
  const ids = namedConnectionIds(document);
  const known = new Map([...indexed].filter(([id]) => ids.includes(id)));
  const unread = ids.filter((id) => !known.has(id));
  if (unread.length > 0)
    for (const [id, facts] of await deps.readers.connections(unread)) known.set(id, facts);
  const unseen = ids.filter((id) => !known.has(id));
  const facts = await Promise.all(unseen.map((id) => learnConnection(deps, id, signal)));
  facts.forEach((fact, i) => {
    const id = unseen[i];
    if (fact !== null && id !== undefined) known.set(id, fact);
  });
  return known;
}

/** The ids, in lower case, of the connections that a workflow names. */
export function namedConnectionIds(document: JsonObject): readonly string[] {
  return connectionsOf(document)
    .map(({ connectionId }) => connectionId)
    .filter((id) => id !== null);
}

const UNREADABLE: ConnectionFacts = { apiId: null, vaultName: null };

export async function learnConnection(
  deps: EngineDeps,
  connectionId: string,
  signal: AbortSignal,
): Promise<ConnectionFacts | null> {
  const id = tryParseResourceId(connectionId);
  if (id?.kind !== 'connection' || !isInScope(id, deps.policy.scopes)) return null;
  try {
    const { document } = await deps.reader.read(id, signal);
    const facts = readConnectionFacts(document);
    await deps.readers.saveConnection(id, facts);
    return facts;
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    // Whatever an author wrote there, it must not keep anything else from being looked at. While this waited in vain,
    // somebody else may have read it: saved as unknown, the workflow would be forgotten by its vault.
    if (error.details.kind === 'throttled' || error.details.kind === 'unavailable')
      return (await deps.readers.connections([id.key])).get(id.key) ?? null;
    // It says nothing, and will say nothing next time: asked again when it is listed or written.
    await deps.readers.saveConnection(id, UNREADABLE);
    return UNREADABLE;
  }
}
