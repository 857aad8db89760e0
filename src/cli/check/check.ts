import { readFile } from 'node:fs/promises';
import { parse, type ParseError } from 'jsonc-parser';
import { EXIT, type ExitCode } from '../exit-code.js';
import { isSystemError, reasonOf } from '../output/describe-error.js';
import { progressOn } from '../output/progress.js';
import type { Terminal } from '../output/terminal.js';
import { visibly } from '../../log-line.js';
import { findFiles } from './find-files.js';

/** Looks at each file; tells what cannot be read, and goes on with the others. */
export async function check(paths: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const progress = progressOn(terminal.err);
  let worst: ExitCode = EXIT.ok;
  for await (const file of findFiles(paths)) {
    progress.show(file.path);
    const why = 'why' in file ? file.why : await faultOf(file.path);
    if (why === null) continue;
    progress.clear();
    terminal.err.write(`${terminal.err.style('red', 'error:')} ${visibly(file.path)}: ${why}\n`);
    worst = EXIT.usage;
  }
  progress.clear();
  return worst;
}

async function faultOf(path: string): Promise<string | null> {
  try {
    const errors: ParseError[] = [];
    parse(await readFile(path, 'utf8'), errors);
    return errors.length === 0 ? null : 'it is not JSON';
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return reasonOf(error);
  }
}
