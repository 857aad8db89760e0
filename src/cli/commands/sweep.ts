import type { Command } from 'commander';
import { online } from '../load.js';
import type { SweepOptions } from '../online/sweep.js';
import type { Context } from '../program.js';
import { writingCommand } from './online-command.js';

/** `holdfast sweep`: looks at everything in scope. */
export function sweepCommand(context: () => Context): Command {
  return writingCommand('sweep', 'Looks at everything in scope and shows what would change.')
    .option('--enforce', 'change it, after showing it and asking')
    .action(async (options: SweepOptions) => {
      const { terminal, exit } = context();
      const { sweep } = await online();
      exit(await sweep(options, terminal));
    });
}
