import { createHash } from 'node:crypto';

/*
 * What a subscription's sweeps know of each resource, in one buffer: a header and entries of a fixed size. A JavaScript
 * object for each of 100,000 resources would be ten times as large.
 *
 *   header   'HFSW', version, how many entries, number of the run (4 bytes each), SHA-256 of all but the magic and itself
 *   entry    SHA-256 of the resource's key (32), fingerprint (20), run that saw it last (4), second in which it is due (4),
 *            kind (1), marks (1), and 2 bytes that are nothing yet
 */
const MAGIC = 'HFSW';
const VERSION = 1;
const DIGEST_AT = 16;
const HEADER = DIGEST_AT + 32;
const ENTRY = 64;
const FINGERPRINT_AT = 32;
const RUN_AT = 52;
const DUE_AT = 56;
const KIND_AT = 60;
const MARKS_AT = 61;

export const KINDS = { connection: 1, workflow: 2, vault: 3, 'deleted-vault': 4 } as const;
export type EntryKind = keyof typeof KINDS;

/** What is to be remembered of a resource beside how it looked. */
export const MARKS = {
  /** Somebody has written what is remembered of it only just, and may be at it still: not to be passed over next time. */
  young: 1,
  /** A workflow that a list left out, and that has been asked for by name since. */
  unlisted: 2,
  /** A connection that is to be read with all that use it, at each sweep. */
  toMove: 4,
} as const;
export type Mark = keyof typeof MARKS;

/** Where an entry stands; good until the next entry is removed. */
export type EntryAt = number;

export interface SweepSnapshot {
  readonly run: number;
  readonly count: number;
  find(hash: Buffer): EntryAt | null;
  /** The entry of a resource, made where there is none; new ones are due, and seen by no run. */
  entry(hash: Buffer, kind: EntryKind): EntryAt;
  /** Notes that this run has seen it, as a resource of this kind. */
  see(at: EntryAt, kind: EntryKind): void;
  isSeen(at: EntryAt): boolean;
  /** Whether it looks as it did when it was last considered, and need not be considered before `now`. */
  isSettled(at: EntryAt, fingerprint: Buffer, now: Date): boolean;
  /** Remembers that it was considered as it looks, and is not due before `due`. */
  settle(at: EntryAt, fingerprint: Buffer, due: Date): void;
  unsettle(at: EntryAt): void;
  /** Whether it would be considered however it looks. */
  isDue(at: EntryAt): boolean;
  mark(at: EntryAt, mark: Mark, isSet: boolean): void;
  isMarked(at: EntryAt, mark: Mark): boolean;
  /** The last entry takes its place. */
  remove(hash: Buffer): void;
  kindOf(at: EntryAt): EntryKind | null;
  hashOf(at: EntryAt): Buffer;
  /** Begins the next run: nothing is seen, nothing is young. */
  nextRun(): void;
  /** How many resources this run has seen, of one kind or of all. */
  countSeen(kind?: EntryKind): number;
  /** All of it, as it is stored: the bytes are those of the snapshot itself, and change with it. */
  bytes(): Buffer;
}

/** A stored snapshot that cannot be used: damaged, or of a version that this code does not know. */
export type UnusableSnapshot = 'damaged' | 'newer';

export function emptySnapshot(run = 0): SweepSnapshot {
  return snapshotOver(Buffer.alloc(HEADER + 1024 * ENTRY), 0, run);
}

export function readSnapshot(stored: Buffer): SweepSnapshot | UnusableSnapshot {
  if (stored.length < HEADER || stored.toString('latin1', 0, 4) !== MAGIC) return 'damaged';
  if (stored.readUInt32LE(4) > VERSION) return 'newer';
  const count = stored.readUInt32LE(8);
  const isWhole = stored.readUInt32LE(4) === VERSION && stored.length === HEADER + count * ENTRY;
  if (!isWhole || !digestOf(stored).equals(stored.subarray(DIGEST_AT, HEADER))) return 'damaged';
  return snapshotOver(stored, count, stored.readUInt32LE(12));
}

function digestOf(stored: Buffer): Buffer {
  return createHash('sha256').update(stored.subarray(4, DIGEST_AT)).update(stored.subarray(HEADER)).digest();
}

function snapshotOver(given: Buffer, givenCount: number, givenRun: number): SweepSnapshot {
  let buffer = given;
  let count = givenCount;
  let run = givenRun;
  // Where each entry stands, by its hash: 0 is nobody, n the entry n - 1. Open addressing, at most half full.
  let slots = new Uint32Array(0);
  indexAll();

  function offset(at: EntryAt): number {
    return HEADER + at * ENTRY;
  }

  function indexAll(): void {
    let size = 2048;
    while (size < count * 2 + 2) size *= 2;
    slots = new Uint32Array(size);
    for (let at = 0; at < count; at += 1) slots[freeSlot(at)] = at + 1;
  }

  function freeSlot(at: EntryAt): number {
    let slot = buffer.readUInt32LE(offset(at)) & (slots.length - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    return slot;
  }

  function slotOf(hash: Buffer): number | null {
    let slot = hash.readUInt32LE(0) & (slots.length - 1);
    for (;;) {
      const one = slots[slot] ?? 0;
      if (one === 0) return null;
      const from = offset(one - 1);
      if (buffer.compare(hash, 0, FINGERPRINT_AT, from, from + FINGERPRINT_AT) === 0) return slot;
      slot = (slot + 1) & (slots.length - 1);
    }
  }

  function find(hash: Buffer): EntryAt | null {
    const slot = slotOf(hash);
    return slot === null ? null : (slots[slot] ?? 0) - 1;
  }

  function add(hash: Buffer, kind: EntryKind): EntryAt {
    if (offset(count + 1) > buffer.length) {
      const larger = Buffer.alloc(HEADER + count * 2 * ENTRY + 1024 * ENTRY);
      buffer.copy(larger, 0, 0, offset(count));
      buffer = larger;
    }
    const at = count;
    buffer.fill(0, offset(at), offset(at + 1));
    hash.copy(buffer, offset(at), 0, FINGERPRINT_AT);
    buffer[offset(at) + KIND_AT] = KINDS[kind];
    count += 1;
    if (slots.length < count * 2) indexAll();
    else slots[freeSlot(at)] = at + 1;
    return at;
  }

  function remove(hash: Buffer): void {
    const at = find(hash);
    if (at === null) return;
    count -= 1;
    buffer.copy(buffer, offset(at), offset(count), offset(count + 1));
    // Whoever was put behind the one that goes would not be found any more; so few go that all may be put anew.
    indexAll();
  }

  return {
    get run() {
      return run;
    },
    get count() {
      return count;
    },
    find,
    entry: (hash, kind) => find(hash) ?? add(hash, kind),
    see(at, kind) {
      buffer.writeUInt32LE(run, offset(at) + RUN_AT);
      buffer[offset(at) + KIND_AT] = KINDS[kind];
    },
    isSeen: (at) => run !== 0 && buffer.readUInt32LE(offset(at) + RUN_AT) === run,
    isSettled(at, fingerprint, now) {
      const from = offset(at);
      const due = buffer.readUInt32LE(from + DUE_AT);
      if (due * 1000 <= now.getTime()) return false;
      return (
        buffer.compare(fingerprint, 0, RUN_AT - FINGERPRINT_AT, from + FINGERPRINT_AT, from + RUN_AT) === 0
      );
    },
    settle(at, fingerprint, due) {
      fingerprint.copy(buffer, offset(at) + FINGERPRINT_AT, 0, RUN_AT - FINGERPRINT_AT);
      buffer.writeUInt32LE(Math.floor(due.getTime() / 1000), offset(at) + DUE_AT);
    },
    unsettle: (at) => void buffer.writeUInt32LE(0, offset(at) + DUE_AT),
    isDue: (at) => buffer.readUInt32LE(offset(at) + DUE_AT) === 0,
    mark(at, mark, isSet) {
      const marks = buffer[offset(at) + MARKS_AT] ?? 0;
      buffer[offset(at) + MARKS_AT] = isSet ? marks | MARKS[mark] : marks & ~MARKS[mark];
    },
    isMarked: (at, mark) => ((buffer[offset(at) + MARKS_AT] ?? 0) & MARKS[mark]) !== 0,
    remove,
    kindOf(at) {
      const kind = buffer[offset(at) + KIND_AT];
      return (Object.keys(KINDS) as EntryKind[]).find((name) => KINDS[name] === kind) ?? null;
    },
    hashOf: (at) => Buffer.from(buffer.subarray(offset(at), offset(at) + FINGERPRINT_AT)),
    nextRun() {
      run += 1;
      for (let at = 0; at < count; at += 1) {
        const from = offset(at) + MARKS_AT;
        buffer[from] = (buffer[from] ?? 0) & ~MARKS.young;
      }
    },
    countSeen(kind) {
      let seen = 0;
      for (let at = 0; at < count; at += 1) {
        const from = offset(at);
        const isOfKind = kind === undefined || buffer[from + KIND_AT] === KINDS[kind];
        if (isOfKind && buffer.readUInt32LE(from + RUN_AT) === run) seen += 1;
      }
      return seen;
    },
    bytes() {
      buffer.write(MAGIC, 0, 'latin1');
      buffer.writeUInt32LE(VERSION, 4);
      buffer.writeUInt32LE(count, 8);
      buffer.writeUInt32LE(run, 12);
      const whole = buffer.subarray(0, offset(count));
      digestOf(whole).copy(buffer, DIGEST_AT);
      return whole;
    },
  };
}
