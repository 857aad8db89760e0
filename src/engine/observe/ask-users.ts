import { tryParseResourceId } from '../../types/resource-id.js';
import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import { flowBetween } from './flow-between.js';
import { inBatches } from '../in-batches.js';
import type { Look } from '../look/look.js';
import { noteReads } from '../readers/note-reads.js';
import type { Seen } from './observe.js';
import { namedConnections } from './observe-workflow.js';
import { forgetReads } from '../readers/save-reads.js';

/**
 * Asks the Logic Apps that call a vault as a principal what they use, and brings the index up to date with their
 * answers: a permission that is taken away is not given back. Says why where one of them does not answer; null where
 * all have. `principal` is named as in `write-target.ts`.
 */
export async function askUsers(
  deps: EngineDeps,
  look: Look,
  { observed }: Seen,
  principal: string,
  signal: AbortSignal,
): Promise<string | null> {
  if (observed.kind !== 'vault') return null;
  const [, objectId] = JSON.parse(principal) as readonly (string | null)[];
  const own = observed.readers.filter(
    ({ signIn }) => signIn.kind === 'managed-identity' && signIn.principalId === objectId,
  );
  const ids = [...new Set(own.map(({ workflowId }) => workflowId))];
  const silent = await inBatches(ids, async (workflowId) => {
    const id = tryParseResourceId(workflowId);
    return id === null || (await ask(deps, { ...look, id }, signal)) ? [] : [workflowId];
  });
  const [first] = silent.flat();
  if (first === undefined) return null;
  return `Azure does not show ${first}, which reads the vault as this principal, so nobody can say what it uses; its permissions are left as they are.`;
}

/**
 * False where Azure does not show the workflow. One that is gone uses nothing. Throws `ArmError` for what may pass.
 */
async function ask(deps: EngineDeps, look: Look, signal: AbortSignal): Promise<boolean> {
  const { id } = look;
  try {
    const { document } = await deps.reader.read(id, signal);
    const [connections, between] = await Promise.all([
      namedConnections(deps, document, signal),
      flowBetween(deps, id, document),
    ]);
    // What else is new about it concerns other vaults, which nobody would be told of later.
    await noteReads(deps, look, document, connections, between);
    return true;
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    if (error.details.kind === 'throttled' || error.details.kind === 'unavailable') throw error;
    if (error.details.kind !== 'not-found') return false;
    await forgetReads(deps, id);
    return true;
  }
}
