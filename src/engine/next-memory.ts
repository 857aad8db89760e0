import type { JsonObject } from '../types/json.js';
import type { AuditRecord } from '../types/record.js';
import { ageOwnedRules, knownGoodFirewall, ownAfterWrite } from '../vault/rule-ledger.js';
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
  let { ownedRules, knownGood } = memory;
  if (observed.kind === 'vault') {
    const written = closed.filter(
      ({ outcome, remediator }) => outcome === 'applied' && remediator === 'vault-logic-app-ips',
    );
    const edits = written.flatMap((record) => record.edits);
    if (edits.length > 0) ownedRules = ownAfterWrite(ownedRules, edits, live, observed.readers, now);
    ownedRules = ageOwnedRules(ownedRules, live, observed.readers, now);
    knownGood = knownGoodFirewall(live, knownGood, now);
  }
  const isSame =
    ownedRules === memory.ownedRules &&
    knownGood === memory.knownGood &&
    digestOf(recorded) === digestOf(memory.recorded);
  return isSame ? memory : { ownedRules, knownGood, recorded };
}
