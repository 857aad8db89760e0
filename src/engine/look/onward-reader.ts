import type { ResourceId } from '../../types/resource-id.js';
import { isOlderThan, modifiedAt } from './modified-at.js';
import type { ArmDocument, ArmReader } from '../ports/arm.js';
import { sleep } from '../sleep.js';
import { READ_AGAIN_MS, staleRead } from './stale-read.js';

/**
 * A reader for one look: it never shows a resource as it was before what it has shown of it already. A read that is
 * older, by ARM's own clock, is repeated; where that does not help, it throws.
 */
export function onwardReader(reader: ArmReader): ArmReader {
  const latest = new Map<string, string>();

  function isOnward({ key }: ResourceId, { document }: ArmDocument): boolean {
    if (isOlderThan(document, latest.get(key) ?? null)) return false;
    const at = modifiedAt(document);
    if (at !== null) latest.set(key, at);
    return true;
  }

  const read = async (id: ResourceId, signal?: AbortSignal): Promise<ArmDocument> => {
    const first = await reader.read(id, signal);
    if (isOnward(id, first)) return first;
    for (const delayMs of READ_AGAIN_MS) {
      try {
        await sleep(delayMs, signal ?? new AbortController().signal);
      } catch {
        break;
      }
      const again = await reader.read(id, signal);
      if (isOnward(id, again)) return again;
    }
    throw staleRead(id, 'what it has shown of it already');
  };

  return { ...reader, read };
}
