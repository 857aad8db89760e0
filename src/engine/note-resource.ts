import { isJsonObject, type JsonObject } from '../types/json.js';
import { tryParseResourceId } from '../types/resource-id.js';
import { readConnectionFacts } from '../workflow/connections.js';
import type { EngineDeps } from './engine-deps.js';
import type { Look } from './look.js';
import { noteReads } from './note-reads.js';
import type { Seen } from './observe.js';
import { namedConnections } from './observe-workflow.js';
import { queueLook } from './queue-look.js';
import { siblingId } from './sibling-id.js';

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
      return noteConnection(deps, look, live);
  }
}

/**
 * A connection may now be for another vault, or there may be another to take its place: every workflow that names it is
 * looked at, which in turn concerns the vaults.
 */
async function noteConnection(deps: EngineDeps, look: Look, live: JsonObject): Promise<void> {
  await deps.readers.saveConnection(look.id, readConnectionFacts(live));
  const made = isJsonObject(live.connections) ? Object.entries(live.connections) : [];
  for (const [name, document] of made) {
    if (isJsonObject(document))
      await deps.readers.saveConnection(siblingId(look.id, name), readConnectionFacts(document));
  }
  for (const workflowId of await deps.readers.workflowsOn(look.id)) {
    const id = tryParseResourceId(workflowId);
    if (id !== null) await queueLook(deps, { ...look, id, remediators: null, askedForByName: false });
  }
}
