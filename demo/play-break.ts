import { fetchRecords, until, type AuditRecord } from './audit-client.js';
import type { Break, Resource } from './breaks.js';
import { bold, red, say, sayRecord } from './print.js';
import type { Stack } from './stack.js';

export interface Played {
  readonly title: string;
  readonly isFixed: boolean;
  /** From the break (its write's answer) to the fix (its write in Azure). */
  readonly milliseconds: number | null;
  readonly by: string;
  readonly records: readonly AuditRecord[];
}

const LIMIT_MS = 30_000;

/** Lets something go wrong, and waits until the resource is right again and the audit log says so. */
export async function playBreak(stack: Stack, scene: Break): Promise<Played> {
  const { azure } = stack.simulator;
  const mark = azure.journal.mark();
  const startedAt = Date.now();
  say();
  say(`${red('break ')} ${bold(scene.title)}`);
  await scene.happen(azure);
  const brokenAt = Date.now();
  if (scene.isSilent === true) await stack.sweep();

  const app = stack.simulator.identity.objectId;
  const fix = await until(
    () =>
      Promise.resolve(
        azure.journal.changes({ since: mark, resourceId: scene.resourceId, principal: app })[0] ?? null,
      ),
    LIMIT_MS,
  );
  const records = await until(() => recordsOf(stack, scene, startedAt), fix === null ? 0 : LIMIT_MS);
  const isFixed =
    records !== null && scene.isFixed(JSON.parse(azure.read(scene.resourceId) ?? '{}') as Resource);
  const milliseconds = fix === null ? null : Math.max(0, Date.parse(fix.time) - brokenAt);
  const by = scene.isSilent === true ? 'sweep' : 'event';
  if (!isFixed) say(red('  not fixed'));
  for (const record of records ?? [])
    sayRecord(record, `${milliseconds ?? '?'} ms after the break, by ${by}`);
  return { title: scene.title, isFixed, milliseconds, by, records: records ?? [] };
}

/** The records of the fix, once every remediator that was expected to act has its `applied`. */
async function recordsOf(
  stack: Stack,
  scene: Break,
  startedAt: number,
): Promise<readonly AuditRecord[] | null> {
  const since = new Date(startedAt).toISOString();
  const records = await fetchRecords(stack.hostUrl, {
    resourceId: scene.resourceId,
    outcome: 'applied',
    since,
  });
  const isComplete = scene.remediators.every((id) => records.some((record) => record.remediator === id));
  return isComplete ? records : null;
}
