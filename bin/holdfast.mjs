#!/usr/bin/env node
/**
 * `npx holdfast`. Plain JavaScript for whatever Node.js is there: in a clone it installs from the lock file and builds
 * where that has not been done yet, and it runs the command line with a Node.js that is new enough. All that it has to say
 * goes to standard error.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** As `engines` in package.json has it. */
const OLDEST = [22, 12];
const FAILED = 4;

const root = fileURLToPath(new URL('..', import.meta.url));
const main = join(root, 'dist/cli/main.js');
const isClone = existsSync(join(root, 'scripts/bundle.mjs'));

if (isClone && !isBuilt()) build();
if (isNewEnough()) await import(pathToFileURL(main).href);
else runWith(ownNode());

/** Whether nothing that the build reads has changed since. */
function isBuilt() {
  if (!existsSync(main)) return false;
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    // Before 20.12 an entry says where it is as `path`.
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const builtAt = statSync(main).mtimeMs;
  return [...sources, join(root, 'package-lock.json'), join(root, 'scripts/bundle.mjs')].every(
    (file) => statSync(file).mtimeMs <= builtAt,
  );
}

function build() {
  process.stderr.write('Building holdfast …\n');
  for (const script of ['ensure-installed.mjs', 'bundle.mjs']) {
    // Standard output is the command's own.
    const { status } = spawnSync(process.execPath, [join(root, 'scripts', script)], {
      cwd: root,
      stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    });
    if (status !== 0) fail(`scripts/${script} failed; see above.`);
  }
}

function isNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The Node.js among the development dependencies; a published package has none. */
function ownNode() {
  const file = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(file)) return file;
  return fail(`holdfast needs Node.js ${OLDEST.join('.')} or newer, and this is ${process.versions.node}.`);
}

/** In a process of its own, with the same terminal; it ends as that one ends. */
function runWith(node) {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C goes to both of them, and it is the other that decides what becomes of it.
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${node} does not run: ${error.message}`));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? FAILED);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(FAILED);
}
