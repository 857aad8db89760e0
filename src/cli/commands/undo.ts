import type { Command } from 'commander';
import { online } from '../load.js';
import type { UndoOptions } from '../online/undo.js';
import type { Run } from '../program.js';
import { writingCommand } from './online-command.js';

/** `holdfast undo`: takes one change back. */
export function undoCommand(run: Run): Command {
  return writingCommand(
    'undo',
    'Takes the change of a record back, with your own rights, after showing it and asking.',
  )
    .argument('<record>', 'the id of an applied record: holdfast audit has it')
    .option('--dry-run', 'show it, and change nothing')
    .action((record: string, options: UndoOptions) =>
      run(async (terminal) => (await online()).undo(record, options, terminal)),
    );
}
