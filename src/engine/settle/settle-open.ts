import type { JsonObject } from '../../types/json.js';
import type { AuditRecord } from '../../types/record.js';
import type { EngineDeps } from '../engine-deps.js';
import { closeUnconfirmed, closeWrite, type OpenWrite } from '../write/open-write.js';
import { settleWrite } from './settle-write.js';
import { withParts } from '../write/with-parts.js';

/** The closed records of a write that was not confirmed, by the resource as it is now; null where it was not carried out. */
export async function settleOpen(
  deps: EngineDeps,
  open: OpenWrite,
  document: JsonObject,
  signal: AbortSignal,
): Promise<readonly AuditRecord[] | null> {
  // Turned down for certain: what it shows is somebody else's, or was there before.
  if (!open.mayStand) return null;
  const { id } = open.trail.look;
  const live = await withParts(deps, id, document, open.records, signal);
  const settlement = await settleWrite(deps, open, id, live);
  switch (settlement) {
    case 'absent':
      return null;
    case 'applied':
      return closeWrite(open, 'applied', null, null, deps.now());
    case 'unconfirmed':
      return closeUnconfirmed(open, deps.now());
  }
}
