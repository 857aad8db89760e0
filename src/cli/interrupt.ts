import { EXIT } from './exit-code.js';
import type { Output } from './output/terminal.js';

/**
 * From here on Ctrl-C (and SIGTERM, and SIGHUP, where the terminal was closed) asks the command to stop where it can: the
 * signal is aborted, and what is being written is finished. A second one ends the process at once.
 */
export function stopOnInterrupt(err: Output): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    err.write('Stopping when what is being written is done; once more stops at once.\n');
    controller.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  return controller.signal;
}
