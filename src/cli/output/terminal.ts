import { styleText } from 'node:util';
import { EXIT } from '../exit-code.js';

export type Style = Parameters<typeof styleText>[0];

/** Standard output or standard error. Once whoever reads it is gone, writing does nothing and is no error. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  readonly hasColor: boolean;
  /** How wide a line may be; without a terminal there is nothing to wrap for. */
  readonly columns: number;
  /** The text in a colour or weight, where there are colours. */
  readonly style: (style: Style, text: string) => string;
}

export interface Terminal {
  /** What a command answers with. */
  readonly out: Output;
  /** Errors, progress, and whatever else is not the answer. */
  readonly err: Output;
}

type Env = Readonly<Record<string, string | undefined>>;

const UNLIMITED = Number.MAX_SAFE_INTEGER;

export function terminalOf({ stdout, stderr, env }: NodeJS.Process): Terminal {
  return { out: outputTo(stdout, env), err: outputTo(stderr, env) };
}

/** The same terminal where `--color` or `--no-color` was given (null where neither was). */
export function withColor(terminal: Terminal, asked: boolean | null): Terminal {
  if (asked === null) return terminal;
  return { out: { ...terminal.out, ...styling(asked) }, err: { ...terminal.err, ...styling(asked) } };
}

/**
 * Whether an output has colours: https://no-color.org and https://force-color.org, then whether it is a terminal.
 * `FORCE_COLOR=0` and `FORCE_COLOR=false` ask for none, as Node.js itself has it.
 */
export function hasColor(isTerminal: boolean, env: Env): boolean {
  if ((env.NO_COLOR ?? '') !== '') return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTerminal && env.TERM !== 'dumb';
}

function outputTo(stream: NodeJS.WriteStream, env: Env): Output {
  let isOpen = true;
  const isTerminal = stream.isTTY;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    isOpen = false;
    // `holdfast … | head`: whoever reads has read enough. What was found still decides how the command ends.
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
    // A terminal that was closed (EIO): what was promised is still done, such as taking an address out of a vault.
    if (isTerminal) return;
    process.stderr.write(`error: The output cannot be written (${error.code ?? error.name}).\n`);
    process.exit(EXIT.failed);
  });
  return {
    write: (text) => {
      if (isOpen) stream.write(text);
    },
    isTerminal,
    columns: isTerminal && stream.columns > 0 ? stream.columns : UNLIMITED,
    ...styling(hasColor(isTerminal, env)),
  };
}

function styling(hasColor: boolean): Pick<Output, 'hasColor' | 'style'> {
  return {
    hasColor,
    style: (style, text) => (hasColor ? styleText(style, text, { validateStream: false }) : text),
  };
}
