import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { blobAfter, GENESIS_BLOB } from '../../src/delivery/archive-blobs.js';
import { GENESIS, lineAfter, parseLine, type Link } from '../../src/delivery/archive-line.js';
import { verifyArchive, type KnownLinks, type Verdict } from '../../src/delivery/verify-archive.js';
import type { AuditRecord } from '../../src/types/record.js';
import { aRecord } from '../state/records.js';

/*
 * What the verification finds, on archives that are made here line by line; over a real container it goes in
 * archive.test.ts.
 */

/** Blobs with their lines, in the order of their names. */
type Archive = readonly { readonly name: string; readonly lines: readonly string[] }[];

const record = (id: number): AuditRecord =>
  aRecord({ id: `record-${id}`, error: id % 3 === 0 ? 'ünïcode ☂' : null });

/** An archive with so many records on each day. */
function archiveOf(days: readonly number[]): { readonly archive: Archive; readonly head: Link } {
  let head = GENESIS;
  let name = GENESIS_BLOB;
  let lines: string[] = [];
  const archive: { name: string; lines: readonly string[] }[] = [];
  const add = (content: Parameters<typeof lineAfter>[2]): void => {
    const { text, link } = lineAfter(head, name, content);
    lines.push(text);
    head = link;
  };
  for (const [day, count] of days.entries()) {
    const next = blobAfter(name, new Date(Date.UTC(2026, 10, 1 + day)));
    add({ next });
    archive.push({ name, lines });
    [name, lines] = [next, []];
    for (let i = 0; i < count; i += 1) add({ record: record(day * 100 + i) });
  }
  archive.push({ name, lines });
  return { archive, head };
}

function verify(archive: Archive, known?: KnownLinks, ending = '\n'): Promise<Verdict> {
  const sorted = archive.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const blobs = sorted.map(({ name, lines }, i) => {
    const text = lines.map((line) => `${line}\n`).join('');
    return { name, bytes: () => piecesOf(i === sorted.length - 1 ? text.slice(0, -1) + ending : text) };
  });
  return verifyArchive(blobs, known);
}

/** In pieces that end anywhere, as a network gives them. */
async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 337) yield await Promise.resolve(bytes.subarray(at, at + 337));
}

const withLines = (
  archive: Archive,
  blob: number,
  change: (lines: readonly string[]) => readonly string[],
): Archive => archive.map((one, i) => (i === blob ? { ...one, lines: change(one.lines) } : one));

describe('what is as it was made', () => {
  test('has no break, whatever days and records', async () => {
    const days = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(days, async (counts) => {
        const { archive, head } = archiveOf(counts);
        const verdict = await verify(archive, { head });
        expect(verdict).toEqual({
          breaks: [],
          blobs: counts.length + 1,
          records: counts.reduce((sum, count) => sum + count, 0),
          head,
        });
      }),
    );
  });

  test('may be nothing at all', async () => {
    expect(await verifyArchive([])).toEqual({ breaks: [], blobs: 0, records: 0, head: GENESIS });
  });

  test('may have grown since the head was kept', async () => {
    const { archive } = archiveOf([2, 3]);
    const earlier = parseLine(archive[1]?.lines[0] ?? '');
    expect((await verify(archive, { head: earlier?.link ?? expect.fail() })).breaks).toEqual([]);
  });

  test('may begin later, where what came before was deleted after its retention', async () => {
    const { archive, head } = archiveOf([2, 3, 1]);
    const last = parseLine(archive[1]?.lines.at(-1) ?? '');
    expect((await verify(archive.slice(2), { after: last?.link ?? GENESIS, head })).breaks).toEqual([]);
    expect((await verify(archive.slice(2))).breaks).toMatchObject([{ kind: 'missing', line: 1 }]);
  });
});

describe('where the chain is broken', () => {
  const DAY = 'audit-2026-11-02-0000.jsonl';
  const { archive, head } = archiveOf([3, 3, 3]);
  const at = (blob: number, line: number): string => archive[blob]?.lines[line] ?? '';
  const forged = (blob: number, line: number): string => {
    const { link, prev } = parseLine(at(blob, line)) ?? expect.fail();
    const name = archive[blob]?.name ?? '';
    return lineAfter({ seq: link.seq - 1, hash: prev }, name, { record: record(999) }).text;
  };

  test.each<[string, Archive, KnownLinks, readonly [kind: string, blob: string, line: number][]]>([
    [
      'a changed line',
      withLines(archive, 2, (lines) => lines.with(1, at(2, 1).replace('mallory', 'nobody!'))),
      {},
      [['changed', DAY, 2]],
    ],
    [
      'a line that says the same in other words',
      withLines(archive, 2, (lines) => lines.with(1, at(2, 1).replace('{"seq":', '{ "seq":'))),
      {},
      [['changed', DAY, 2]],
    ],
    [
      'a changed line with a hash that fits it: the next one shows it',
      withLines(archive, 2, (lines) => lines.with(1, forged(2, 1))),
      {},
      [['replaced', DAY, 3]],
    ],
    [
      'a line that is none',
      withLines(archive, 2, (lines) => lines.with(1, 'gone')),
      {},
      [['unreadable', DAY, 2]],
    ],
    ['a removed line', withLines(archive, 2, (lines) => lines.toSpliced(1, 1)), {}, [['missing', DAY, 2]]],
    [
      'a line that comes twice',
      withLines(archive, 2, (lines) => lines.toSpliced(1, 0, at(2, 0))),
      {},
      [['out-of-order', DAY, 2]],
    ],
    [
      'two lines that changed places',
      withLines(archive, 2, (lines) => lines.with(0, at(2, 1)).with(1, at(2, 0))),
      {},
      [
        ['missing', DAY, 1],
        ['out-of-order', DAY, 2],
        ['missing', DAY, 3],
      ],
    ],
    [
      'a removed day',
      archive.toSpliced(2, 1),
      {},
      [
        ['misplaced', 'audit-2026-11-03-0000.jsonl', 1],
        ['missing', 'audit-2026-11-03-0000.jsonl', 1],
      ],
    ],
    ['a removed last day', archive.slice(0, -1), {}, [['missing', DAY, 4]]],
    ['a removed genesis', archive.slice(1), {}, [['missing', 'audit-2026-11-01-0000.jsonl', 1]]],
    [
      'a line that was moved into the next blob',
      withLines(
        withLines(archive, 1, (lines) => lines.slice(0, -1)),
        2,
        (lines) => [at(1, 3), ...lines],
      ),
      {},
      [
        ['misplaced', DAY, 1],
        ['changed', DAY, 1],
        ['misplaced', DAY, 2],
      ],
    ],
    [
      'last lines that were cut off, with the head that was kept',
      withLines(archive, 3, (lines) => lines.slice(0, -1)),
      { head },
      [['cut-off', 'audit-2026-11-03-0000.jsonl', 2]],
    ],
    [
      'a last line that was rewritten with its hash, with the head that was kept',
      withLines(archive, 3, (lines) => lines.with(2, forged(3, 2))),
      { head },
      [['cut-off', 'audit-2026-11-03-0000.jsonl', 3]],
    ],
  ])('%s', async (_name, tampered, known, breaks) => {
    const verdict = await verify(tampered, known);
    expect(verdict.breaks.map(({ kind, blob, line }) => [kind, blob, line])).toEqual(breaks);
    for (const { what } of verdict.breaks) expect(what).toMatch(/^[A-Z].*\.$/);
  });

  test('a last line without its end', async () => {
    expect((await verify(archive, {}, '')).breaks).toMatchObject([{ kind: 'unreadable', line: 3 }]);
  });
});

describe('any tampering', () => {
  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  const pick = fc.nat({ max: 1000 });

  /** Each changes an archive, or gives it back where there is nothing of that kind to change. */
  type Tamper = (archive: Archive, a: number, b: number) => Archive;
  const placeOf = (archive: Archive, n: number): readonly [blob: number, line: number] => {
    const places = archive.flatMap(({ lines }, blob) => lines.map((_line, line) => [blob, line] as const));
    return places[n % places.length] ?? [0, 0];
  };
  const lineIn = (archive: Archive, [blob, line]: readonly [number, number]): string =>
    archive[blob]?.lines[line] ?? '';

  const changeByte: Tamper = (archive, a, b) => {
    const place = placeOf(archive, a);
    const text = lineIn(archive, place);
    const i = b % text.length;
    const other = text[i] === 'x' ? 'y' : 'x';
    return withLines(archive, place[0], (lines) =>
      lines.with(place[1], text.slice(0, i) + other + text.slice(i + 1)),
    );
  };
  const dropByte: Tamper = (archive, a, b) => {
    const place = placeOf(archive, a);
    const text = lineIn(archive, place);
    const i = b % text.length;
    return withLines(archive, place[0], (lines) =>
      lines.with(place[1], text.slice(0, i) + text.slice(i + 1)),
    );
  };
  const removeLine: Tamper = (archive, a) => {
    const [blob, line] = placeOf(archive, a);
    return withLines(archive, blob, (lines) => lines.toSpliced(line, 1));
  };
  const repeatLine: Tamper = (archive, a, b) => {
    const [blob, line] = placeOf(archive, b);
    return withLines(archive, blob, (lines) =>
      lines.toSpliced(line, 0, lineIn(archive, placeOf(archive, a))),
    );
  };
  const swapLines: Tamper = (archive, a, b) => {
    const [one, other] = [placeOf(archive, a), placeOf(archive, b)];
    const once = withLines(archive, one[0], (lines) => lines.with(one[1], lineIn(archive, other)));
    return withLines(once, other[0], (lines) => lines.with(other[1], lineIn(archive, one)));
  };
  const removeBlob: Tamper = (archive, a) => archive.toSpliced(a % archive.length, 1);
  const swapBlobs: Tamper = (archive, a, b) => {
    const [one, other] = [a % archive.length, b % archive.length];
    const once = withLines(archive, one, () => archive[other]?.lines ?? []);
    return withLines(once, other, () => archive[one]?.lines ?? []);
  };
  const renameBlob: Tamper = (archive, a, b) =>
    archive.map((blob, i) =>
      i === a % archive.length
        ? { ...blob, name: `audit-2027-01-01-${String(b).padStart(4, '0')}.jsonl` }
        : blob,
    );
  const insertBlob: Tamper = (archive, a) => {
    const last = parseLine(lineIn(archive, placeOf(archive, a)));
    const name = 'audit-2026-11-01-0007.jsonl';
    return [
      ...archive,
      { name, lines: [lineAfter(last?.link ?? GENESIS, name, { record: record(999) }).text] },
    ];
  };
  const forgeLine: Tamper = (archive, a) => {
    const [blob, line] = placeOf(archive, a);
    const { link, prev } = parseLine(lineIn(archive, [blob, line])) ?? expect.fail();
    const name = archive[blob]?.name ?? '';
    const { text } = lineAfter({ seq: link.seq - 1, hash: prev }, name, { record: record(999) });
    return withLines(archive, blob, (lines) => lines.with(line, text));
  };
  /** All from some line on, rewritten so that the hashes fit. */
  const forgeRest: Tamper = (archive, a) => {
    const from = placeOf(archive, a);
    let last: Link | null = null;
    return archive.map(({ name, lines }, blob) => ({
      name,
      lines: lines.map((text, line) => {
        if (blob < from[0] || (blob === from[0] && line < from[1])) return text;
        const { link, prev, content } = parseLine(text) ?? expect.fail();
        const isFirst = last === null;
        const changed =
          'record' in content && isFirst ? { record: { ...content.record, error: 'forged' } } : content;
        const made = lineAfter(last ?? { seq: link.seq - 1, hash: prev }, name, changed);
        last = made.link;
        return made.text;
      }),
    }));
  };
  const cutEnd: Tamper = (archive, a) => {
    const [blob, line] = placeOf(archive, a);
    return withLines(archive.slice(0, blob + 1), blob, (lines) => lines.slice(0, line));
  };

  const flat = (archive: Archive): readonly string[] =>
    archive
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap(({ name, lines }) => lines.map((line) => `${name} ${line}`));
  /** Whether all but the last line is as it was: of that one nothing in the archive tells. */
  const isOnlyAboutTheEnd = (tampered: Archive, archive: Archive): boolean => {
    const [now, before] = [flat(tampered), flat(archive)];
    return now.length <= before.length && before.slice(0, -1).every((line, i) => line === now[i]);
  };

  const tampers: readonly (readonly [string, Tamper])[] = [
    ['a byte is another one', changeByte],
    ['a byte is missing', dropByte],
    ['a line is missing', removeLine],
    ['a line stands somewhere else, too', repeatLine],
    ['two lines have changed places', swapLines],
    ['a blob is missing', removeBlob],
    ['two blobs have changed places', swapBlobs],
    ['a blob has another name', renameBlob],
    ['a blob has been put in', insertBlob],
    ['a line is another one, with a hash that fits', forgeLine],
    ['all from a line on is another chain', forgeRest],
    ['all from a line on is missing', cutEnd],
  ];

  test.each(tampers)('is found where the head was kept: %s', async (_name, tamper) => {
    let tried = 0;
    await fc.assert(
      fc.asyncProperty(shape, pick, pick, async (days, a, b) => {
        const { archive, head } = archiveOf(days);
        const tampered = tamper(archive, a, b);
        fc.pre(flat(tampered).join('\n') !== flat(archive).join('\n'));
        tried += 1;
        expect((await verify(tampered, { head })).breaks).not.toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(tried).toBeGreaterThan(100);
  });

  test.each(tampers.slice(0, 10))(
    'is found without it, unless it is only about the last line: %s',
    async (_name, tamper) => {
      await fc.assert(
        fc.asyncProperty(shape, pick, pick, async (days, a, b) => {
          const { archive } = archiveOf(days);
          const tampered = tamper(archive, a, b);
          fc.pre(!isOnlyAboutTheEnd(tampered, archive));
          expect((await verify(tampered)).breaks).not.toEqual([]);
        }),
        { numRuns: 200 },
      );
    },
  );
});
