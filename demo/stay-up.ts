import { setTimeout as sleep } from 'node:timers/promises';
import { fetchFindings, fetchRecords } from './audit-client.js';
import { nameIn } from './describe-edits.js';
import { vaultPath } from './estate.js';
import { bold, dim, say, sayRecord } from './print.js';
import type { Stack } from './stack.js';

/** As a function app has them: one for people, which opens every function, and one that opens everything. */
export interface DemoKeys {
  readonly master: string;
  readonly functionKeys: { readonly default: string };
}

/** Says what can be tried, and shows what is recorded meanwhile. */
export async function stayUp(stack: Stack, keys: DemoKeys | null, interrupted: Promise<null>): Promise<void> {
  say();
  say(bold('It stays up; press Ctrl+C to end. Try:'));
  await sayCommands(stack, keys);
  let newest = new Date().toISOString();
  for (;;) {
    newest = await sayNewRecords(stack, newest);
    const isOver = await Promise.race([sleep(500, false), interrupted.then(() => true)]);
    if (isOver) return;
  }
}

/** Each can be pasted into a shell as it is, after the first lines. */
export async function sayCommands(stack: Stack, keys: DemoKeys | null): Promise<void> {
  const { hostUrl, simulator } = stack;
  const header = (name: string): string => (keys === null ? '' : ` -H "x-functions-key: $${name}"`);
  const key = header('KEY');
  const act = `-H 'content-type: application/json' -d`;
  const post = `${key} ${act}`;
  const [finding] = await fetchFindings(stack);
  say(`  ${bold('The dashboard')}  ${hostUrl}/api/dashboard`);
  if (keys !== null) say(`  ${bold('and its key')}    ${keys.functionKeys.default}`);
  say();
  say(`  HOLDFAST=${hostUrl}  SIMULATOR=${simulator.controlUrl}`);
  if (keys !== null) say(`  KEY=${keys.functionKeys.default}  MASTER=${keys.master}`);
  say(`  VAULT=${vaultPath('kv-payments')}`);
  say(`  curl -s "$HOLDFAST/api/findings?severity=high"${key}`);
  if (finding !== undefined) {
    say(`  curl -s "$HOLDFAST/api/findings/accept"${post} '{"id":"${finding.id}","reason":"…"}'`);
  }
  say(`  curl -s "$HOLDFAST/api/posture"${key}`);
  say(`  curl -s "$HOLDFAST/api/audit?limit=5"${key}`);
  say(`  curl -s "$HOLDFAST/api/remediate"${post} '{"resourceId":"'$VAULT'","dryRun":true}'`);
  say(`  curl -s "$HOLDFAST/admin/functions/sweep"${header('MASTER')} ${act} '{"input":""}'`);
  say(dim('  # break something yourself, and see what the simulated Azure saw'));
  say(`  curl -s "$SIMULATOR/act" ${act} '{"as":"mallory@contoso.com","method":"DELETE","path":"'$VAULT'"}'`);
  say(`  curl -s "$SIMULATOR/journal/changes"`);
}

/** Prints what was recorded after `since`; gives the time of the newest. */
async function sayNewRecords(stack: Stack, since: string): Promise<string> {
  const records = (await fetchRecords(stack, { since })).filter(
    ({ time, outcome }) => time > since && outcome !== 'pending',
  );
  for (const record of [...records].reverse()) {
    say(dim(`  ${nameIn(record.resourceId)}`));
    sayRecord(record, record.actor?.name ?? record.trigger);
  }
  return records[0]?.time ?? since;
}
