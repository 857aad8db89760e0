import { isArchiveBlob } from './archive-blobs.js';
import { GENESIS, isGenuine, parseLine, type ArchiveLine, type Link } from './archive-line.js';

/** A blob of an archive, to be read. */
export interface ArchiveBlob {
  readonly name: string;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

/** A place where the chain does not hold. */
export interface Break {
  readonly blob: string;
  /** From 1; the first that is not as it should be. */
  readonly line: number;
  readonly kind: 'unreadable' | 'changed' | 'missing' | 'out-of-order' | 'replaced' | 'misplaced' | 'cut-off';
  /** A sentence for whoever has to look. */
  readonly what: string;
}

export interface Verdict {
  readonly breaks: readonly Break[];
  readonly blobs: number;
  readonly records: number;
  /** The last line: whoever keeps it can tell later that nothing up to here was taken away or rewritten. */
  readonly head: Link;
}

export interface KnownLinks {
  /** What the first line goes on from; the genesis unless earlier blobs were deleted after their retention. */
  readonly after?: Link;
  /** What was the last line at an earlier time. */
  readonly head?: Link | null;
}

/**
 * Reads an archive from its beginning, with its blobs in the order of their names, and says where the chain is broken.
 * After a break it goes on from what the line says of itself, so that one manipulation is not reported at every line.
 * That the last lines were cut off, or all rewritten with new hashes, can be told only by a head that was kept elsewhere.
 */
export async function verifyArchive(
  blobs: AsyncIterable<ArchiveBlob> | Iterable<ArchiveBlob>,
  { after = GENESIS, head = null }: KnownLinks = {},
): Promise<Verdict> {
  const reading = new Reading(after, head);
  for await (const { name, bytes } of blobs) {
    if (!isArchiveBlob(name)) continue;
    let line = 0;
    for await (const text of linesOf(bytes())) {
      line += 1;
      reading.read(name, line, text);
    }
  }
  return reading.end();
}

/** What has been read so far. */
class Reading {
  readonly #breaks: Break[] = [];
  #last: Link;
  /** False after a line of which not even the hash is known. */
  #isLinked = true;
  #blob: { readonly name: string; lines: number; next: string | null; closedAt: number } | null = null;
  #blobs = 0;
  #records = 0;
  #isHeadSeen: boolean;

  constructor(
    after: Link,
    private readonly head: Link | null,
  ) {
    this.#last = after;
    this.#isHeadSeen = head === null || (head.seq === after.seq && head.hash === after.hash);
  }

  /** `text` is null for bytes that are no text, or that no line end follows. */
  read(blob: string, number: number, text: string | null): void {
    const note = (kind: Break['kind'], what: string): void => {
      this.#breaks.push({ blob, line: number, kind, what });
    };
    this.enter(blob, note);
    const line = text === null ? null : parseLine(text);
    if (text === null || line === null) {
      note('unreadable', 'This is no line of an archive.');
      this.#last = { seq: this.#last.seq + 1, hash: '' };
      this.#isLinked = false;
      return;
    }
    if (!isGenuine(text, line, blob)) note('changed', 'This line is not what its hash was made of.');
    this.follow(line, note);
    if ('next' in line.content && this.#blob !== null) {
      this.#blob.next = line.content.next;
      this.#blob.closedAt = number;
    }
    if ('record' in line.content) this.#records += 1;
  }

  end(): Verdict {
    const open = this.#blob;
    if (open !== null && open.next !== null) {
      const what = `The last line says that the chain goes on in ${open.next}, which has no line. Whoever appended it may be about to go on there; otherwise that blob was taken away.`;
      this.#breaks.push({ blob: open.name, line: open.lines, kind: 'missing', what });
    }
    if (!this.#isHeadSeen && this.head !== null) {
      const what = `The line ${this.head.seq} with the hash that was kept is not in the archive.`;
      this.#breaks.push({ blob: open?.name ?? '', line: open?.lines ?? 0, kind: 'cut-off', what });
    }
    return { breaks: this.#breaks, blobs: this.#blobs, records: this.#records, head: this.#last };
  }

  private enter(name: string, note: (kind: Break['kind'], what: string) => void): void {
    const from = this.#blob;
    if (from?.name === name) {
      from.lines += 1;
      if (from.next !== null && from.lines === from.closedAt + 1) {
        note('misplaced', `The line before says that the chain goes on in ${from.next}.`);
      }
      return;
    }
    if (from !== null && from.next !== name) {
      const said = from.next === null ? 'does not say that it ends there' : `names ${from.next}`;
      note('misplaced', `The last line of the blob before (${from.name}) ${said}.`);
    }
    this.#blob = { name, lines: 1, next: null, closedAt: 0 };
    this.#blobs += 1;
  }

  private follow({ link, prev }: ArchiveLine, note: (kind: Break['kind'], what: string) => void): void {
    const { seq, hash } = this.#last;
    if (link.seq > seq + 1) {
      note('missing', `Lines ${seq + 1} to ${link.seq - 1} are missing before this one (${link.seq}).`);
    } else if (link.seq <= seq) {
      note('out-of-order', `This is line ${link.seq}, after line ${seq}.`);
    } else if (this.#isLinked && prev !== hash) {
      note('replaced', 'This line was made after another one than the line before it.');
    }
    this.#last = link;
    this.#isLinked = true;
    if (this.head !== null && link.seq === this.head.seq && link.hash === this.head.hash)
      this.#isHeadSeen = true;
  }
}

/** Null for a line that is not UTF-8, and for a last one without an end. */
async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string | null> {
  let rest: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      yield textOf(Buffer.concat([...rest, bytes.subarray(from, end)]));
      rest = [];
      from = end + 1;
    }
    if (from < bytes.length) rest.push(bytes.subarray(from));
  }
  if (rest.length > 0) yield null;
}

function textOf(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
