import { Command } from 'commander';
import { offline } from '../load.js';
import type { Context } from '../program.js';

/** `holdfast check`: reads templates and workflows, offline. */
export function checkCommand(context: () => Context): Command {
  return new Command('check')
    .description('Finds what is insecure in ARM templates and exported workflows. Needs no network.')
    .argument('<path...>', 'files, and directories whose *.json files are looked at')
    .action(async (paths: readonly string[]) => {
      const { terminal, exit } = context();
      const { check } = await offline();
      exit(await check(paths, terminal));
    });
}
