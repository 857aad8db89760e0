import { fetchFindings, fetchRecords, until, type AuditRecord, type Finding } from './audit-client.js';
import type { Break, Lapse } from './break.js';
import { nameIn } from './describe-edits.js';
import { bold, red, say, sayFinding, sayRecord } from './print.js';
import type { Stack } from './stack.js';

export interface Played {
  readonly title: string;
  readonly outcome: 'fixed' | 'pointed out' | 'NOT FIXED';
  /** From the break (its write's answer) to the last of the writes that put it right, or to the finding. */
  readonly milliseconds: number | null;
  readonly by: string;
  readonly remediators: readonly string[];
}

const LIMIT_MS = 60_000;

/** Lets something go wrong, and waits until it is put right or pointed out, and written down. */
export async function playBreak(stack: Stack, scene: Break | Lapse): Promise<Played> {
  const { azure } = stack.simulator;
  const mark = azure.journal.mark();
  const startedAt = Date.now();
  say();
  say(`${red('break ')} ${bold(scene.title)}`);
  await scene.happen(azure, stack.storage);
  const brokenAt = Date.now();
  if (scene.isSilent === true) await stack.sweep();
  const since = new Date(startedAt).toISOString();
  const played =
    scene.kind === 'lapse'
      ? await waitForFinding(stack, scene, since, brokenAt)
      : await waitForFix(stack, scene, mark, since, brokenAt);
  if (played.outcome === 'NOT FIXED') say(red('  not fixed'));
  return played;
}

async function waitForFix(
  stack: Stack,
  scene: Break,
  mark: number,
  since: string,
  brokenAt: number,
): Promise<Played> {
  const { azure } = stack.simulator;
  const records = (await until(() => recordsOf(stack, scene, mark, since), LIMIT_MS)) ?? [];
  const isFixed = records.length > 0 && (await scene.isFixed(azure));
  for (const { record, writtenAt } of records) {
    const where = scene.fixes.length > 1 ? `${nameIn(record.resourceId)}, ` : '';
    sayRecord(record, where + noteFor(writtenAt - brokenAt, record.trigger));
  }
  const last = records.at(-1);
  return {
    title: scene.title,
    outcome: isFixed ? 'fixed' : 'NOT FIXED',
    milliseconds: last === undefined ? null : Math.max(0, last.writtenAt - brokenAt),
    by: last?.record.trigger ?? '–',
    remediators: [...new Set(records.map(({ record }) => record.remediator))],
  };
}

interface Fix {
  readonly record: AuditRecord;
  /** When the write came to Azure, in milliseconds since 1970. */
  readonly writtenAt: number;
}

/** The records of the fix with their writes, in that order, once every remediator that was expected to act has. */
async function recordsOf(
  stack: Stack,
  { fixes }: Break,
  mark: number,
  since: string,
): Promise<readonly Fix[] | null> {
  const { simulator } = stack;
  const principal = simulator.identity.objectId;
  const fixed: Fix[] = [];
  for (const { resourceId, remediators } of fixes) {
    const records = await fetchRecords(stack, { resourceId, outcome: 'applied', since });
    // A record is proof only together with the change that Azure itself has seen since the break.
    const changes = simulator.azure.journal.changes({ since: mark, principal });
    const timeOf = new Map(changes.map(({ clientRequestId, time }) => [clientRequestId, Date.parse(time)]));
    const own = [...records].reverse().flatMap((record): readonly Fix[] => {
      const writtenAt = timeOf.get(record.writeId);
      return writtenAt === undefined ? [] : [{ record, writtenAt }];
    });
    if (!remediators.every((id) => own.some(({ record }) => record.remediator === id))) return null;
    fixed.push(...own);
  }
  return fixed.sort((a, b) => a.writtenAt - b.writtenAt);
}

async function waitForFinding(
  stack: Stack,
  { title, resourceId, remediator }: Lapse,
  since: string,
  brokenAt: number,
): Promise<Played> {
  const found = await until(async (): Promise<Finding | null> => {
    const all = await fetchFindings(stack, { resourceId, remediator });
    return all.find((finding) => finding.since >= since) ?? null;
  }, LIMIT_MS);
  const milliseconds = found === null ? null : Math.max(0, Date.parse(found.since) - brokenAt);
  if (found !== null) sayFinding(found, noteFor(milliseconds, 'event'));
  return {
    title,
    outcome: found === null ? 'NOT FIXED' : 'pointed out',
    milliseconds,
    by: 'event',
    remediators: [remediator],
  };
}

function noteFor(milliseconds: number | null, by: string): string {
  return `${Math.max(0, milliseconds ?? 0)} ms after the break, by ${by}`;
}
