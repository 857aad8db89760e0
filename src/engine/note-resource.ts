import type { EngineDeps } from './engine-deps.js';
import type { Look } from './look.js';
import { noteReads } from './note-reads.js';
import type { Seen } from './observe.js';

/** Remembers where a vault is, or what a workflow reads: the one needs the other. */
export async function noteResource(
  deps: EngineDeps,
  look: Look,
  { observed, document }: Seen,
): Promise<void> {
  if (observed.kind === 'vault') await deps.readers.saveVault(observed.id);
  else await noteReads(deps, look, document, observed.connections);
}
