import { createInterface } from 'node:readline';
import { CommandError, EXIT } from '../exit-code.js';
import type { Output } from './terminal.js';

/** Whether somebody can be asked. */
function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Throws where nobody can be asked and nobody has said yes: before anything is read, so that a pipeline fails at once. `otherwise`
 * is what shows it and changes nothing, as a sentence; empty where nothing does.
 */
export function demandConsent(isSure: boolean, what: string, otherwise: string): void {
  if (isSure || canAsk()) return;
  throw new CommandError(
    `${what} changes resources in Azure, and there is no terminal to ask on: give --yes.${otherwise === '' ? '' : ` ${otherwise}`}`,
    EXIT.usage,
  );
}

/** Asks on standard error; anything but `y` or `yes` is no, and then it is said that nothing was changed. */
export async function confirm(question: string, err: Output): Promise<boolean> {
  const isYes = /^y(?:es)?$/i.test((await answerTo(question)).trim());
  if (!isYes) err.write('Nothing was changed.\n');
  return isYes;
}

/** Empty where the input ends before there is one. */
async function answerTo(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<string>((resolve) => {
      lines.question(`${question} [y/N] `, resolve);
      lines.on('close', () => {
        resolve('');
      });
    });
  } finally {
    lines.close();
  }
}
