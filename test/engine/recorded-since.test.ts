import { expect, test } from 'vitest';
import { NO_MEMORY } from '../../src/engine/ports/memory.js';
import type { WriteEvidence } from '../../src/engine/ports/audit-log.js';
import { recordedSince } from '../../src/engine/settle/recorded-since.js';
import type { AuditRecord } from '../../src/types/record.js';
import { fakeWorld, vaultId } from './fake-world.js';

/* ARM's clock says which of two writes of the same change came after the other; those of two instances may not. */

const BASE = '2026-11-23T11:49:50Z';
const BEFORE = '2026-11-23T11:48:00Z';
const LATER = '2026-11-23T11:51:00Z';

const INTENT: AuditRecord = {
  id: 'r-1',
  writeId: 'w-1',
  time: '2026-11-23T11:50:00.000Z',
  correlationId: 'c',
  trigger: 'event',
  actor: null,
  resourceId: vaultId().id,
  remediator: 'vault-firewall',
  mode: 'enforce',
  outcome: 'pending',
  edits: [
    {
      op: 'set',
      path: '/properties/networkAcls/defaultAction',
      before: 'Allow',
      after: 'Deny',
      reason: 'It stands open.',
    },
  ],
  warnings: [],
  error: null,
  armRequestId: null,
  durationMs: 0,
};
const AHEAD = '2026-11-23T11:51:30.000Z';
const BEHIND = '2026-11-23T11:48:30.000Z';

const basedOn = (time: string | null): WriteEvidence => ({ digest: '', basedOn: time });

interface Other {
  readonly time: string;
  readonly basedOn?: string;
  /** When ARM says that Holdfast's last write was made. */
  readonly lastWriteAt?: string;
}

const rows: [string, Other, boolean][] = [
  [
    'planned from the same, by an instance whose clock is behind',
    { time: BEHIND, basedOn: BASE, lastWriteAt: LATER },
    true,
  ],
  [
    'planned from something later, by an instance whose clock is behind',
    { time: BEHIND, basedOn: LATER, lastWriteAt: LATER },
    true,
  ],
  [
    'planned from something earlier, and put back since, by an instance whose clock is behind',
    { time: BEHIND, basedOn: BEFORE, lastWriteAt: BEFORE },
    false,
  ],
  [
    'planned from something earlier, and put back since, by an instance whose clock is ahead',
    { time: AHEAD, basedOn: BEFORE, lastWriteAt: BEFORE },
    false,
  ],
  ['of which nothing is known but a time before', { time: BEHIND, lastWriteAt: LATER }, false],
  ['of which nothing is known but a time after', { time: AHEAD, lastWriteAt: LATER }, true],
  ['after which this one was planned', { time: AHEAD, lastWriteAt: BEFORE }, false],
];

test.each(rows)('the same change %s', async (_name, other, isSince) => {
  const world = fakeWorld();
  if (other.lastWriteAt !== undefined)
    world.memories.set(vaultId().key, { ...NO_MEMORY, lastWriteAt: other.lastWriteAt });
  const record: AuditRecord = {
    ...INTENT,
    id: 'r-2',
    writeId: 'w-2',
    time: other.time,
    outcome: 'applied',
  };
  await world.deps.audit.write([record], other.basedOn === undefined ? undefined : basedOn(other.basedOn));
  const since = await recordedSince(world.deps, vaultId(), [INTENT], basedOn(BASE));
  expect(since.map(({ id }) => id)).toEqual(isSince ? ['r-2'] : []);
});

test('a part of a vault need not renew its time: what two writes of it were planned from tells nothing', async () => {
  const world = fakeWorld();
  const edits = INTENT.edits.map((edit) => ({ ...edit, path: '/properties/accessPolicies' }));
  const record: AuditRecord = {
    ...INTENT,
    edits,
    id: 'r-2',
    writeId: 'w-2',
    time: BEHIND,
    outcome: 'applied',
  };
  await world.deps.audit.write([record], basedOn(BASE));
  expect(await recordedSince(world.deps, vaultId(), [{ ...INTENT, edits }], basedOn(BASE))).toEqual([]);
});

test('part of the change counts as well: what had to be made again does not stand by the earlier write', async () => {
  const world = fakeWorld();
  const rule = (value: string): AuditRecord['edits'][number] => ({
    op: 'add',
    path: '/properties/networkAcls/ipRules',
    before: null,
    after: { value },
    reason: 'needed',
  });
  const intent: AuditRecord = { ...INTENT, edits: [rule('192.0.2.1/32'), rule('192.0.2.2/32')] };
  const record = (id: string, value: string): AuditRecord => ({
    ...INTENT,
    id,
    writeId: id,
    time: AHEAD,
    outcome: 'applied',
    edits: [rule(value)],
    // Another may ask for the same.
    remediator: 'vault-logic-app-ips',
  });
  await world.deps.audit.write([record('r-2', '192.0.2.2/32')], basedOn(LATER));
  await world.deps.audit.write([record('r-3', '192.0.2.3/32')], basedOn(LATER));
  const since = await recordedSince(world.deps, vaultId(), [intent], basedOn(BASE));
  expect(since.map(({ id }) => id)).toEqual(['r-2']);
});
