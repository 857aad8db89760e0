import type { AuditRecord, RecordOutcome } from '../../types/record.js';
import type { RepeatedWrite } from './ports.js';

/** One write that Holdfast has records of: as much as tells it in the activity log. */
export interface RecordedWrite {
  readonly writeId: string;
  /** In lower case: what was written is one of these, or lies below it. */
  readonly resources: readonly string[];
  /** From the intent to the outcome, milliseconds since 1970, by the clock of whoever wrote. */
  readonly from: number;
  readonly to: number;
  /** What Azure answered as `x-ms-request-id`; null where it never answered. In lower case. */
  readonly armRequestId: string | null;
  /** The record that says that it was carried out; null where none does. */
  readonly applied: AuditRecord | null;
}

/**
 * The outcomes of what was sent, or may have been. The records of one look share a write id also where some of them are of
 * what was not to be written: those show no write.
 */
const SENT: readonly RecordOutcome[] = ['pending', 'applied', 'failed'];

export function recordedWrites(records: readonly AuditRecord[]): readonly RecordedWrite[] {
  // What came from the command line somebody else has written, with an identity of their own.
  const sent = records.filter((record) => mayBeSent(record) && record.trigger !== 'cli');
  return [...Map.groupBy(sent, ({ writeId }) => writeId.toLowerCase())].map(([writeId, parts]) => ({
    writeId,
    resources: [...new Set(parts.flatMap(resourcesOf))],
    from: Math.min(...parts.map(({ time }) => Date.parse(time))),
    to: Math.max(...parts.map(({ time, durationMs }) => Date.parse(time) + durationMs)),
    armRequestId:
      parts.find(({ armRequestId }) => armRequestId !== null)?.armRequestId?.toLowerCase() ?? null,
    applied: parts.find(({ outcome }) => outcome === 'applied') ?? null,
  }));
}

/** A write whose records went over those of an earlier one. */
export function repeatedAsRecorded({ writeId, at, resourceId }: RepeatedWrite): RecordedWrite {
  return {
    writeId: writeId.toLowerCase(),
    resources: [resourceId.toLowerCase()],
    from: at.getTime(),
    to: at.getTime(),
    armRequestId: null,
    applied: null,
  };
}

/** A connection is moved by making another beside it, whose name the edit's path ends in. */
const SUCCESSOR = /^\/connections\/([^/]+)$/;

function resourcesOf({ resourceId, edits }: AuditRecord): readonly string[] {
  const id = resourceId.toLowerCase();
  const siblings = edits.flatMap(({ path }) => {
    const name = SUCCESSOR.exec(path)?.[1]?.toLowerCase();
    return name === undefined ? [] : [id.slice(0, id.lastIndexOf('/') + 1) + name];
  });
  return [id, ...siblings];
}

/** Whether a record tells of a request that was sent, or may have been. */
export function mayBeSent({ outcome }: Pick<AuditRecord, 'outcome'>): boolean {
  return SENT.includes(outcome);
}
