import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fetchRecords } from './audit-client.js';
import { BREAKS } from './breaks.js';
import { deployEstate, vaultPath } from './estate.js';
import { loadTemplates } from './load-templates.js';
import { playBreak, type Played } from './play-break.js';
import { bold, dim, green, red, say, sayRecord, sayTable } from './print.js';
import { settle } from './settle.js';
import { startStack, type Stack } from './stack.js';

const USAGE = `npm start -- [--once] [--load DIR] [--verbose]

  --once      end after the scenes; exit code 0 only if every break was fixed and recorded
  --load DIR  add the ARM templates of a folder to the estate
  --verbose   show the app's own log
`;

/** Shows Holdfast's main job on a simulated Azure: sweep an estate, then let things go wrong. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      load: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    say(USAGE);
    return;
  }
  say(dim('Starting a storage account (Azurite), a simulated Azure and the app …'));
  // From the start, so that nothing is left behind however early somebody stops it.
  const interrupted = new Promise<null>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve(null);
      });
    }
  });
  const stack = await startStack(
    values.verbose
      ? {
          onLog: (line) => {
            say(dim(line));
          },
        }
      : {},
  );
  try {
    const isGood = await Promise.race([show(stack, values.load), interrupted]);
    if (isGood === null) return;
    if (values.once) process.exitCode = isGood ? 0 : 1;
    else await stayUp(stack, interrupted);
  } finally {
    await stack.close();
  }
}

async function show(stack: Stack, folder: string | undefined): Promise<boolean> {
  const { azure } = stack.simulator;
  await deployEstate(azure);
  if (folder !== undefined) await load(stack, folder);

  say();
  say(bold('The first sweep: what there was before Holdfast'));
  await stack.sweep();
  await settle(stack);
  const swept = [...(await fetchRecords(stack.hostUrl))].reverse();
  for (const record of swept) {
    say(dim(`  ${record.resourceId.split('/').slice(-1).join('')}`));
    sayRecord(record);
  }

  await stack.subscribe();
  const played: Played[] = [];
  for (const scene of BREAKS) played.push(await playBreak(stack, scene));
  await settle(stack);

  say();
  sayTable(
    ['break', 'fixed', 'after', 'by', 'remediators'],
    played.map(({ title, isFixed, milliseconds, by, records }) => [
      title,
      isFixed ? 'yes' : 'NO',
      milliseconds === null ? '–' : `${milliseconds} ms`,
      by,
      records.map(({ remediator }) => remediator).join(', '),
    ]),
  );
  const isRecorded = await everyChangeIsRecorded(stack);
  const isGood = isRecorded && played.every(({ isFixed }) => isFixed);
  say();
  say(isGood ? green('Every break was fixed and recorded.') : red('Not every break was fixed and recorded.'));
  return isGood;
}

async function load(stack: Stack, folder: string): Promise<void> {
  const report = await loadTemplates(stack.simulator.azure, folder);
  say();
  say(
    `Loaded ${report.files} templates from ${folder}: ${report.workflows} workflows, ${report.connections} connections, ${report.vaults} vaults.`,
  );
  for (const remark of report.remarks) say(dim(`  not resolved: ${remark}`));
}

/** Azure's own journal against the audit log: each write of the app has its `applied` records. */
async function everyChangeIsRecorded(stack: Stack): Promise<boolean> {
  const changes = stack.simulator.azure.journal.changes({ principal: stack.simulator.identity.objectId });
  const applied = await fetchRecords(stack.hostUrl, { outcome: 'applied' });
  const writeIds = new Set(applied.map((record) => record.writeId));
  const missing = changes.filter(({ clientRequestId }) => !writeIds.has(clientRequestId ?? ''));
  for (const { resourceId } of missing) say(red(`There is no record of a change of ${resourceId}.`));
  say(dim(`${changes.length} changes in Azure by Holdfast, ${applied.length} applied records.`));
  return missing.length === 0;
}

async function stayUp(stack: Stack, interrupted: Promise<null>): Promise<void> {
  const { hostUrl, simulator } = stack;
  const act = `curl -s -X POST ${simulator.controlUrl}/act -H 'content-type: application/json' -d`;
  const open = JSON.stringify({
    as: 'mallory@contoso.com',
    method: 'PATCH',
    path: vaultPath('kv-payments'),
    body: { properties: { networkAcls: { defaultAction: 'Allow' } } },
  });
  say();
  say(bold('It stays up; press Ctrl+C to end. Try:'));
  say(`  curl -s '${hostUrl}/api/audit?limit=5'`);
  say(
    `  curl -s -X POST ${hostUrl}/api/remediate -H 'content-type: application/json' -d '${JSON.stringify({ resourceId: vaultPath('kv-sentinel'), dryRun: true })}'`,
  );
  say(`  ${act} '${open}'   ${dim('# break something yourself')}`);
  say(`  curl -s ${simulator.controlUrl}/journal/changes   ${dim('# what the simulated Azure saw')}`);
  say(
    `  curl -s -X POST ${hostUrl}/admin/functions/sweep -H 'content-type: application/json' -d '{"input":""}'`,
  );
  let newest = new Date().toISOString();
  for (;;) {
    newest = await sayNewRecords(hostUrl, newest);
    const isOver = await Promise.race([sleep(500, false), interrupted.then(() => true)]);
    if (isOver) return;
  }
}

/** Prints what was recorded after `since`; gives the time of the newest. */
async function sayNewRecords(hostUrl: string, since: string): Promise<string> {
  const records = (await fetchRecords(hostUrl, { since })).filter(
    ({ time, outcome }) => time > since && outcome !== 'pending',
  );
  for (const record of [...records].reverse()) {
    say(dim(`  ${record.resourceId.split('/').slice(-1).join('')}`));
    sayRecord(record, record.actor?.name ?? record.trigger);
  }
  return records[0]?.time ?? since;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
