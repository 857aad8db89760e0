import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { compileFolder } from './compile-folder.js';

const fixture = resolve('test/fixtures/functions-app');

/** A new directory inside the repository, so that what is in it finds node_modules. The caller removes it. */
export function makeBuildDirectory(name: string): string {
  mkdirSync('.build', { recursive: true });
  return mkdtempSync(resolve('.build', `${name}-`));
}

/** The fixture app as `npm run build` would leave it. */
export function buildFunctionsApp(): string {
  const directory = makeBuildDirectory('functions-app');
  for (const file of ['package.json', 'host.json']) copyFileSync(join(fixture, file), join(directory, file));
  compileFolder(join(fixture, 'src'), join(directory, 'dist'));
  return directory;
}

/** An app of the given files, with a package.json and host.json unless they are given. */
export function writeApp(files: Readonly<Record<string, string>>): string {
  const directory = makeBuildDirectory('app');
  const all = {
    'package.json': '{ "main": "functions/*.js" }',
    'host.json': '{ "version": "2.0" }',
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}
