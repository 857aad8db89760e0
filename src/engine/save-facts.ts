import type { JsonObject } from '../types/json.js';
import { tryParseResourceId, type ResourceId } from '../types/resource-id.js';
import { readConnectionFacts } from '../workflow/connections.js';
import type { EngineDeps } from './engine-deps.js';
import { digestOf } from './record-digest.js';
import type { Concern } from './save-reads.js';

/**
 * Saves what a connection is for, where it says something else than is known of it; true where it does. This concerns
 * the workflows that name it.
 */
export async function saveFacts(
  { readers }: Pick<EngineDeps, 'readers'>,
  id: ResourceId | null,
  document: JsonObject,
  concern: Concern,
): Promise<boolean> {
  if (id?.kind !== 'connection') return false;
  const before = (await readers.connections([id.key])).get(id.key);
  const now = readConnectionFacts(document);
  if (before !== undefined && digestOf(before) === digestOf(now)) return false;
  const users = (await readers.workflowsOn(id)).map((workflowId) => tryParseResourceId(workflowId));
  for (const user of users) if (user !== null) await concern.mark(user);
  await readers.saveConnection(id, now);
  for (const user of users) if (user !== null) await concern.announce(user);
  return true;
}
