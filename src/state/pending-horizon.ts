import type { AuditRecord } from '../types/record.js';
import { sortableTime } from './audit-keys.js';
import type { Row, Table } from './table.js';

/*
 * No record from before the horizon is pending, so that looking for pending ones need not read the whole log at
 * every sweep. It moves on after a look, and stays a week behind it.
 */

const DAY_MS = 24 * 60 * 60 * 1000;
const BEHIND_MS = 7 * DAY_MS;
/** A record younger than this is after any horizon; the day between is for clocks that differ. */
const YOUNG_MS = 6 * DAY_MS;
const ATTEMPTS = 20;

const KEYS = { partitionKey: 'pending', rowKey: 'horizon' };

export interface Horizon {
  /** RFC 3339, UTC, with milliseconds; null where the whole log has to be read. */
  readonly since: string | null;
  readonly etag: string | null;
}

export interface PendingHorizon {
  read(): Promise<Horizon>;
  /** To be called before a record of this time becomes pending: an old one may, when its write is tried again. */
  include(records: readonly AuditRecord[]): Promise<void>;
  /**
   * Moves the horizon on after a look at everything since `seen` and before `olderThan`, unless a record of an old
   * time was included meanwhile.
   */
  moveOn(seen: Horizon, olderThan: Date, pending: readonly AuditRecord[]): Promise<void>;
}

export function createPendingHorizon(table: Table): PendingHorizon {
  async function read(): Promise<Horizon> {
    const row = await table.get(KEYS);
    const since = typeof row?.since === 'string' && row.since !== '' ? row.since : null;
    return { since, etag: row?.etag ?? null };
  }

  return {
    read,

    async include(records) {
      const young = new Date(Date.now() - YOUNG_MS).toISOString();
      const old = records
        .filter((record) => record.outcome === 'pending')
        .map((record) => sortableTime(record.time))
        .filter((time) => time < young);
      if (old.length === 0) return;
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const { since, etag } = await read();
        // Written even if it stays the same: the new etag tells a look that is under way not to move it.
        const earliest = since === null ? null : earliestOf([since, ...old]);
        if ((await table.putIfUnchanged(rowOf(earliest), etag)) !== null) return;
      }
      throw new Error('The horizon of pending records keeps being changed by others; try again.');
    },

    async moveOn(seen, olderThan, pending) {
      const behind = new Date(Math.min(olderThan.getTime(), Date.now()) - BEHIND_MS).toISOString();
      const since = earliestOf([behind, ...pending.map((record) => sortableTime(record.time))]);
      if (seen.since === null || since > seen.since) await table.putIfUnchanged(rowOf(since), seen.etag);
    },
  };
}

function earliestOf(times: readonly string[]): string {
  return times.reduce((earliest, time) => (time < earliest ? time : earliest));
}

function rowOf(since: string | null): Row {
  return { ...KEYS, v: 1, since: since ?? '' };
}
