import { opendir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isSystemError, reasonOf, type SystemError } from '../output/describe-error.js';

/** A file to look at. */
export interface FoundFile {
  readonly path: string;
  /** Named on the command line itself, and not found in a directory. */
  readonly isNamed: boolean;
  /** A symbolic link leads to it that stands outside what was named, or is what was named: it is not written to. */
  readonly isThroughLink: boolean;
}

/** A path that cannot be looked at, and why. */
export interface Unreadable {
  readonly path: string;
  readonly why: string;
}

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git']);

interface Walk {
  /** What was gone through already, by its real path, so that links which go in a circle end. */
  readonly seen: Set<string>;
  /** The real path of what was named. */
  readonly top: string | null;
}

/**
 * The files that the paths name, each once: what is no directory, and the `*.json` files of directories, at any depth, in
 * the order of their names.
 */
export async function* findFiles(paths: readonly string[]): AsyncGenerator<FoundFile | Unreadable> {
  const seen = new Set<string>();
  for (const path of paths) yield* under(path, { seen, top: null });
}

async function* under(path: string, { seen, top }: Walk): AsyncGenerator<FoundFile | Unreadable> {
  const isNamed = top === null;
  let real: string;
  try {
    real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    if (!(await stat(real)).isDirectory()) {
      yield { path, isNamed, isThroughLink: isNamed ? await isLink(path, real) : !isWithin(real, top) };
      return;
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    // A link in a directory that leads nowhere is no template that was forgotten.
    if (isNamed || error.code !== 'ENOENT') yield { path, why: reasonOf(error) };
    return;
  }
  const names = await namesIn(path);
  if (!Array.isArray(names)) {
    yield { path, why: reasonOf(names) };
    return;
  }
  for (const name of names) yield* under(join(path, name), { seen, top: top ?? real });
}

/** Whether the file itself is a link: what its directories are is its owner's business. */
async function isLink(path: string, real: string): Promise<boolean> {
  return join(await realpath(join(path, '..')), real.slice(real.lastIndexOf(sep) + 1)) !== real;
}

function isWithin(real: string, top: string): boolean {
  return real.startsWith(top.endsWith(sep) ? top : top + sep);
}

/** What of a directory is gone on with: directories, `*.json` files, and what links may lead to one of them. */
async function namesIn(path: string): Promise<string[] | SystemError> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(path)) {
      if (SKIPPED.has(entry.name)) continue;
      const isJson = /\.json$/i.test(entry.name);
      if (entry.isDirectory() || (isJson && entry.isFile()) || entry.isSymbolicLink()) names.push(entry.name);
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return error;
  }
  return names.sort();
}
