import { Command, Option } from 'commander';
import { offline } from '../load.js';
import type { Run } from '../program.js';

const FORMATS = ['text', 'json', 'sarif', 'github'] as const;

/** `holdfast check`: reads templates and workflows, offline. */
export function checkCommand(run: Run): Command {
  return new Command('check')
    .description('Finds what is insecure in ARM templates and exported workflows. Needs no network.')
    .argument('<path...>', 'files, and directories whose *.json files are looked at')
    .addOption(new Option('--format <format>', 'how to tell it').choices(FORMATS).default('text'))
    .option('--fix', 'mend the files; nothing in them changes but what is mended')
    .addHelpText(
      'after',
      '\nExits with 0 where nothing is found (or all of it is mended), with 1 where something is, and with 2 where a file cannot be read.',
    )
    .action(
      (
        paths: readonly string[],
        { format, fix = false }: { readonly format: (typeof FORMATS)[number]; readonly fix?: boolean },
      ) => run(async (terminal) => (await offline()).check(paths, { format, fix }, terminal)),
    );
}
