import { lostIn } from '../lost-save/lost-memory.js';
import { unreadIn } from '../lost-save/unread-history.js';
import type { ResourceMemory } from '../ports/memory.js';
import { openWriteIds } from '../record/record-memory.js';

/** Whether a look has left something that only another one can finish, however safe the resource looks. */
export function isUnfinished({ recorded }: Pick<ResourceMemory, 'recorded'>): boolean {
  return openWriteIds(recorded).length > 0 || lostIn(recorded) !== null || unreadIn(recorded) !== null;
}
