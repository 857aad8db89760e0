import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Watches another process; `peak` gives the most memory that was resident in it so far, in MiB. */
export interface PeakMemory {
  readonly peak: () => Promise<number>;
}

/** The kernel keeps the peak on Linux and Windows; elsewhere `ps` is asked five times a second. */
export function watchPeakMemory(pid: number): PeakMemory {
  if (platform() === 'linux') return { peak: () => peakOnLinux(pid) };
  if (platform() === 'win32') return { peak: () => peakOnWindows(pid) };
  return watchWithPs(pid);
}

/** `VmHWM`, the high water mark of the resident set: proc_pid_status(5). */
async function peakOnLinux(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? NaN) / 1024;
}

async function peakOnWindows(pid: number): Promise<number> {
  const { stdout } = await run('powershell', [
    '-NoProfile',
    '-Command',
    `(Get-Process -Id ${pid}).PeakWorkingSet64`,
  ]);
  return Number(stdout.trim()) / 1024 / 1024;
}

function watchWithPs(pid: number): PeakMemory {
  let highest = 0;
  const look = async (): Promise<void> => {
    const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
    highest = Math.max(highest, Number(stdout.trim()) / 1024);
  };
  // It fails once the process has ended, and then there is nothing more to see.
  setInterval(() => void look().catch(() => undefined), 200).unref();
  return {
    async peak() {
      await look();
      return highest;
    },
  };
}
