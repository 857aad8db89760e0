import { Command, type CommanderError } from 'commander';
import { version } from '../../package.json';
import { allowMeCommand } from './commands/allow-me.js';
import { auditCommand } from './commands/audit.js';
import { checkCommand } from './commands/check.js';
import { explainCommand } from './commands/explain.js';
import { fixCommand } from './commands/fix.js';
import { sweepCommand } from './commands/sweep.js';
import { undoCommand } from './commands/undo.js';
import { CommandError, EXIT, type ExitCode } from './exit-code.js';
import { withColor, type Terminal } from './output/terminal.js';

/** Has a command do its work on the terminal; what that comes to is what the process ends with. */
export type Run = (work: (terminal: Terminal) => Promise<ExitCode>) => Promise<void>;

/** Every command, one line each: `holdfast --help` lists them in this order. */
const COMMANDS: readonly ((run: Run) => Command)[] = [
  checkCommand,
  sweepCommand,
  explainCommand,
  fixCommand,
  auditCommand,
  undoCommand,
  allowMeCommand,
];

/** `exit` is called once a command has come to an end; help and the version are no command. */
export function programOf(terminal: Terminal, exit: (code: ExitCode) => void): Command {
  const program = new Command('holdfast')
    .description('Keeps Azure Logic Apps and the Key Vaults they read secure.')
    .version(version, '-V, --version')
    .option('--color', 'colours, also where the output is no terminal')
    .option('--no-color', 'no colours (so do NO_COLOR, and a pipe)')
    .showSuggestionAfterError()
    .helpCommand(true);
  const run: Run = async (work) => {
    exit(await work(withColor(terminal, colorAsked(program))));
  };
  for (const command of COMMANDS) program.addCommand(command(run));
  for (const command of [program, ...program.commands]) {
    command.exitOverride(ended).configureOutput({
      writeOut: terminal.out.write,
      writeErr: terminal.err.write,
      // What is wrong is told once, where every other error is.
      outputError: () => undefined,
      getOutHelpWidth: () => terminal.out.columns,
      getOutHasColors: () => terminal.out.hasColor,
      getErrHelpWidth: () => terminal.err.columns,
      getErrHasColors: () => terminal.err.hasColor,
    });
  }
  return program;
}

/** `--color` has no default, so that what was not asked for can be told from what was. */
function colorAsked(program: Command): boolean | null {
  return program.getOptionValueSource('color') === 'cli' ? program.opts<{ color: boolean }>().color : null;
}

/** Help and the version are an error to commander, too. */
function ended(error: CommanderError): void {
  if (error.exitCode === 0) return;
  const message = error.message.replace(/^error: /, '').replace('\n', ' ');
  throw new CommandError(
    error.code === 'commander.help' ? 'Name a command.' : `${message} (holdfast --help lists what there is)`,
    EXIT.usage,
  );
}
