import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/**
 * What paths are told relative to where somebody else looks for the files: the repository that the directory is in, else the
 * directory itself.
 */
export function sourceRootOf(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return directory;
  }
}

/** A path from the root with `/`; null where the file lies outside of it. */
export function pathFrom(root: string, path: string): string | null {
  const from = relative(root, resolve(path));
  return from === '..' || from.startsWith(`..${sep}`) || resolve(from) === from
    ? null
    : from.split(sep).join('/');
}
