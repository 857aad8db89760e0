import type { ContainerClient } from '@azure/storage-blob';
import { GENESIS_BLOB, isArchiveBlob } from './archive-blobs.js';
import { GENESIS, parseLine, type ArchiveLine, type Link } from './archive-line.js';
import { sha256Of } from './canonical-json.js';
import { DeliveryError } from './target.js';

/** Where the chain ends. */
export interface Tail {
  /** The blob with the last line, or the one that it names, or the one for the first of all. */
  readonly blob: string;
  /** Its length in bytes, which is where the next line begins; at 0 it need not be there. */
  readonly position: number;
  readonly blocks: number;
  readonly link: Link;
  /** The states of the records that came last, by the hash of their canonical JSON. */
  readonly recent: ReadonlySet<string>;
}

/** Reads where the chain ends, and so many bytes before it; of the last two blobs at most. */
export async function readTail(
  container: ContainerClient,
  window: number,
  abortSignal: AbortSignal,
): Promise<Tail> {
  const blobs: { name: string; length: number }[] = [];
  for await (const { name, properties } of container.listBlobsFlat({ abortSignal })) {
    const length = properties.contentLength ?? 0;
    if (isArchiveBlob(name) && length > 0) blobs.push({ name, length });
  }
  const last = blobs.at(-1);
  if (last === undefined) {
    return { blob: GENESIS_BLOB, position: 0, blocks: 0, link: GENESIS, recent: new Set() };
  }
  const end = await readEnd(container, last, window, abortSignal);
  const line = end.lines.at(-1);
  if (line === undefined) {
    throw new DeliveryError(
      `The last line of ${last.name} in the archive cannot be read, so nothing is appended to it; see docs/archive.md on how to verify it.`,
      'transient',
    );
  }
  const before = blobs.at(-2);
  const isShort = last.length < window && before !== undefined;
  const earlier = isShort ? (await readEnd(container, before, window, abortSignal)).lines : [];
  const place =
    'next' in line.content
      ? { blob: line.content.next, position: 0, blocks: 0 }
      : { blob: last.name, position: end.position, blocks: end.blocks };
  return { ...place, link: line.link, recent: statesOf([...earlier, ...end.lines]) };
}

interface End {
  /** Ends before a line that is none. */
  readonly lines: readonly ArchiveLine[];
  readonly position: number;
  readonly blocks: number;
}

async function readEnd(
  container: ContainerClient,
  { name, length }: { readonly name: string; readonly length: number },
  window: number,
  abortSignal: AbortSignal,
): Promise<End> {
  const offset = Math.max(0, length - window);
  const answer = await container.getBlobClient(name).download(offset, undefined, { abortSignal });
  const chunks: Buffer[] = [];
  for await (const chunk of answer.readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  const begin = offset === 0 ? 0 : bytes.indexOf('\n') + 1;
  // A line that is longer than the window.
  if (offset > 0 && (begin === 0 || begin === bytes.length)) {
    return readEnd(container, { name, length }, window * 4, abortSignal);
  }
  const texts = bytes.subarray(begin).toString('utf8').split('\n');
  const position = offset + bytes.length;
  const blocks = answer.blobCommittedBlockCount ?? 0;
  if (texts.pop() !== '') return { lines: [], position, blocks };
  const lines = texts.map(parseLine);
  return { lines: lines.slice(lines.lastIndexOf(null) + 1).filter(isLine), position, blocks };
}

function isLine(line: ArchiveLine | null): line is ArchiveLine {
  return line !== null;
}

function statesOf(lines: readonly ArchiveLine[]): ReadonlySet<string> {
  return new Set(lines.flatMap(({ content }) => ('record' in content ? [sha256Of(content.record)] : [])));
}
