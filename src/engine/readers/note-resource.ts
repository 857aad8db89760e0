import { isJsonObject, type JsonObject } from '../../types/json.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';
import type { Look } from '../look/look.js';
import { noteReads } from './note-reads.js';
import type { Seen } from '../observe/observe.js';
import { namedConnections } from '../observe/observe-workflow.js';
import { queueAnother, queueLook } from '../look/queue-look.js';
import { saveFacts } from './save-facts.js';
import { marking } from './save-reads.js';

/** Remembers where a vault is, what a workflow reads, or what a connection is for: the one needs the other. */
export async function noteResource(
  deps: EngineDeps,
  look: Look,
  { observed, document }: Seen,
  signal: AbortSignal,
  live: JsonObject = document,
): Promise<void> {
  switch (observed.kind) {
    case 'vault':
      return deps.readers.saveVault(observed.id);
    case 'deleted-vault':
      // Recovered, it is a vault like any other, and may be open; its diagnostic settings may be lost.
      if (live !== document) {
        const again = { ...look, remediators: null, askedForByName: false, isOfSurroundings: true };
        await queueLook(deps, again);
      }
      return;
    case 'workflow':
      // A write may have pointed it at connections that the document it was planned from did not name.
      return noteReads(
        deps,
        look,
        live,
        live === document ? observed.connections : await namedConnections(deps, live, signal),
        observed.flowBetween,
      );
    case 'connection':
      return noteConnection(deps, look, live, observed.successor);
  }
}

/**
 * A connection may now be for another vault, sign in otherwise, or have another to take its place: then every workflow
 * that names it is looked at, which in turn concerns the vaults.
 */
async function noteConnection(
  deps: EngineDeps,
  look: Look,
  live: JsonObject,
  successor: JsonObject | null,
): Promise<void> {
  const made = isJsonObject(live.connections) ? Object.values(live.connections).filter(isJsonObject) : [];
  const others = [...(successor === null ? [] : [successor]), ...made];
  const workflowIds = (await deps.readers.workflowsOn(look.id)).flatMap((id) => tryParseResourceId(id) ?? []);
  let isChanged = await saveFacts(deps, look.id, live, marking(deps));
  // One after the other: the same workflow may be a reader through each of them.
  for (const document of others) {
    if (await saveFacts(deps, idOf(document), document, marking(deps))) isChanged = true;
  }
  // One that was made just now may be known already, by its own event.
  const isToMove = others.length > 0 && deps.policy.modeOf('connection-managed-identity') !== 'off';
  if (!isToMove && !isChanged) return;
  for (const id of workflowIds) {
    await queueAnother(deps, look, id);
  }
}

function idOf(document: JsonObject): ResourceId | null {
  return typeof document.id === 'string' ? tryParseResourceId(document.id) : null;
}
