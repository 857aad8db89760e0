/**
 * Installs from the lock file, where what is installed differs from it; otherwise does nothing and needs no network.
 * Runs on a fresh clone, so it uses Node.js alone.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The packages of a lock file: path to version. */
function packagesOf(file) {
  try {
    const { packages } = JSON.parse(readFileSync(`${root}${file}`, 'utf8'));
    return new Map(Object.entries(packages).filter(([path]) => path !== ''));
  } catch {
    return null;
  }
}

/** Whether all that the lock file names is there; optional packages are for other platforms where they are not. */
function isInstalled() {
  const wanted = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  if (wanted === null || present === null) return false;
  return [...wanted].every(
    ([path, { version, optional, devOptional, peer }]) =>
      present.get(path)?.version === version || ((optional || devOptional || peer) && !present.has(path)),
  );
}

if (!isInstalled()) {
  console.log('Installing from the lock file …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error('npm ci failed. It needs the npm registry once; see its message above.');
    process.exit(status ?? 1);
  }
}
