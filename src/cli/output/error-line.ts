import { visibly } from '../../log-line.js';
import type { Output } from './terminal.js';

/** What is wrong, in one line of standard error. */
export function errorLine(err: Output, text: string): string {
  return `${err.style('red', 'error:')} ${visibly(text)}\n`;
}
