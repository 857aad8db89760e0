import { visibly } from '../../../log-line.js';
import type { Output } from '../../output/terminal.js';
import type { FileError } from '../report.js';

/** A file that could not be read or written, in one line. */
export function errorLine({ path, region, message }: FileError, { style }: Output): string {
  const at = region === null ? '' : `:${region.start.line}:${region.start.column}`;
  return `${style('red', 'error:')} ${visibly(path)}${at}: ${visibly(message)}\n`;
}
