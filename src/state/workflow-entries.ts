import { setTimeout as delay } from 'node:timers/promises';
import { isSameJson } from '../types/apply-edits.js';
import type { Json } from '../types/json.js';
import type { WorkflowReads } from '../types/observation.js';
import type { ResourceId } from '../types/resource-id.js';
import { completeReads } from './complete-reads.js';
import { chunkedRows, readValue } from './chunked-row.js';
import { hashedKey } from './hashed-key.js';
import { inBatches } from '../engine/in-batches.js';
import type { Row, RowKeys, Table } from './table.js';
import { PARTITIONS, workflowRows } from './workflow-rows.js';

/**
 * What is known of one workflow. Its rows in other partitions cannot be written with it at once; while they are, the
 * entry is not settled, and `reads` is all that may be in those rows.
 */
export interface WorkflowEntry {
  readonly reads: WorkflowReads;
  readonly settled: boolean;
}

export interface WorkflowEntries {
  save(id: ResourceId, reads: WorkflowReads): Promise<void>;
  forget(id: ResourceId): Promise<void>;
}

type Stored = { readonly entry: WorkflowEntry; readonly etag: string } | null;

/** Two events and a sweep may want the same workflow at once; more than that is somebody's mistake. */
const ATTEMPTS = 10;

export function workflowKeys(id: ResourceId): RowKeys {
  return workflowKeysAt(hashedKey(id.key));
}

export function workflowKeysAt(hash: string): RowKeys {
  return { partitionKey: PARTITIONS.workflow + hash, rowKey: 'workflow' };
}

/** Writes workflows into the index so that a crash between any two rows is repaired by the next save. */
export function createWorkflowEntries(table: Table): WorkflowEntries {
  async function stored(id: ResourceId): Promise<Stored> {
    const found = await readValue(table, workflowKeys(id));
    if (found === null) return null;
    const entry = found.value as WorkflowEntry;
    return { entry: { ...entry, reads: completeReads(entry.reads) }, etag: found.etag };
  }

  function put(id: ResourceId, entry: WorkflowEntry, etag: string | null): Promise<string | null> {
    const [row, ...others] = chunkedRows(workflowKeys(id), entry);
    if (row === undefined || others.length > 0) throw new Error(`${id.id} has too many reads to be stored.`);
    return table.putIfUnchanged(row, etag);
  }

  /** Says that the rows of `reads` and of what was known before may all be there; the new etag, null if outrun. */
  function open(id: ResourceId, before: Stored, reads: WorkflowReads): Promise<string | null> {
    const together = allOf(
      before?.entry.reads ?? { ...reads, reads: [], connectionIds: [], handsSecretTo: [], calls: [] },
      reads,
    );
    return put(id, { reads: together, settled: false }, before?.etag ?? null);
  }

  async function trySave(id: ResourceId, reads: WorkflowReads, before: Stored): Promise<boolean> {
    const wanted = workflowRows(reads);
    const known = before === null ? [] : workflowRows(before.entry.reads);
    const isSettled = before === null ? wanted.length === 0 : before.entry.settled;
    if (isSettled && isSame(known, wanted)) {
      return (await put(id, { reads, settled: true }, before?.etag ?? null)) !== null;
    }
    const etag = await open(id, before, reads);
    if (etag === null) return false;
    await inBatches(wanted, (rows) => table.put(rows, 'Replace'));
    await inBatches(staleKeys(known, wanted), (keys) => table.remove(keys));
    return (await put(id, { reads, settled: true }, etag)) !== null;
  }

  async function tryForget(id: ResourceId, before: Stored): Promise<boolean> {
    if (before === null) return true;
    const etag = await open(id, before, before.entry.reads);
    if (etag === null) return false;
    await inBatches(staleKeys(workflowRows(before.entry.reads), []), (keys) => table.remove(keys));
    return table.removeIfUnchanged(workflowKeys(id), etag);
  }

  async function untilDone(id: ResourceId, attempt: (before: Stored) => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < ATTEMPTS; tries += 1) {
      if (await attempt(await stored(id))) return;
      // Whoever comes again at once would outrun the other, who would outrun it in turn.
      await delay(Math.random() * Math.min(1000, 25 * 2 ** tries));
    }
    throw new Error(`What is known of ${id.id} keeps being changed by others; try again.`);
  }

  return {
    save: (id, reads) =>
      untilDone(id, async (before) => {
        const isKnown = before?.entry.settled === true && isSame(before.entry.reads, reads);
        return isKnown || trySave(id, reads, before);
      }),
    forget: (id) => untilDone(id, (before) => tryForget(id, before)),
  };
}

/**
 * All that either names, and some of it once more than either: it says nothing that is not so, yet equals neither, so
 * that a sweep that saves only what has changed takes it for changed, and by saving repairs it.
 */
function allOf(a: WorkflowReads, b: WorkflowReads): WorkflowReads {
  return {
    workflowId: b.workflowId,
    connectionIds: allAndMore(a.connectionIds, b.connectionIds),
    reads: allAndMore(a.reads, b.reads),
    handsSecretTo: allAndMore(a.handsSecretTo, b.handsSecretTo),
    calls: allAndMore(a.calls, b.calls),
    isEnabled: b.isEnabled,
    returnsSecret: b.returnsSecret,
    listed: true,
  };
}

function allAndMore<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  const distinct = [...new Map([...a, ...b].map((item) => [JSON.stringify(item), item])).values()];
  const [first] = distinct;
  if (first === undefined) return [];
  const timesIn = (list: readonly T[]): number => list.filter((item) => isSame(item, first)).length;
  return [...distinct, ...Array<T>(Math.max(timesIn(a), timesIn(b))).fill(first)];
}

function staleKeys(
  known: readonly (readonly Row[])[],
  wanted: readonly (readonly Row[])[],
): readonly RowKeys[] {
  const nameOf = ({ partitionKey, rowKey }: RowKeys): string => `${partitionKey}/${rowKey}`;
  const kept = new Set(wanted.flat().map(nameOf));
  return known.flat().filter((row) => !kept.has(nameOf(row)));
}

function isSame(a: unknown, b: unknown): boolean {
  return isSameJson(a as Json, b as Json);
}
