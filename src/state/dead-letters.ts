import type { BlobClient, ContainerClient } from '@azure/storage-blob';
import {
  DEAD_LETTER_SOURCES,
  type DeadLetterPage,
  type DeadLetterPlace,
  type DeadLetters,
  type DeadLetterSource,
  type DeadLetterText,
  type ListedDeadLetter,
} from '../engine/ports/dead-letters.js';
import { InvalidContinuationTokenError } from '../engine/ports/audit-log.js';
import { z } from 'zod';
import { createGatherGivenUp, GIVEN_UP_CONTAINER } from './given-up-messages.js';
import type { StorageAccount } from './storage-account.js';
import { isStorageError } from './storage-error.js';
import { withDeadline } from './with-deadline.js';

/** Where the installation has Event Grid keep what it could not deliver (infra/azuredeploy.json). */
export const UNDELIVERED_CONTAINER = 'holdfast-dead-letters';

const CONTAINERS: Readonly<Record<DeadLetterSource, string>> = {
  'given-up': GIVEN_UP_CONTAINER,
  undelivered: UNDELIVERED_CONTAINER,
};

/** An event has 1 MB at most; a blob has several. */
const LONGEST = 16 * 1024 * 1024;

/**
 * Dead letters, in two containers. Event Grid writes `{EVENT SUBSCRIPTION}/{year}/{month}/{day}/{hour}/{guid}.json`, each
 * an array of one or more events (https://learn.microsoft.com/azure/event-grid/manage-event-delivery).
 */
export function createDeadLetters(account: StorageAccount): DeadLetters {
  const containerOf = (source: DeadLetterSource): ContainerClient => account.container(CONTAINERS[source]);

  async function pageOf(
    source: DeadLetterSource,
    limit: number,
    marker: string | null,
  ): Promise<DeadLetterPage> {
    const settings = { maxPageSize: limit, ...(marker === null ? {} : { continuationToken: marker }) };
    try {
      const found = await withDeadline((abortSignal) =>
        containerOf(source).listBlobsFlat({ abortSignal }).byPage(settings).next(),
      );
      if (found.done === true) return { letters: [], continuationToken: null };
      const { segment, continuationToken } = found.value;
      const letters = segment.blobItems.map(({ name, properties }): ListedDeadLetter => ({
        source,
        name,
        storedAt: properties.lastModified,
      }));
      return { letters, continuationToken: continuationToken === '' ? null : (continuationToken ?? null) };
    } catch (error) {
      if (isStorageError(error, 404, 'ContainerNotFound')) return { letters: [], continuationToken: null };
      if (marker !== null && isStorageError(error, 400)) throw invalidToken();
      throw error;
    }
  }

  /** Null where the name leads out of the container: `..` in it is a step up, in a URL, and ids come from callers. */
  function blobAt({ source, name }: DeadLetterPlace): BlobClient | null {
    const blob = containerOf(source).getBlobClient(name);
    const under = `${new URL(containerOf(source).url).pathname}/`;
    return new URL(blob.url).pathname.startsWith(under) ? blob : null;
  }

  return {
    gather: createGatherGivenUp(account),

    async page(limit, continuationToken) {
      let place: Position = decode(continuationToken);
      const letters: ListedDeadLetter[] = [];
      for (;;) {
        const page = await pageOf(place.source, limit - letters.length, place.marker);
        letters.push(...page.letters);
        const next = nextPosition(place.source, page.continuationToken);
        if (next === null) return { letters, continuationToken: null };
        if (letters.length >= limit) return { letters, continuationToken: encode(next) };
        place = next;
      }
    },

    async read(place): Promise<DeadLetterText> {
      const blob = blobAt(place);
      if (blob === null) return { kind: 'gone' };
      try {
        return await withDeadline(async (abortSignal) => {
          // One byte more than is read tells that there are more.
          const answer = await blob.download(0, LONGEST + 1, { abortSignal });
          const bytes = await bytesOf(answer.readableStreamBody);
          if (bytes.length > LONGEST) return unreadable(`It is longer than ${LONGEST / 1024 / 1024} MB.`);
          return { kind: 'text', text: bytes.toString('utf8'), etag: answer.etag ?? '' };
        });
      } catch (error) {
        if (isStorageError(error, 404)) return { kind: 'gone' };
        // A range of an empty blob.
        if (isStorageError(error, 416)) return unreadable('It is empty.');
        // A rule of the account's life cycle moves old blobs there.
        if (isStorageError(error, 409))
          return unreadable('It lies in the archive tier: bring it back first.');
        throw error;
      }
    },

    async remove(place, etag) {
      const blob = blobAt(place);
      if (blob === null) return;
      try {
        const conditions = { ifMatch: etag };
        await withDeadline((abortSignal) =>
          blob.delete({ conditions, abortSignal, deleteSnapshots: 'include' }),
        );
      } catch (error) {
        if (!isStorageError(error, 404) && !isStorageError(error, 412)) throw error;
      }
    },
  };
}

function unreadable(why: string): DeadLetterText {
  return { kind: 'unreadable', why };
}

async function bytesOf(stream: NodeJS.ReadableStream | undefined): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Where a listing goes on: one container after the other. */
interface Position {
  readonly source: DeadLetterSource;
  /** The service's own; null at the container's beginning. */
  readonly marker: string | null;
}

const positionSchema = z.strictObject({
  source: z.enum(DEAD_LETTER_SOURCES),
  marker: z.string().min(1).max(2000).nullable(),
});

function nextPosition(source: DeadLetterSource, marker: string | null): Position | null {
  if (marker !== null) return { source, marker };
  const next = DEAD_LETTER_SOURCES[DEAD_LETTER_SOURCES.indexOf(source) + 1];
  return next === undefined ? null : { source: next, marker: null };
}

function encode(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

function decode(token: string | null): Position {
  if (token === null) return { source: DEAD_LETTER_SOURCES[0], marker: null };
  try {
    return positionSchema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch {
    throw invalidToken();
  }
}

function invalidToken(): InvalidContinuationTokenError {
  return new InvalidContinuationTokenError(
    'The continuation token is not one that this list gave; ask again without it.',
  );
}
