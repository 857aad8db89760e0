import { expect, test } from 'vitest';
import { wasAddedByAzure } from '../../chaos/evidence/added-by-azure.js';
import type { OwnWrite } from '../../chaos/evidence/own-writes.js';
import type { Difference } from '../../chaos/evidence/json-diff.js';

const added: Difference = { kind: 'value', path: '/identity/since', before: null, after: 1 };
const write = (before: string | null, sent: object): Pick<OwnWrite, 'change' | 'exchange'> =>
  ({ change: { before }, exchange: { body: JSON.stringify(sent) } }) as unknown as OwnWrite;

test.each([
  ['a resource was made, and nothing was sent there', write(null, { identity: {} }), true],
  ['a resource was made, and this was sent', write(null, { identity: { since: 1 } }), false],
  ['the resource was there before', write('{}', { identity: {} }), false],
])('%s', (_, given, expected) => {
  expect(wasAddedByAzure(given, added)).toBe(expected);
});
