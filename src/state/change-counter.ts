import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { odata } from '@azure/data-tables';
import { NewerVersionError } from '../engine/ports/stored.js';
import type { ChangeCounter, ChangeWindow } from '../engine/ports/change-counter.js';
import {
  countChanges,
  readSlots,
  writeSlots,
  type ChangeSlots,
  type SlotAnswer,
  type SlotRequest,
} from './change-slots.js';
import { hashedKey } from './hashed-key.js';
import { createTable, type RowKeys, type Table, type TableHome } from './table.js';

/** How often a row is tried that others write, too. */
const ATTEMPTS = 20;
const LONGEST_PAUSE_MS = 1000;
/** What a sweep put on the queue has been looked at by then. */
const FORGET_AFTER_MS = 7 * 86_400_000;
const MINUTE_MS = 60_000;

interface Stored {
  readonly slots: ChangeSlots;
  /** Names the write that the row is of; null where there is none, or an older code's. */
  readonly by: string | null;
  readonly etag: string | null;
}

interface Waiting {
  readonly request: SlotRequest;
  readonly resolve: (answer: SlotAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** One row as this process knows it, and who waits to count in it. */
interface Counted {
  readonly window: ChangeWindow;
  known: Promise<Stored> | null;
  waiting: Waiting[];
  isBusy: boolean;
}

/**
 * The count of changes, in Table Storage: one row per run of the sweep, and one of minutes for events. Each step rests
 * on the etag of the one before, so that no two instances take the same place; within a process, those who wait are
 * counted in one write.
 */
export function createChangeCounter(home: TableHome, now = () => Date.now()): ChangeCounter {
  const table = createTable(home, 'HoldfastChanges');
  const rows = new Map<string, Counted>();

  function rowFor(window: ChangeWindow): Counted {
    const { partitionKey, rowKey } = keysOf(window);
    const key = `${partitionKey} ${rowKey}`;
    const row = rows.get(key) ?? { window, known: null, waiting: [], isBusy: false };
    // The one that was used last stands last; a process sees few runs of the sweep at once.
    rows.delete(key);
    rows.set(key, row);
    const idle = [...rows].find(([, one]) => !one.isBusy && one !== row);
    if (rows.size > 8 && idle !== undefined) rows.delete(idle[0]);
    return row;
  }

  async function commit(row: Counted, requests: readonly SlotRequest[]): Promise<readonly SlotAnswer[]> {
    const keys = keysOf(row.window);
    const minute = row.window.kind === 'hour' ? Math.floor(now() / MINUTE_MS) : null;
    // The client sends a write again whose answer was lost, and hears then that somebody has changed the row: he himself.
    const sent = new Map<string, readonly SlotAnswer[]>();
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const isFresh = row.known === null;
      const { slots, by, etag } = await (row.known ??= read(table, keys));
      const counted = by === null ? undefined : sent.get(by);
      if (counted !== undefined) return counted;
      const next = countChanges(slots, requests, minute);
      const isDenied = next.answers.some(({ kind }) => kind === 'denied');
      if (isDenied && !isFresh) {
        // What others gave back meanwhile is not known here.
        row.known = null;
        continue;
      }
      if (next.answers.every(({ kind }) => kind === 'denied')) return next.answers;
      const own = randomUUID();
      sent.set(own, next.answers);
      const at = new Date(now()).toISOString();
      const counts = { ...keys, v: 1, slots: writeSlots(next.slots), by: own, at };
      row.known = null;
      const written = await table.putIfUnchanged(counts, etag);
      if (written !== null) {
        row.known = Promise.resolve({ slots: next.slots, by: own, etag: written });
        if (etag === null && row.window.kind === 'sweep') void forgetOld(table, now());
        return next.answers;
      }
      await pause(Math.random() * Math.min(20 * 2 ** attempt, LONGEST_PAUSE_MS));
    }
    throw new Error(`The count of changes has been changed by others ${ATTEMPTS} times; try again.`);
  }

  async function work(row: Counted): Promise<void> {
    if (row.isBusy) return;
    row.isBusy = true;
    while (row.waiting.length > 0) {
      const batch = row.waiting;
      row.waiting = [];
      try {
        const answers = await commit(
          row,
          batch.map(({ request }) => request),
        );
        for (const [i, answer] of answers.entries()) batch[i]?.resolve(answer);
      } catch (error) {
        row.known = null;
        for (const { reject } of batch) reject(error);
      }
    }
    row.isBusy = false;
  }

  const ask = (window: ChangeWindow, request: SlotRequest): Promise<SlotAnswer> =>
    new Promise((resolve, reject) => {
      const row = rowFor(window);
      row.waiting.push({ request, resolve, reject });
      void work(row);
    });

  return {
    async prepare(window) {
      const row = rowFor(window);
      if (row.isBusy || row.known !== null) return;
      const reading = read(table, keysOf(window));
      row.known = reading;
      await reading.catch((error: unknown) => {
        if (row.known === reading) row.known = null;
        throw error;
      });
    },

    async take(window, limit) {
      const answer = await ask(window, { kind: 'take', limit });
      return answer.kind === 'granted'
        ? { kind: 'granted', place: { window, minute: answer.minute } }
        : { kind: 'denied', made: answer.kind === 'denied' ? answer.made : 0 };
    },

    async giveBack({ window, minute }) {
      await ask(window, { kind: 'give-back', minute });
    },
  };
}

async function read(table: Table, keys: RowKeys): Promise<Stored> {
  const row = await table.get(keys);
  if (row === null) return { slots: new Map(), by: null, etag: null };
  const slots = row.v === 1 ? readSlots(row.slots) : null;
  if (slots === null) {
    throw new NewerVersionError('The count of changes was written by a newer version. Update Holdfast.');
  }
  return { slots, by: typeof row.by === 'string' ? row.by : null, etag: row.etag };
}

/** Counts of sweeps that are long over; whatever stays is taken when the next run begins. */
async function forgetOld(table: Table, now: number): Promise<void> {
  const before = new Date(now - FORGET_AFTER_MS).toISOString();
  try {
    const { rows } = await table.page(odata`PartitionKey eq ${SWEEPS} and at lt ${before}`, 100, null);
    for (const row of rows) await table.removeIfUnchanged(row, row.etag);
  } catch {
    // It costs a few rows until then.
  }
}

const SWEEPS = 'sweep';

function keysOf(window: ChangeWindow): RowKeys {
  return window.kind === 'sweep'
    ? { partitionKey: SWEEPS, rowKey: hashedKey(window.correlationId) }
    : { partitionKey: 'events', rowKey: 'hour' };
}
