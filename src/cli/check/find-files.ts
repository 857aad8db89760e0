import { opendir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, reasonOf } from '../output/describe-error.js';

/** A file to look at; one that was named by hand must be something that can be checked. */
export interface FoundFile {
  readonly path: string;
  readonly isNamed: boolean;
}

/** A path that cannot be looked at, and why. */
export interface Unreadable {
  readonly path: string;
  readonly why: string;
}

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git']);

/**
 * The files that the paths name, each once: what is no directory, and the `*.json` files of directories, at any depth, in
 * the order of their names. Each directory is gone through once, whichever symbolic links lead to it.
 */
export async function* findFiles(paths: readonly string[]): AsyncGenerator<FoundFile | Unreadable> {
  const seen = new Set<string>();
  for (const path of paths) yield* under(path, true, seen);
}

async function* under(
  path: string,
  isNamed: boolean,
  seen: Set<string>,
): AsyncGenerator<FoundFile | Unreadable> {
  try {
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    if (!(await stat(real)).isDirectory()) {
      yield { path, isNamed };
      return;
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // A link that leads nowhere is no template that was forgotten.
    if (isNamed || error.code !== 'ENOENT') yield { path, why: reasonOf(error) };
    return;
  }
  const names = await namesIn(path);
  if (!Array.isArray(names)) {
    yield { path, why: reasonOf(names) };
    return;
  }
  for (const name of names) yield* under(join(path, name), false, seen);
}

type SystemError = Parameters<typeof reasonOf>[0];

/** What of a directory is gone on with: directories, and what may be a file of JSON. */
async function namesIn(path: string): Promise<string[] | SystemError> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(path)) {
      if (SKIPPED.has(entry.name)) continue;
      const isJson = /\.json$/i.test(entry.name);
      if (entry.isDirectory() || (isJson && (entry.isFile() || entry.isSymbolicLink())))
        names.push(entry.name);
      else if (entry.isSymbolicLink()) names.push(entry.name);
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return error;
  }
  return names.sort();
}
