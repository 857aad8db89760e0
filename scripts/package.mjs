/**
 * Puts together what is deployed: in `.build/package` the bundles, host.json and the one library that is not in them, and
 * the same as `.build/holdfast.zip`. The same sources give the same bytes. Run after a build: `npm run package`.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, '.build/package');
/** A zip's times begin in 1980; one that never changes. */
const MTIME = new Date('2000-01-01T00:00:00');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const name of ['host.json', 'LICENSE']) cpSync(join(root, name), join(folder, name));
cpSync(join(root, 'dist'), join(folder, 'dist'), {
  recursive: true,
  // The command line is for a laptop.
  filter: (source) => !source.endsWith('.map') && relative(join(root, 'dist'), source) !== 'cli',
});
for (const library of librariesOf('@azure/functions', root)) {
  cpSync(library, join(folder, relative(root, library)), {
    recursive: true,
    filter: (source) => !isLeftOut(relative(library, source).replaceAll('\\', '/')),
  });
}
const { name, version, description, license, main, engines } = read(join(root, 'package.json'));
// From its copy, so that a package without the library is never made.
const { version: library } = read(join(folder, 'node_modules/@azure/functions/package.json'));
const manifest = {
  name,
  version,
  description,
  license,
  private: true,
  main,
  engines,
  dependencies: { '@azure/functions': library },
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const files = filesIn(folder).sort();
const entries = Object.fromEntries(
  files.map((file) => [relative(folder, file).replaceAll('\\', '/'), readFileSync(file)]),
);
writeFileSync(join(root, '.build/holdfast.zip'), zipSync(entries, { level: 9, mtime: MTIME }));
console.log(`${files.length} files in .build/holdfast.zip`);

/** Of a library: what runs needs neither its sources nor its types; what it depends on is copied by itself. */
function isLeftOut(path) {
  return /\.map$|^(?:types|src|node_modules)(?:\/|$)/.test(path);
}

/** A package's folder and those of all that it needs, each once. */
function librariesOf(name, from, found = new Set()) {
  const require = createRequire(join(from, 'package.json'));
  const folder = folderOf(name, require);
  if (found.has(folder)) return found;
  found.add(folder);
  for (const needed of Object.keys(read(join(folder, 'package.json')).dependencies ?? {})) {
    librariesOf(needed, folder, found);
  }
  return found;
}

/** Where Node.js would find it; a package may not say where its package.json is, so it is looked for. */
function folderOf(name, require) {
  const place = require.resolve.paths(name).find((path) => exists(join(path, name, 'package.json')));
  if (place === undefined) throw new Error(`${name} is not installed: run npm ci.`);
  return join(place, name);
}

function exists(file) {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}

function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function filesIn(path) {
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
