import type { JsonObject } from '../types/json.js';
import type { VaultReader } from '../types/observation.js';
import type { AuditRecord } from '../types/record.js';
import { ageOwnedRules, knownGoodFirewall, ownAfterWrite } from '../vault/rule-ledger.js';
import { modifiedAt } from './modified-at.js';
import type { Seen } from './observe.js';
import type { ResourceMemory } from './ports.js';
import { digestOf } from './record-digest.js';

/** What to remember of a resource after a look at it; the same object where nothing has changed. */
export function nextMemory(
  now: Date,
  seen: Seen,
  recorded: ResourceMemory['recorded'],
  closed: readonly AuditRecord[],
  live: JsonObject,
): ResourceMemory {
  const { memory, observed } = seen;
  const written = closed.some(({ outcome }) => outcome === 'applied') ? modifiedAt(live) : null;
  const next = observed.kind === 'vault' ? vaultMemory(now, memory, observed.readers, closed, live) : memory;
  const isKnown = digestOf(recorded) === digestOf(memory.recorded);
  if (isKnown && (written === null || written === memory.lastWriteAt)) return next;
  return { ...next, recorded, lastWriteAt: written ?? memory.lastWriteAt };
}

/** What to remember of a vault's firewall; the same object where nothing has changed. */
export function vaultMemory(
  now: Date,
  memory: ResourceMemory,
  readers: readonly VaultReader[],
  closed: readonly AuditRecord[],
  live: JsonObject,
): ResourceMemory {
  // A rule that another remediator brought back may be somebody else's.
  const edits = closed
    .filter(({ outcome, remediator }) => outcome === 'applied' && remediator === 'vault-logic-app-ips')
    .flatMap((record) => record.edits);
  const owned =
    edits.length > 0 ? ownAfterWrite(memory.ownedRules, edits, live, readers, now) : memory.ownedRules;
  const ownedRules = ageOwnedRules(owned, live, readers, now);
  const knownGood = knownGoodFirewall(live, memory.knownGood, now);
  if (ownedRules === memory.ownedRules && knownGood === memory.knownGood) return memory;
  return { ...memory, ownedRules, knownGood };
}
