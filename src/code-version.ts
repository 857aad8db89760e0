import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

let known: string | undefined;

/**
 * Tells this code from any other that might plan otherwise: a digest of the app's own files, read when it is first
 * asked for. Where they cannot be read, it is another one for each process, so that nothing is taken for the same.
 */
export function codeVersion(): string {
  known ??= codeVersionOf(__dirname);
  return known;
}

/** The same of code that lies in another folder. */
export function codeVersionOf(folder: string): string {
  try {
    const hash = createHash('sha256');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.[cm]?js$/.test(name))
      .sort();
    for (const name of files) hash.update(name).update(readFileSync(join(folder, name)));
    return files.length === 0 ? ofThisProcess() : hash.digest('hex');
  } catch {
    return ofThisProcess();
  }
}

/** No other process began at the same microsecond under the same number. */
function ofThisProcess(): string {
  return `${process.pid} ${performance.timeOrigin}`;
}
