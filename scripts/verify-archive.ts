import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DefaultAzureCredential } from '@azure/identity';
import { ContainerClient } from '@azure/storage-blob';
import { archiveBlobsOf } from '../src/delivery/archive-container.js';
import type { Link } from '../src/delivery/archive-line.js';
import { verifyArchive, type ArchiveBlob } from '../src/delivery/verify-archive.js';

const USAGE = `Usage: npm run --silent verify-archive -- CONTAINER-URL|FOLDER [--after SEQ:HASH] [--head SEQ:HASH]

Reads the archive in a container, as whoever is signed in with az login, or in a folder into which it was downloaded, and
says where its chain is broken. Exits with 0 where it is whole, 1 where it is not, 2 where it cannot be read.

  --after SEQ:HASH   the last line of what was deleted after its retention; nothing was, where nothing is said
  --head SEQ:HASH    what was the last line when it was verified before: nothing up to there may be missing or rewritten
`;

/** docs/archive.md */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { after: { type: 'string' }, head: { type: 'string' }, help: { type: 'boolean' } },
  });
  const [place, ...others] = positionals;
  if (values.help === true) {
    process.stdout.write(USAGE);
    return;
  }
  if (place === undefined || others.length > 0)
    throw new RangeError(`Name one container or folder.\n\n${USAGE}`);
  const { breaks, blobs, records, head } = await verifyArchive(
    place.startsWith('https:') ? inContainer(place) : inFolder(place),
    {
      ...(values.after === undefined ? {} : { after: linkIn('after', values.after) }),
      ...(values.head === undefined ? {} : { head: linkIn('head', values.head) }),
    },
  );
  // A chain of nothing is whole; what was named is then another place, or an archive of which all was taken away.
  if (blobs === 0 && breaks.length === 0) {
    throw new Error(
      `There is no archive in ${place}: no line stands in a blob named audit-YYYY-MM-DD-NNNN.jsonl. Either this is another container or folder, or nothing has been appended yet, or all of it was taken away.`,
    );
  }
  for (const { blob, line, kind, what } of breaks) process.stdout.write(`${blob}:${line} ${kind}: ${what}\n`);
  const found = breaks.length === 0 ? 'The chain is whole' : `The chain is broken in ${breaks.length} places`;
  process.stdout.write(`${found}: ${records} records in ${blobs} blobs. Head: ${head.seq}:${head.hash}\n`);
  process.exitCode = breaks.length === 0 ? 0 : 1;
}

function inContainer(url: string): AsyncIterable<ArchiveBlob> {
  return archiveBlobsOf(new ContainerClient(url, new DefaultAzureCredential()));
}

async function* inFolder(folder: string): AsyncGenerator<ArchiveBlob> {
  for (const name of (await readdir(folder)).sort())
    yield { name, bytes: () => createReadStream(join(folder, name)) };
}

function linkIn(option: string, text: string): Link {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text);
  if (match?.[2] === undefined) {
    throw new RangeError(
      `--${option} takes a line's number and hash, e.g. 1000:… as it is printed after "Head:".`,
    );
  }
  return { seq: Number(match[1]), hash: match[2] };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
