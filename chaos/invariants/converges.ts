import { isHeldBack } from '../evidence/held-back.js';
import { canonical } from '../evidence/json-diff.js';
import { ownWrites } from '../evidence/own-writes.js';
import { storedRecords } from '../evidence/stored-records.js';
import { unsafeParts } from '../evidence/unsafe-parts.js';
import type { Json } from '../../src/types/json.js';
import type { Evidence } from '../evidence/evidence.js';
import type { Violation } from './invariant.js';

/** What is there before a sweep that must find nothing to do. */
export interface Stillness {
  readonly mark: number;
  readonly records: string;
}

export function noteStillness(world: Evidence): Stillness {
  return { mark: world.azure.journal.mark(), records: recordsOf(world) };
}

/**
 * (5) The estate converges once the faults stop: after some sweeps it is in the safe state, and one more sweep writes
 * nothing and records nothing.
 */
export function converges(world: Evidence, before: Stillness, failure: string | null): readonly Violation[] {
  const at = world.time.now();
  const violation = (about: string, what: string): Violation => ({ invariant: 'converges', at, what, about });
  const writes = ownWrites(world).filter(({ change }) => change.sequence > before.mark);
  return [
    ...unsafeParts(world).map(({ id, what }) => violation(id, `long after the faults stopped, ${what}`)),
    ...writes.map(({ change }) =>
      violation(change.resourceId, 'the estate was safe, and a sweep wrote all the same'),
    ),
    ...(recordsOf(world) === before.records
      ? []
      : [violation('', 'a sweep with nothing to do recorded something')]),
    ...(failure === null ? [] : [violation('', `without any fault a sweep failed: ${failure}`)]),
  ];
}

/**
 * What is unsafe after some sweeps, and no record says that it waits for approval, or that the limit or a pause holds it
 * back.
 */
export function heldBack(world: Evidence): readonly Violation[] {
  const records = storedRecords(world.storage);
  return unsafeParts(world)
    .filter((part) => !isHeldBack(world, records, part))
    .map(({ id, what }) => ({
      invariant: 'converges',
      at: world.time.now(),
      what: `long after the faults stopped, and without a record that it is held back, ${what}`,
      about: id,
    }));
}

function recordsOf(world: Evidence): string {
  return storedRecords(world.storage)
    .map((record) => canonical(record as unknown as Json))
    .join('\n');
}
