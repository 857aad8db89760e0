import type { JsonObject } from '../../types/json.js';
import type { ConnectionUser } from '../../types/observation.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { connectionsOf, isKeyVaultApi, readConnectionFacts } from '../../workflow/connections.js';
import { moveObstaclesOf } from '../../workflow/move-obstacles.js';
import { successorIdOf } from '../../workflow/successor.js';
import { writeHazardsOf } from '../../workflow/write-hazards.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import { inBatches } from '../in-batches.js';
import { spelledBy, type Seen } from './observe.js';
import { namedConnections } from './observe-workflow.js';
import { readIfThere } from './read-if-there.js';
import { identityOf, vaultAccess, type VaultAccessOf } from './successors.js';
import type { ArmDocument } from '../ports/arm.js';
import type { ResourceMemory } from '../ports/memory.js';

/** What is done with a connection as soon as it was read. */
export type NoteConnection = (document: JsonObject, memory: ResourceMemory) => Promise<void>;

/**
 * Reads a connection and, where it reaches a vault with kept credentials, who uses it and whether they could reach it
 * without. What it is for is noted before they are read: none of them keeps it from being known.
 */
export async function observeConnection(
  deps: EngineDeps,
  id: ResourceId,
  signal: AbortSignal,
  access: VaultAccessOf = (vaultName) => vaultAccess(deps, vaultName, signal),
  note: NoteConnection = () => Promise.resolve(),
): Promise<Seen> {
  const [{ document }, memory] = await Promise.all([deps.reader.read(id, signal), deps.memory.read(id)]);
  await note(document, memory);
  const facts = readConnectionFacts(document);
  const isToMove = isKeyVaultApi(facts.apiId) && (facts.signIn === 'user' || facts.signIn === 'application');
  const [users, successor] = isToMove
    ? await Promise.all([
        usersOf(deps, id, facts.vaultName, access, signal),
        readIfShown(deps, successorIdOf(id), signal),
      ])
    : [[], null];
  return {
    text: '',
    document,
    memory,
    surroundings: null,
    isFresh: true,
    observed: {
      kind: 'connection',
      id: spelledBy(document, id),
      connection: document,
      users,
      // One that Azure does not show is there all the same, and is nothing that a workflow could be moved to.
      successor: successor === 'hidden' ? {} : (successor?.document ?? null),
    },
  };
}

async function usersOf(
  deps: EngineDeps,
  id: ResourceId,
  vaultName: string | null,
  access: VaultAccessOf,
  signal: AbortSignal,
): Promise<readonly ConnectionUser[]> {
  const workflowIds = await deps.readers.workflowsOn(id);
  if (workflowIds.length === 0) return [];
  const mayRead = vaultName === null ? null : await access(vaultName);
  const users = await inBatches(workflowIds, async (workflowId): Promise<readonly ConnectionUser[]> => {
    const parsed = tryParseResourceId(workflowId);
    const arm = parsed === null ? null : await readIfShown(deps, parsed, signal);
    // One that cannot be read cannot be moved; one that is gone uses nothing.
    if (arm === 'hidden' || parsed === null) return [hiddenUser(workflowId)];
    if (arm === null) return [];
    const keys = connectionsOf(arm.document).flatMap((one) => (one.connectionId === id.key ? [one.key] : []));
    if (keys.length === 0) return [];
    const identity = identityOf(arm.document);
    return [
      {
        workflowId: spelledBy(arm.document, parsed).id,
        keys,
        identity,
        mayRead: mayRead?.(identity) ?? 'unknown',
        obstacles: [
          ...writeHazardsOf(arm.document, false).reasons,
          ...moveObstaclesOf(arm.document, await namedConnections(deps, arm.document, signal))(id.key),
        ],
      },
    ];
  });
  return users.flat();
}

function hiddenUser(workflowId: string): ConnectionUser {
  const obstacles = ['Azure does not show the workflow to Holdfast.'];
  return { workflowId, keys: [], identity: null, mayRead: 'unknown', obstacles };
}

/** Null where there is none; `hidden` where Azure does not say. Throws `ArmError` for what may pass. */
async function readIfShown(
  deps: Pick<EngineDeps, 'reader'>,
  id: ResourceId,
  signal: AbortSignal,
): Promise<ArmDocument | null | 'hidden'> {
  try {
    return await readIfThere(deps, id, signal);
  } catch (error) {
    if (error instanceof ArmError && ['unauthorized', 'rejected'].includes(error.details.kind))
      return 'hidden';
    throw error;
  }
}
