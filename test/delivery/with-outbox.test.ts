import { describe, expect, test } from 'vitest';
import type { AuditLog } from '../../src/engine/ports/audit-log.js';
import type { TargetName } from '../../src/delivery/target.js';
import { withOutbox } from '../../src/delivery/with-outbox.js';
import type { AuditRecord } from '../../src/types/record.js';
import { aRecord } from '../state/records.js';
import { fakeDelivery } from './fake-delivery.js';

const pending = aRecord({ outcome: 'pending' });
const applied = aRecord();
const refused = aRecord({ outcome: 'refused' });

/** A log with an outbox for two targets; `broken` is the call that fails. */
function setUp(broken: string | null = null) {
  const calls: string[] = [];
  const world = fakeDelivery();
  const note = (name: string): Promise<void> => {
    calls.push(name);
    return name === broken ? Promise.reject(new Error(`${name} failed`)) : Promise.resolve();
  };
  const outbox = {
    ...world.portsFor((_name, work) => Promise.resolve(work())).outbox,
    put: (targets: readonly TargetName[], records: readonly AuditRecord[]) =>
      note(`put ${records.map(({ outcome }) => outcome).join()} for ${targets.join()}`),
  };
  const log = {
    write: (records: readonly AuditRecord[], evidence?: object) =>
      note(
        `write ${records.map(({ outcome }) => outcome).join()}${evidence === undefined ? '' : ' with evidence'}`,
      ),
    find: () => Promise.resolve(applied),
  };
  const wake = { soon: () => note('wake'), now: () => note('wake now') };
  return {
    calls,
    audit: withOutbox(log as Partial<AuditLog> as AuditLog, outbox, ['archive', 'teams'], wake),
  };
}

describe('an audit log whose records are delivered', () => {
  test('announces an outcome before it is written, and has it delivered after', async () => {
    const { calls, audit } = setUp();
    await audit.write([applied, refused]);
    expect(calls).toEqual(['put applied,refused for archive,teams', 'write applied,refused', 'wake']);
  });

  test('an intent costs nothing: there is one call, as without targets', async () => {
    const { calls, audit } = setUp();
    await audit.write([pending], { digest: 'x' });
    expect(calls).toEqual(['write pending with evidence']);
  });

  test('of intents and others together, the others are announced', async () => {
    const { calls, audit } = setUp();
    await audit.write([pending, refused]);
    expect(calls).toEqual(['put refused for archive,teams', 'write pending,refused', 'wake']);
  });

  test('where it cannot be announced, there is no record: whoever writes it hears so', async () => {
    const { calls, audit } = setUp('put applied for archive,teams');
    await expect(audit.write([applied])).rejects.toThrow('put applied for archive,teams failed');
    expect(calls).toEqual(['put applied for archive,teams']);
  });

  test('reads as before', async () => {
    expect(await setUp().audit.find('x')).toBe(applied);
  });
});
