import type { AppendBlobClient, ContainerClient } from '@azure/storage-blob';
import type { AuditRecord } from '../types/record.js';
import { attempt, type Service } from './attempt.js';
import { blobAfter, isOfEarlierDay } from './archive-blobs.js';
import { lineAfter, type Link } from './archive-line.js';
import { readTail, type Tail } from './archive-tail.js';
import { canonicalJson, sha256Of } from './canonical-json.js';
import { DeliveryError, type DeliveryTarget } from './target.js';

/** https://learn.microsoft.com/rest/api/storageservices/append-block#remarks; the last one is for the line that names the next blob. */
const MAX_BLOCKS = 50_000;
/** A block may have 100 MiB; this many bytes of lines are sent at once, unless one of them alone is longer. */
const BLOCK_BYTES = 4 * 1024 * 1024;
/** Others append, too: how often the end of the chain is looked up anew before the delivery is left for later. */
const MOST_CONFLICTS = 10;
/** Thousands of records as they usually are. */
const WINDOW_BYTES = 8 * 1024 * 1024;
/** As many states as are remembered without reading them back. */
const MOST_RECENT = 10_000;

const ARCHIVE: Service = {
  name: 'The archive',
  advice: {
    403: 'the identity needs a role with the data actions blobs/read and blobs/add/action on the container, and its policy must allow protected append writes (docs/archive.md).',
    404: 'the container of HOLDFAST_ARCHIVE is not there; make it with its policy (docs/archive.md).',
    409: 'its policy must allow protected append writes (docs/archive.md).',
  },
  // Any other is about the account or the request, which may be put right: no record is given up for that.
  refusals: [413],
};

/**
 * Appends records to blobs, as lines of which each holds the hash of the one before (docs/decisions/0019). Whoever
 * appends says at which position: where somebody else was faster the append fails, and is made anew after theirs. The
 * container is never made here: it would have no policy.
 */
export function createArchive(
  container: ContainerClient,
  now: () => Date = () => new Date(),
  maxBlocks = MAX_BLOCKS,
): DeliveryTarget {
  let known: Tail | null = null;
  return {
    name: 'archive',
    batch: 100,
    async deliver(records, signal) {
      let remembered = known;
      known = null;
      known = await attempt(ARCHIVE, signal, (abortSignal) => {
        const from = remembered;
        // After a call without an answer, what was remembered is of the past.
        remembered = null;
        return appendAll(container, from, records, now, maxBlocks, abortSignal);
      });
    },
  };
}

/** Gives the end of the chain, once all that was missing from it is there. */
async function appendAll(
  container: ContainerClient,
  from: Tail | null,
  records: readonly AuditRecord[],
  now: () => Date,
  maxBlocks: number,
  abortSignal: AbortSignal,
): Promise<Tail> {
  let tail = from;
  let missing = statesOf(records);
  let conflicts = 0;
  while (conflicts < MOST_CONFLICTS) {
    const { recent } = (tail ??= await readTail(container, windowFor(records), abortSignal));
    missing = missing.filter(([hash]) => !recent.has(hash));
    if (missing.length === 0) return tail;
    const open = await openBlob(container, tail, now(), maxBlocks, abortSignal);
    tail = open && (await append(container, open, missing, abortSignal));
    if (tail === null) conflicts += 1;
  }
  throw new DeliveryError('Others keep appending to the archive at the same time.', 'transient');
}

/** A record's state with its hash. */
type State = readonly [hash: string, record: AuditRecord];

/** Each once. */
function statesOf(records: readonly AuditRecord[]): readonly State[] {
  return [...new Map(records.map((record) => [sha256Of(record), record]))];
}

/** How much to read back for what came last: all that these may be, and as much again of others'. */
function windowFor(records: readonly AuditRecord[]): number {
  const bytes = records.reduce((sum, record) => sum + Buffer.byteLength(canonicalJson(record)), 0);
  return Math.max(WINDOW_BYTES, 2 * bytes);
}

/**
 * The end of the chain in a blob that can take another block: the same, or a new one that a last line of this one names.
 * That line is what keeps others from going on in this one. Null where somebody else was faster.
 */
async function openBlob(
  container: ContainerClient,
  tail: Tail,
  now: Date,
  maxBlocks: number,
  abortSignal: AbortSignal,
): Promise<Tail | null> {
  const client = await blobAt(container, tail, abortSignal);
  if (!isOfEarlierDay(tail.blob, now) && tail.blocks < maxBlocks - 1) return tail;
  const next = { ...tail, blob: blobAfter(tail.blob, now), position: 0, blocks: 0 };
  // Made before the line that names it, so that a last blob that is not there was taken away.
  await blobAt(container, next, abortSignal);
  const { text, link } = lineAfter(tail.link, tail.blob, { next: next.blob });
  return (await appendAt(client, tail.position, `${text}\n`, abortSignal)) ? { ...next, link } : null;
}

async function blobAt(
  container: ContainerClient,
  { blob, position }: Tail,
  abortSignal: AbortSignal,
): Promise<AppendBlobClient> {
  const client = container.getAppendBlobClient(blob);
  if (position > 0) return client;
  try {
    await client.create({ abortSignal, conditions: { ifNoneMatch: '*' } });
  } catch (error) {
    if (!(await isThere(client, error, abortSignal))) throw error;
  }
  return client;
}

/**
 * Whether a blob could not be made because it is there already: 409, which may also say that a policy keeps it from being
 * written over (the append will tell). Whoever may add blobs and not write over them may be told 403
 * `UnauthorizedBlobOverwrite` (https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes), and nothing
 * says whether that comes before the condition, or is another code for a role: so a 403 is looked into.
 */
async function isThere(client: AppendBlobClient, error: unknown, abortSignal: AbortSignal): Promise<boolean> {
  const status = statusOf(error);
  if (status !== 403) return status === 409;
  try {
    return await client.exists({ abortSignal });
  } catch {
    // The first refusal says more: what the identity may not do.
    abortSignal.throwIfAborted();
    return false;
  }
}

/** As many as go into one block, to begin with. Null where somebody else was faster. */
async function append(
  container: ContainerClient,
  tail: Tail,
  states: readonly State[],
  abortSignal: AbortSignal,
): Promise<Tail | null> {
  const { text, link, hashes } = blockOf(states, tail);
  const client = container.getAppendBlobClient(tail.blob);
  if (!(await appendAt(client, tail.position, text, abortSignal))) return null;
  const position = tail.position + Buffer.byteLength(text);
  const recent = new Set([...tail.recent, ...hashes].slice(-MOST_RECENT));
  return { ...tail, position, blocks: tail.blocks + 1, link, recent };
}

interface Block {
  readonly text: string;
  readonly link: Link;
  readonly hashes: readonly string[];
}

function blockOf(states: readonly State[], tail: Tail): Block {
  const lines: string[] = [];
  const hashes: string[] = [];
  let { link } = tail;
  let bytes = 0;
  for (const [hash, record] of states) {
    const line = lineAfter(link, tail.blob, { record });
    bytes += Buffer.byteLength(line.text) + 1;
    if (lines.length > 0 && bytes > BLOCK_BYTES) break;
    lines.push(`${line.text}\n`);
    hashes.push(hash);
    link = line.link;
  }
  return { text: lines.join(''), link, hashes };
}

/** Whether nobody had appended before. */
async function appendAt(
  blob: AppendBlobClient,
  position: number,
  text: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  try {
    const conditions = { appendPosition: position };
    await blob.appendBlock(text, Buffer.byteLength(text), { abortSignal, conditions });
    return true;
  } catch (error) {
    // https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
    if (statusOf(error) === 412) return false;
    throw error;
  }
}

function statusOf(error: unknown): unknown {
  return (error as { readonly statusCode?: unknown }).statusCode;
}
