import { setTimeout as sleep } from 'node:timers/promises';
import { fetchFindings, fetchRecords } from './audit-client.js';
import { nameIn } from './describe-edits.js';
import { vaultPath } from './estate.js';
import { bold, dim, say, sayRecord } from './print.js';
import type { Stack } from './stack.js';

/** Says what can be tried, and shows what is recorded meanwhile. */
export async function stayUp(stack: Stack, interrupted: Promise<null>): Promise<void> {
  say();
  say(bold('It stays up; press Ctrl+C to end. Try:'));
  await sayCommands(stack);
  let newest = new Date().toISOString();
  for (;;) {
    newest = await sayNewRecords(stack.hostUrl, newest);
    const isOver = await Promise.race([sleep(500, false), interrupted.then(() => true)]);
    if (isOver) return;
  }
}

/** Each can be pasted into a shell as it is, after the first lines. */
export async function sayCommands({ hostUrl, simulator }: Stack): Promise<void> {
  const post = `-H 'content-type: application/json' -d`;
  const [finding] = await fetchFindings(hostUrl);
  say(`  HOLDFAST=${hostUrl}  SIMULATOR=${simulator.controlUrl}`);
  say(`  VAULT=${vaultPath('kv-payments')}`);
  say(`  curl -s "$HOLDFAST/api/findings?severity=high"`);
  if (finding !== undefined) {
    say(`  curl -s "$HOLDFAST/api/findings/accept" ${post} '{"id":"${finding.id}","reason":"…"}'`);
  }
  say(`  curl -s "$HOLDFAST/api/posture"`);
  say(`  curl -s "$HOLDFAST/api/audit?limit=5"`);
  say(`  curl -s "$HOLDFAST/api/remediate" ${post} '{"resourceId":"'$VAULT'","dryRun":true}'`);
  say(`  curl -s "$HOLDFAST/admin/functions/sweep" ${post} '{"input":""}'`);
  say(dim('  # break something yourself, and see what the simulated Azure saw'));
  say(
    `  curl -s "$SIMULATOR/act" ${post} '{"as":"mallory@contoso.com","method":"DELETE","path":"'$VAULT'"}'`,
  );
  say(`  curl -s "$SIMULATOR/journal/changes"`);
}

/** Prints what was recorded after `since`; gives the time of the newest. */
async function sayNewRecords(hostUrl: string, since: string): Promise<string> {
  const records = (await fetchRecords(hostUrl, { since })).filter(
    ({ time, outcome }) => time > since && outcome !== 'pending',
  );
  for (const record of [...records].reverse()) {
    say(dim(`  ${nameIn(record.resourceId)}`));
    sayRecord(record, record.actor?.name ?? record.trigger);
  }
  return records[0]?.time ?? since;
}
