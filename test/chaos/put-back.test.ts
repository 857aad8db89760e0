import { expect, test } from 'vitest';
import { wasPutBack } from '../../chaos/evidence/put-back.js';
import type { Difference } from '../../chaos/evidence/json-diff.js';
import type { OwnWrite } from '../../chaos/evidence/own-writes.js';
import type { Json } from '../../src/types/json.js';

const vault = (networkAcls: Json): Json => ({ properties: { networkAcls } });
const SHUT = vault({ defaultAction: 'Deny', bypass: 'None', ipRules: [] });
const OPEN = vault({ defaultAction: 'Allow', bypass: 'AzureServices', ipRules: [] });

function write(read: Json | undefined, before: Json, after: Json): OwnWrite {
  const seen = read === undefined ? null : { document: read };
  return { read: seen, before, after, records: [] } as unknown as OwnWrite;
}
const setting = (name: string, before: Json, after: Json): Difference => ({
  kind: 'value',
  path: `/properties/networkAcls/${name}`,
  before,
  after,
});

test.each([
  ['as it was read', write(OPEN, SHUT, OPEN), setting('defaultAction', 'Deny', 'Allow'), true],
  [
    'open, which is what none was read for',
    write(vault(null), SHUT, OPEN),
    setting('defaultAction', 'Deny', 'Allow'),
    true,
  ],
  [
    'with a bypass, as without one',
    write(vault(null), SHUT, OPEN),
    setting('bypass', 'None', 'AzureServices'),
    true,
  ],
  [
    'open, though it was read as shut',
    write(SHUT, SHUT, OPEN),
    setting('defaultAction', 'Deny', 'Allow'),
    false,
  ],
  [
    'open, and nobody had shut it since',
    write(OPEN, OPEN, OPEN),
    setting('defaultAction', 'Allow', 'Allow'),
    false,
  ],
  [
    'shut, though none was read',
    write(vault(null), OPEN, SHUT),
    setting('defaultAction', 'Allow', 'Deny'),
    false,
  ],
  ['without a read', write(undefined, SHUT, OPEN), setting('defaultAction', 'Deny', 'Allow'), false],
])('a write that leaves a vault %s: %#', (_, given, difference, expected) => {
  expect(wasPutBack(given, difference)).toBe(expected);
});
