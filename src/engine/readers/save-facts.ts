import type { JsonObject } from '../../types/json.js';
import { tryParseResourceId, type ResourceId } from '../../types/resource-id.js';
import { readConnectionFacts } from '../../workflow/connections.js';
import type { EngineDeps } from '../engine-deps.js';
import { noteNewVault } from './note-new-vault.js';
import { digestOf } from '../record/record-digest.js';
import type { Concern } from './save-reads.js';

/**
 * Saves what a connection is for, where it says something else than is known of it; true where it does. This concerns
 * the workflows that name it, which are readers of the vault that it leads to from now on.
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
  const users = (await readers.workflowsOn(id)).flatMap((workflowId) => tryParseResourceId(workflowId) ?? []);
  for (const user of users) await concern.mark(user);
  // The vault may be shut before the workflows are looked at, and a look at them may fail. It goes first, because once
  // the facts are saved they are no news any more.
  const vaultName = now.vaultName?.toLowerCase() ?? null;
  if (vaultName !== null) for (const user of users) await noteNewVault({ readers }, user, vaultName);
  await readers.saveConnection(id, now);
  for (const user of users) await concern.announce(user);
  return true;
}
