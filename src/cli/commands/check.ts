import { Command, Option } from 'commander';
import { offline } from '../load.js';
import type { Context } from '../program.js';

const FORMATS = ['text', 'json', 'sarif', 'github'] as const;

/** `holdfast check`: reads templates and workflows, offline. */
export function checkCommand(context: () => Context): Command {
  return new Command('check')
    .description('Finds what is insecure in ARM templates and exported workflows. Needs no network.')
    .argument('<path...>', 'files, and directories whose *.json files are looked at')
    .addOption(new Option('--format <format>', 'how to tell it').choices(FORMATS).default('text'))
    .option('--fix', 'mend the files; nothing in them changes but what is mended', false)
    .action(
      async (
        paths: readonly string[],
        { format, fix }: { readonly format: (typeof FORMATS)[number]; readonly fix: boolean },
      ) => {
        const { terminal, exit } = context();
        const { check } = await offline();
        exit(await check(paths, { format, fix }, terminal));
      },
    );
}
