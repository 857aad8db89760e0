import { createInterface } from 'node:readline';
import { CommandError, EXIT } from '../exit-code.js';

/** Whether somebody can be asked. */
export function canAsk(): boolean {
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

/** Asks on standard error; anything but `y` or `yes` is no. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.question(`${question} [y/N] `, resolve);
      lines.on('close', () => {
        resolve('');
      });
    });
    return /^y(?:es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
