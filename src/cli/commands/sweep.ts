import type { Command } from 'commander';
import { online } from '../load.js';
import type { SweepOptions } from '../online/sweep.js';
import type { Run } from '../program.js';
import { writingCommand } from './online-command.js';

/** `holdfast sweep`: looks at everything in scope. */
export function sweepCommand(run: Run): Command {
  return writingCommand('sweep', 'Looks at everything in scope and shows what would change.')
    .option('--enforce', 'change it, after showing it and asking')
    .action((options: SweepOptions) => run(async (terminal) => (await online()).sweep(options, terminal)));
}
