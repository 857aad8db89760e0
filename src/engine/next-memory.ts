import { isJsonObject, type JsonObject } from '../types/json.js';
import type { Edit } from '../types/edit.js';
import type { VaultReader } from '../types/observation.js';
import type { AuditRecord } from '../types/record.js';
import type { RemediatorId } from '../types/remediator-id.js';
import { ageOwnedRules, knownGoodFirewall, ownAfterWrite } from '../vault/rule-ledger.js';
import { settleTemporaryRules, withoutTakenOut } from '../vault/temporary-rules.js';
import { arrivedWhileOpen } from '../vault/arrived-open.js';
import { nextExposures } from '../workflow/exposure.js';
import { modifiedAt } from './look/modified-at.js';
import type { Seen } from './observe/observe.js';
import type { RememberedSurroundings, ResourceMemory } from './ports/memory.js';
import { digestOf } from './record/record-digest.js';

/** What to remember of a resource after a look at it; the same object where nothing has changed. */
export function nextMemory(
  now: Date,
  seen: Seen,
  recorded: ResourceMemory['recorded'],
  closed: readonly AuditRecord[],
  live: JsonObject,
): ResourceMemory {
  const { memory } = seen;
  const applied = closed.find(({ outcome }) => outcome === 'applied');
  const written = applied === undefined ? null : modifiedAt(live);
  const next = withSeen(seen, nextOf(now, seen, closed, live), live);
  const isKnown = digestOf(recorded) === digestOf(memory.recorded);
  if (isKnown && (written === null || written === memory.lastWriteAt)) return next;
  if (applied === undefined || written === null) return { ...next, recorded };
  return { ...next, recorded, lastWriteAt: written, lastWriteId: applied.writeId };
}

function nextOf(
  now: Date,
  { memory, observed }: Seen,
  closed: readonly AuditRecord[],
  live: JsonObject,
): ResourceMemory {
  if (observed.kind === 'vault') return vaultMemory(now, memory, observed.readers, closed, live);
  // What belonged to a vault need not come back with it: role assignments do not, diagnostic settings perhaps.
  if (observed.kind === 'deleted-vault')
    return memory.surroundings === null ? memory : { ...memory, surroundings: null };
  if (observed.kind !== 'workflow') return memory;
  const exposures = nextExposures(observed.exposures, live, observed.connections, now);
  return digestOf(exposures) === digestOf(memory.exposures) ? memory : { ...memory, exposures };
}

/** What was seen of a vault beside what stands in it: its surroundings, and what came in while it was open. */
function withSeen(seen: Seen, memory: ResourceMemory, live: JsonObject): ResourceMemory {
  if (seen.observed.kind !== 'vault') return memory;
  const surroundings = nextSurroundings(seen, live);
  const arrivedOpen = arrivedWhileOpen(seen.memory, seen.document, live, memory.ownedRules);
  if (
    surroundings === seen.memory.surroundings &&
    digestOf(arrivedOpen) === digestOf(seen.memory.arrivedOpen)
  )
    return memory;
  return { ...memory, surroundings, arrivedOpen };
}

const REMEMBER_AGAIN_MS = 12 * 60 * 60_000;

/** The same object where nothing was read, or the same as not long ago: not every look is a write. */
function nextSurroundings(seen: Seen, live: JsonObject): RememberedSurroundings | null {
  const before = seen.memory.surroundings;
  if (seen.surroundings === null) return before;
  const { diagnosticSettings } = live;
  const settings = isJsonObject(diagnosticSettings)
    ? Object.values(diagnosticSettings).filter(isJsonObject)
    : seen.surroundings.diagnosticSettings;
  const next = { ...seen.surroundings, diagnosticSettings: settings };
  const isSame = before !== null && digestOf({ ...next, readAt: '' }) === digestOf({ ...before, readAt: '' });
  const isRecent = before !== null && Date.parse(next.readAt) - Date.parse(before.readAt) < REMEMBER_AGAIN_MS;
  return isSame && isRecent ? before : next;
}

/** What to remember of a vault's firewall; the same object where nothing has changed. */
export function vaultMemory(
  now: Date,
  memory: ResourceMemory,
  readers: readonly VaultReader[],
  closed: readonly AuditRecord[],
  live: JsonObject,
): ResourceMemory {
  const appliedBy = (id: RemediatorId): readonly Edit[] =>
    closed.filter((one) => one.outcome === 'applied' && one.remediator === id).flatMap((one) => one.edits);
  // A rule that another remediator brought back may be somebody else's.
  const edits = appliedBy('vault-logic-app-ips');
  const owned =
    edits.length > 0 ? ownAfterWrite(memory.ownedRules, edits, live, readers, now) : memory.ownedRules;
  const aged = {
    ownedRules: ageOwnedRules(owned, live, readers, now),
    temporaryRules: withoutTakenOut(memory.temporaryRules, appliedBy('vault-temporary-rules')),
  };
  const { ownedRules, temporaryRules } = settleTemporaryRules(aged, live, readers, now);
  const knownGood = knownGoodFirewall(live, memory.knownGood, now);
  const isSame = ownedRules === memory.ownedRules && temporaryRules === memory.temporaryRules;
  if (isSame && knownGood === memory.knownGood) return memory;
  return { ...memory, ownedRules, temporaryRules, knownGood };
}
