import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';

/** Somebody else is at it. The message says who, and what to do. */
export class DirectoryInUseError extends Error {
  override readonly name = 'DirectoryInUseError';
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly id: string;
}

/**
 * Keeps a directory for this process until the function that it gives is called. What a process left behind that has
 * ended, or that was running before the machine was started, is taken away; that of another machine never is, because
 * nobody can tell from here. Throws {@link DirectoryInUseError}, and file errors.
 */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, 'lock');
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    id: randomUUID(),
  };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (create(path, JSON.stringify(own))) {
      return () => {
        if (read(path)?.includes(own.id) === true) rmSync(path, { force: true });
      };
    }
    const text = read(path);
    if (text === null) continue;
    const holder = holderIn(text);
    if (holder === null || !isOver(holder)) throw inUse(path, holder);
    takeAway(path, text);
  }
  throw inUse(path, null);
}

function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function holderIn(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder>;
    return typeof value.pid === 'number' && typeof value.host === 'string' ? (value as Holder) : null;
  } catch {
    return null;
  }
}

function isOver({ pid, host, since }: Holder): boolean {
  if (host !== hostname()) return false;
  const startedAt = Date.now() - uptime() * 1000;
  return Date.parse(since) < startedAt || !isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    // Signal 0 asks alone; EPERM is a process of somebody else.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Of two processes that find the same dead one, the slower must not take away what the faster has just put there. */
function takeAway(path: string, text: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if (read(aside) !== text) linkSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

function inUse(path: string, holder: Holder | null): DirectoryInUseError {
  const who =
    holder === null ? 'Another process' : `Process ${holder.pid} on ${holder.host} (since ${holder.since})`;
  return new DirectoryInUseError(
    `${who} is using the state directory. Wait until it has ended, or name another with --state; if no such process is running, delete ${path}.`,
  );
}
