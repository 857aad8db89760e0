import { valueAt } from '../../src/types/apply-edits.js';
import type { Json } from '../../src/types/json.js';
import type { Difference } from './json-diff.js';
import { parsed, type OwnWrite } from './own-writes.js';

/**
 * Whether Azure added this by itself when it made the resource: somebody had deleted it between the read and the write
 * (ARM has no If-Match for workflows), and a resource that is made gets what no request has. What was sent holds
 * nothing there.
 */
export function wasAddedByAzure(
  { change, exchange }: Pick<OwnWrite, 'change' | 'exchange'>,
  difference: Difference,
): boolean {
  if (change.before !== null || exchange === null || difference.kind !== 'value') return false;
  const sent: Json = parsed(exchange.body);
  return (valueAt(sent, difference.path) ?? null) === null;
}
