import { Readable } from 'node:stream';
import { ALL_TARGETS } from '../../delivery/outbox.js';
import { withOutbox } from '../../delivery/with-outbox.js';
import type { EngineDeps } from '../../engine/engine-deps.js';
import type { AuditLog } from '../../engine/ports/audit-log.js';
import { createOutbox } from '../../state/outbox.js';
import type { TableHome } from '../../state/table.js';

type Tables = Pick<EngineDeps, 'audit' | 'touched' | 'sweepTotals'>;

/**
 * What an engine has that shares its tables with a deployed app: how far the app's own sweeps have come, and what they saw,
 * is the app's to say.
 */
export function besideTheApp(
  { audit, touched, sweepTotals }: Tables,
  home: TableHome,
  now: () => Date,
): Tables {
  return {
    audit: {
      ...delivered(audit, home, now),
      // Under which name ARM has the app, is not known here.
      pending: async (olderThan) =>
        (await audit.pending(olderThan)).filter(({ evidence }) => evidence?.by !== undefined),
    },
    touched: { ...touched, of: () => Readable.from([]), clear: () => Promise.resolve() },
    sweepTotals: { ...sweepTotals, save: () => Promise.resolve() },
  };
}

/**
 * Which targets the app delivers to is in its settings. It is not waked: that takes a right to its queue, and its next
 * record or sweep does.
 */
function delivered(audit: AuditLog, home: TableHome, now: () => Date): AuditLog {
  return withOutbox(audit, createOutbox(home, now), [ALL_TARGETS], { soon: () => Promise.resolve() });
}
