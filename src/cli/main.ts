import { EXIT, isCommandError, type ExitCode } from './exit-code.js';
import { describeError } from './output/describe-error.js';
import { errorLine } from './output/error-line.js';
import { terminalOf } from './output/terminal.js';
import { programOf } from './program.js';

/** The command line. `bin/holdfast.mjs` loads it; what a command needs is loaded when that command runs. */
async function main(): Promise<void> {
  const terminal = terminalOf(process);
  let exitCode: ExitCode = EXIT.ok;
  try {
    const program = programOf(terminal, (code) => {
      exitCode = code;
    });
    await program.parseAsync(process.argv);
  } catch (error) {
    exitCode = isCommandError(error) ? error.exitCode : EXIT.failed;
    terminal.err.write(errorLine(terminal.err, describeError(error)));
  }
  // Not process.exit(): what has been written to a pipe is still on its way.
  process.exitCode = exitCode;
}

void main();
