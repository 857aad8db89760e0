import type { Command } from 'commander';
import { online } from '../load.js';
import type { FixOptions } from '../online/fix.js';
import type { Run } from '../program.js';
import { writingCommand } from './online-command.js';

/** `holdfast fix`: puts one resource right that somebody names. */
export function fixCommand(run: Run): Command {
  return writingCommand(
    'fix',
    'Shows what would change on one vault, Logic App or connection, asks, and changes it.',
  )
    .argument('<resource>', "its id, or the portal's URL of it")
    .option('--dry-run', 'show it, and change nothing')
    .option('--remediators <id...>', 'ask only these remediators')
    .action((resource: string, options: FixOptions) =>
      run(async (terminal) => (await online()).fix(resource, options, terminal)),
    );
}
