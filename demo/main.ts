import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { principalNamed } from '../simulator/principal.js';
import { BREAKS } from './breaks.js';
import { everyChangeIsRecorded, sayPlayed, sayStanding, showNextSweep } from './closing-report.js';
import { deployEstate, LOG_WORKSPACE } from './deploy-estate.js';
import { PIPELINE } from './estate.js';
import { showFirstSweep } from './first-sweep.js';
import { loadTemplates } from './load-templates.js';
import { playBreak, type Played } from './play-break.js';
import { clip, dim, green, red, say, WIDTH } from './print.js';
import { settle } from './settle.js';
import { startStack, type Stack } from './stack.js';
import { sayCommands, stayUp, type DemoKeys } from './stay-up.js';

const USAGE = `npm start -- [--once] [--load DIR] [--keys] [--verbose]

  --once      end after the scenes; exit code 0 only if every break was put right or pointed out, and recorded
  --load DIR  add the ARM templates of a folder to the estate
  --keys      ask for function keys, as an installation in Azure does; without it everything is open, as under Core Tools
  --verbose   show the app's own log
`;

const SETTINGS = {
  // Off by default: they change what may have been meant.
  HOLDFAST_REMEDIATORS: 'vault-deleted=enforce, connection-managed-identity=enforce',
  HOLDFAST_LOG_WORKSPACE: LOG_WORKSPACE,
  HOLDFAST_KEEP_PRINCIPALS: principalNamed(PIPELINE).objectId,
};

/** Shows each of Holdfast's remediators at work on a simulated Azure: sweep an estate, then let things go wrong. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      load: { type: 'string' },
      keys: { type: 'boolean', default: false },
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
  const onLog = (line: string): void => {
    if (values.verbose) say(dim(line));
  };
  const keys: DemoKeys | null = values.keys ? freshKeys() : null;
  const stack = await startStack({ settings: SETTINGS, ...(keys === null ? {} : { keys }), onLog });
  try {
    const isGood = await Promise.race([show(stack, values.load), interrupted]);
    if (isGood === null) return;
    if (values.once) {
      say();
      say(dim('Without --once it would stay up, and you could try:'));
      await sayCommands(stack, keys);
      process.exitCode = isGood ? 0 : 1;
    } else await stayUp(stack, keys, interrupted);
  } finally {
    await stack.close();
  }
}

function freshKeys(): DemoKeys {
  const fresh = (): string => randomBytes(24).toString('base64url');
  return { master: fresh(), functionKeys: { default: fresh() } };
}

async function show(stack: Stack, folder: string | undefined): Promise<boolean> {
  await deployEstate(stack.simulator.azure);
  if (folder !== undefined) await load(stack, folder);
  say(dim('vault-deleted and connection-managed-identity are off by default; here they are set to enforce.'));
  await showFirstSweep(stack);

  await stack.subscribe();
  const played: Played[] = [];
  for (const scene of BREAKS) played.push(await playBreak(stack, scene));
  await settle(stack);

  sayPlayed(played);
  await showNextSweep(stack);
  const isRecorded = await everyChangeIsRecorded(stack);
  await sayStanding(stack);
  const isGood = isRecorded && played.every(({ outcome }) => outcome !== 'NOT FIXED');
  say();
  say(
    isGood
      ? green('Every break was fixed, or pointed out where only a person can; every change was recorded.')
      : red('Not every break was fixed or pointed out, and recorded.'),
  );
  return isGood;
}

async function load(stack: Stack, folder: string): Promise<void> {
  const { files, workflows, connections, vaults, remarks } = await loadTemplates(
    stack.simulator.azure,
    folder,
  );
  say();
  say(
    `Loaded ${files} templates from ${folder}: ${workflows} workflows, ${connections} connections, ${vaults} vaults.`,
  );
  for (const remark of remarks) say(dim(clip(`  not resolved: ${remark}`, WIDTH)));
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
