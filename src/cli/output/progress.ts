import { visibly } from '../../log-line.js';
import type { Output } from './terminal.js';

/** How far long work has come: one line that is written over, on a terminal alone. */
export interface Progress {
  readonly show: (text: string) => void;
  /** Says that a host has asked to wait. */
  readonly wait: (host: string) => void;
  /** Takes the line away, before anything else is written. */
  readonly clear: () => void;
}

/** Often enough to be seen to move. */
const EVERY_MS = 100;
const CLEAR_LINE = '\r\u001b[2K';

export function progressOn(err: Output): Progress {
  if (!err.isTerminal) return { show: () => undefined, wait: () => undefined, clear: () => undefined };
  let shownAt = -Infinity;
  let isShown = false;
  const write = (text: string): void => {
    shownAt = performance.now();
    isShown = true;
    err.write(
      CLEAR_LINE +
        Array.from(visibly(text))
          .slice(0, err.columns - 1)
          .join(''),
    );
  };
  return {
    show: (text) => {
      if (performance.now() - shownAt >= EVERY_MS) write(text);
    },
    // It stands for as long as nothing comes: it is not left out.
    wait: (host) => {
      write(`${host} asks to wait (429): it is asked again. Ctrl-C ends this.`);
    },
    clear: () => {
      if (isShown) err.write(CLEAR_LINE);
      isShown = false;
    },
  };
}
