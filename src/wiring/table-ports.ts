import type { EngineDeps } from '../engine/engine-deps.js';
import { createAuditLog } from '../state/audit-log.js';
import { createChangeCounter } from '../state/change-counter.js';
import { createMemory } from '../state/memory.js';
import { createReaderIndex } from '../state/reader-index.js';
import { createSelfAuditStore } from '../state/self-audit-store.js';
import { createStandings } from '../state/standings.js';
import { createSweepTotals } from '../state/sweep-totals.js';
import type { TableHome } from '../state/table.js';
import { createTouched } from '../state/touched.js';

/** What the engine keeps in tables, wherever these are. */
export type TablePorts = Pick<
  EngineDeps,
  'audit' | 'memory' | 'standings' | 'readers' | 'changes' | 'sweepTotals' | 'touched' | 'selfAudits'
>;

export function tablePorts(home: TableHome): TablePorts {
  return {
    audit: createAuditLog(home),
    memory: createMemory(home),
    standings: createStandings(home),
    readers: createReaderIndex(home),
    changes: createChangeCounter(home),
    sweepTotals: createSweepTotals(home),
    touched: createTouched(home),
    selfAudits: createSelfAuditStore(home),
  };
}
