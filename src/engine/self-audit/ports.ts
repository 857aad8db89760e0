import type { Finding } from '../../remediators/remediator.js';
import type { Acceptance } from '../ports/standings.js';

/* What the comparison with Azure's activity log needs from the world, beside what the rest of the engine does. */

/** One event of a subscription's activity log: an operation that began, was taken, or ended. Ids are in lower case. */
export interface ActivityEvent {
  /** Tells it from every other event; null where Azure gave it none. */
  readonly id: string | null;
  /** By Azure's clock; null where the event does not say. */
  readonly at: Date | null;
  /** `Administrative`, `Policy`, …; null where the event does not say. */
  readonly category: string | null;
  /** The ARM action, e.g. `Microsoft.KeyVault/vaults/write`. */
  readonly operation: string;
  /** `Started`, `Accepted`, `Succeeded`, `Failed`, … */
  readonly status: string;
  /** As Azure spells it; that of the subscription where the event names no resource. */
  readonly resourceId: string;
  /** Every id that the event has for whoever made the request. */
  readonly callers: readonly string[];
  readonly callerIp: string | null;
  /** Of everything that one request led to. */
  readonly correlationId: string | null;
  /** Shared by the events of one operation. */
  readonly operationId: string | null;
  /** What the client had sent as `x-ms-client-request-id`. */
  readonly clientRequestId: string | null;
  /** What the client got back as `x-ms-request-id`. */
  readonly serviceRequestId: string | null;
}

export interface ActivityLog {
  /**
   * The events of a subscription, or of one of its resource groups, from one time to another, both inclusive; pages as
   * they arrive, in no certain order. Throws `ArmError`.
   */
  events(
    subscriptionId: string,
    resourceGroup: string | null,
    range: TimeRange,
    signal?: AbortSignal,
  ): AsyncIterable<readonly ActivityEvent[]>;
}

export interface TimeRange {
  readonly from: Date;
  readonly to: Date;
}

/** Up to where a subscription has been compared, by each of the two passes; null where it never was. */
export interface AuditProgress {
  readonly comparedUntil: Date | null;
  readonly settledUntil: Date | null;
}

/** What the comparison has found: it stands open until somebody accepts it. */
export interface Alarm {
  /** Hexadecimal. */
  readonly id: string;
  readonly kind: 'unrecorded-write' | 'unknown-write' | 'not-compared' | 'unreadable';
  readonly subscriptionId: string;
  /** Any resource, or the subscription. */
  readonly resourceId: string;
  readonly severity: Finding['severity'];
  readonly reason: string;
  readonly step: string;
  /** When it was found, RFC 3339, UTC. */
  readonly since: string;
  /** The operation in Azure, where it is about one. */
  readonly operation: AlarmedOperation | null;
  readonly accepted: Acceptance | null;
}

export interface AlarmedOperation {
  readonly action: string;
  /** RFC 3339, UTC; null where Azure does not say. */
  readonly at: string | null;
  readonly caller: string | null;
  readonly ip: string | null;
  readonly correlationId: string | null;
  readonly clientRequestId: string | null;
}

/** A write whose records are those of an earlier one, which keeps its own time and write id. */
export interface RepeatedWrite {
  readonly writeId: string;
  readonly at: Date;
  readonly resourceId: string;
  readonly recordIds: readonly string[];
}

export interface BegunComparison {
  readonly subscriptionId: string;
  readonly at: Date;
}

/** The ids that Holdfast's identity has had, in lower case, and when each was last its own. */
export type OwnIds = ReadonlyMap<string, Date>;

export interface SelfAuditStore {
  /** The subscription that was begun last, by whichever run; null where none was. */
  lastBegun(): Promise<BegunComparison | null>;
  /** To be called before it is begun: what ends the process is not begun with again. */
  noteBegun(begun: BegunComparison): Promise<void>;
  ownIds(): Promise<OwnIds>;
  /** Notes one id; the others stay. */
  noteOwnId(id: string, at: Date): Promise<void>;
  readProgress(subscriptionId: string): Promise<AuditProgress>;
  writeProgress(subscriptionId: string, progress: AuditProgress): Promise<void>;
  /** Those of one subscription, or all, accepted ones among them. */
  alarms(subscriptionId?: string): Promise<readonly Alarm[]>;
  /** Does nothing where there is one with this id. */
  add(alarm: Alarm): Promise<void>;
  /** False where somebody else has just changed or removed it. */
  accept(alarm: Alarm, acceptance: Acceptance): Promise<boolean>;
  remove(alarm: Alarm): Promise<void>;
  /** To be called before the write is sent. */
  noteRepeated(write: RepeatedWrite): Promise<void>;
  repeatedWrites(range: TimeRange): Promise<readonly RepeatedWrite[]>;
  /** Forgets the repeated writes of the days before. */
  forgetRepeatedBefore(day: Date): Promise<void>;
}

/** Where an alarm goes beside the findings. Must not throw. */
export interface AlarmSink {
  raise(alarm: Alarm): void;
}
