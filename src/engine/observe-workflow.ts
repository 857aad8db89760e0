import type { JsonObject } from '../types/json.js';
import type { ConnectionFacts } from '../types/observation.js';
import { tryParseResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import { connectionsOf, readConnectionFacts } from '../workflow/connections.js';
import { ArmError } from './arm-error.js';
import type { EngineDeps } from './engine-deps.js';
import type { Look } from './look.js';
import { spelledBy, type Seen } from './observe.js';

/** Reads a workflow, what is remembered of it, and the connections it names. */
export async function observeWorkflow(deps: EngineDeps, look: Look, signal: AbortSignal): Promise<Seen> {
  const { id } = look;
  const [arm, memory] = await Promise.all([deps.reader.read(id, signal), deps.memory.read(id)]);
  const connections = await namedConnections(deps, arm.document, signal);
  return {
    text: arm.text,
    document: arm.document,
    memory,
    observed: {
      kind: 'workflow',
      id: spelledBy(arm.document, id),
      workflow: arm.document,
      connections,
      askedForByName: look.askedForByName,
    },
  };
}

/**
 * The connections that a workflow names: as remembered; one that was never seen is read once, by its id, because
 * it is the connection that says which vault it is for. One that cannot be read stays unknown.
 */
export async function namedConnections(
  deps: EngineDeps,
  document: JsonObject,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ConnectionFacts>> {
  const ids = namedConnectionIds(document);
  if (ids.length === 0) return new Map();
  const known = new Map(await deps.readers.connections(ids));
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
    // Whatever an author wrote there, it must not keep anything else from being looked at.
    if (error.details.kind === 'throttled' || error.details.kind === 'unavailable') return null;
    // It says nothing, and will say nothing next time: asked again when it is listed or written.
    await deps.readers.saveConnection(id, UNREADABLE);
    return UNREADABLE;
  }
}
