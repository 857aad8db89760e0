import { constants } from 'node:fs';
import { access, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { UnreadableFileError } from './file-text.js';

/**
 * Puts other bytes in a file's place, at once: whoever reads it sees the old or the new ones whole. Its permissions stay. It
 * is not written where it is no longer what it was, or may not be written. Throws {@link UnreadableFileError}, and what the
 * operating system says.
 */
export async function replaceFile(path: string, before: Buffer, after: Buffer): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  // Another file can be put in the place of one that must not be written.
  await access(path, constants.W_OK);
  const beside = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}.tmp`);
  try {
    const file = await open(beside, 'wx', mode & 0o777);
    try {
      await file.writeFile(after);
      await file.chmod(mode & 0o7777);
      await file.chown(uid, gid).catch(ignoreNotAllowed);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!(await readFile(path)).equals(before))
      throw new UnreadableFileError('it was changed by somebody else meanwhile, and is left as it is now');
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Whoever may write a file of somebody else's may not give it to them. */
function ignoreNotAllowed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPERM' && error.code !== 'EINVAL' && error.code !== 'ENOSYS') throw error;
}
