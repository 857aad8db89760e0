import type { AuditLog } from '../engine/ports/audit-log.js';
import type { Addressee, Outbox } from './outbox.js';
import type { Wake } from './wake.js';

/**
 * An audit log whose records are delivered, too. What is to be delivered is noted before the record is written, so that no
 * crash can come between a record and its delivery; without the note there is no record, as without the storage account.
 * An intent is not delivered and costs nothing: what becomes of it is written in the end, if only by a sweep that
 * settles it.
 */
export function withOutbox(
  audit: AuditLog,
  outbox: Outbox,
  targets: readonly Addressee[],
  wake: Pick<Wake, 'soon'>,
): AuditLog {
  return {
    ...audit,
    async write(records, evidence) {
      const closed = records.filter(({ outcome }) => outcome !== 'pending');
      if (closed.length > 0) await outbox.put(targets, closed);
      await audit.write(records, evidence);
      if (closed.length > 0) await wake.soon();
    },
  };
}
