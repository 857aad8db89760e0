import type { EngineDeps } from '../engine-deps.js';
import type { ResourceMemory } from '../ports/memory.js';
import type { Draft } from '../record/draft-records.js';
import { blockedBefore } from '../record/record-memory.js';

/**
 * The ids of the writes whose intents these would go over: the change that Azure would not take was tried again, may have
 * been carried out, and neither its outcome nor that it is open could be stored. Gone over, its change would have no
 * record. To be asked while holding the lease, so that nobody is at it.
 */
export async function forgottenWrites(
  { audit }: Pick<EngineDeps, 'audit'>,
  { recorded }: Pick<ResourceMemory, 'recorded'>,
  intents: readonly Draft[],
): Promise<readonly string[]> {
  const earlier = intents.flatMap((intent) => blockedBefore(recorded, intent)?.id ?? []);
  const found = await Promise.all(earlier.map((id) => audit.find(id)));
  return found.flatMap((record) => (record?.outcome === 'pending' ? [record.writeId] : []));
}
