import type { VaultObservation } from '../types/observation.js';
import { fitAddresses, type AddressFit } from './fit-addresses.js';
import { hasOverlap } from './ip-range.js';
import { readRanges } from './needed-addresses.js';
import { ownedAmong, type IpRule } from './network-rules.js';

export interface AddressChanges {
  /** Owned rules that nobody needs any more. */
  readonly retired: readonly IpRule[];
  readonly fit: AddressFit;
}

type Known = Pick<VaultObservation, 'ownedRules' | 'releasedRules' | 'readers'>;

/** What has to change in a vault's IP rules so that they hold its readers' addresses and no outlived rule. */
export function addressChanges(rules: readonly IpRule[], known: Known): AddressChanges {
  const own = ownedAmong(rules, known.ownedRules);
  const retired = outlivedAmong(own, known);
  const gone = new Set(retired);
  const staying = rules.filter((rule) => !gone.has(rule));
  const ownStaying = new Set([...own].filter((rule) => !gone.has(rule)));
  return { retired, fit: fitAddresses(staying, ownStaying, known.readers) };
}

/**
 * Which of these owned rules were released and have no reader calling from them. A release is older than this
 * look, so it is checked again, against every reader, also those that the last sweep did not list.
 */
export function outlivedAmong(own: ReadonlySet<IpRule>, known: Known): readonly IpRule[] {
  const released = new Set(known.releasedRules);
  const needed = known.readers.flatMap((reader) => readRanges(reader.addresses));
  return [...own].filter(
    ({ text, range }) => text !== null && released.has(text) && range !== null && !hasOverlap(needed, range),
  );
}
