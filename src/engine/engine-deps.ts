import type { ArmReader, ArmUrl, ArmWriter, OwnIdentity } from './ports/arm.js';
import type { AuditLog } from './ports/audit-log.js';
import type { CallerLog } from './ports/caller-log.js';
import type { ChangeCounter } from './ports/change-counter.js';
import type { DeadLetters } from './ports/dead-letters.js';
import type { Leases } from './ports/leases.js';
import type { Memory } from './ports/memory.js';
import type { ReadBacklog, ReadDeliveries, ScopeProbe, StorageProbe } from './ports/health.js';
import type { ReaderIndex } from './ports/reader-index.js';
import type { ReconcileQueue } from './ports/queue.js';
import type { Standings } from './ports/standings.js';
import type { SweepTotals, SweepStore } from './ports/sweep-store.js';
import type { Touched } from './ports/touched.js';
import type { Policy } from './policy.js';
import type { ActivityLog, AlarmSink, SelfAuditStore } from './self-audit/ports.js';
import type { Actor, AuditRecord } from '../types/record.js';

/** Where records go beside the audit log, which is the source of truth; a function's log, for one. */
export interface RecordSink {
  /** Must not throw: a sink that is down slows nothing down. */
  write(record: AuditRecord): void;
}

/** Everything the engine is built from. */
export interface EngineDeps {
  readonly policy: Policy;
  /** Who runs the engine by hand, from the command line: whatever they begin is theirs. Absent in the app. */
  readonly operator?: Actor | undefined;
  readonly reader: ArmReader;
  /** The same for work that has time: what somebody waits for goes before it. */
  readonly sweepReader: ArmReader;
  readonly writer: ArmWriter;
  readonly armUrl: ArmUrl;
  readonly callers: CallerLog;
  readonly ownIdentity: OwnIdentity;
  readonly audit: AuditLog;
  readonly memory: Memory;
  readonly standings: Standings;
  readonly readers: ReaderIndex;
  readonly leases: Leases;
  readonly queue: ReconcileQueue;
  readonly changes: ChangeCounter;
  readonly sweepTotals: SweepTotals;
  readonly touched: Touched;
  readonly sweeps: SweepStore;
  readonly deadLetters: DeadLetters;
  readonly readBacklog: ReadBacklog;
  /** Of each place where records go beside the audit log. */
  readonly readDeliveries: ReadDeliveries;
  readonly probeStorage: StorageProbe;
  readonly probeScope: ScopeProbe;
  /** When the sweep's timer fired the last three times, the latest first; fewer where it has not fired so often. */
  readonly sweepFirings: (until: Date) => readonly Date[];
  readonly activityLog: ActivityLog;
  readonly selfAudits: SelfAuditStore;
  readonly alarms: AlarmSink;
  /** Tells this code from any other that might plan otherwise. */
  readonly codeVersion: () => string;
  readonly sinks: readonly RecordSink[];
  readonly now: () => Date;
  /** How late it is at least by ARM's clock; null where that is not known. */
  readonly armTime: () => Date | null;
}
