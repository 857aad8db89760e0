import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { functionsOf } from './functions-of.js';

/* What `func azure functionapp publish` sends of this folder: .funcignore is right where that starts. */

const ROOT = resolve(__dirname, '..');
const IGNORE = readFileSync(join(ROOT, '.funcignore'), 'utf8');
/** Far from the repository, whose node_modules would hide what is missing. */
let folder: string;
let published: readonly string[];

beforeAll(() => {
  const isPublished = publishedBy(IGNORE);
  const patterns = ['*', '.*', '{dist,src,infra,.github}/**', 'node_modules/{*,@azure/*}/**'];
  published = globSync(patterns, { cwd: ROOT, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter(isPublished);
  folder = mkdtempSync(join(tmpdir(), 'holdfast-published-'));
  for (const file of published) cpSync(join(ROOT, file), join(folder, file));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

it('the folder as Azure Functions Core Tools publish it has all functions', async () => {
  const functions = await functionsOf(folder);
  expect(functions).toEqual(await functionsOf(ROOT));
  expect(functions).toContain('resourceChanged');
});

it('and neither sources, nor the command line, nor other libraries, nor settings of a laptop', () => {
  const tops = new Set(published.map((file) => file.split('/').slice(0, 2).join('/')));
  expect([...tops].toSorted()).toEqual([
    'LICENSE',
    'dist/dashboard',
    'dist/functions',
    'dist/main.js',
    ...(tops.has('dist/main.js.map') ? ['dist/main.js.map'] : []),
    'host.json',
    'node_modules/@azure',
    'node_modules/cookie',
    'package.json',
  ]);
  const azure = published.filter((file) => file.startsWith('node_modules/@azure/'));
  expect(azure.filter((file) => !file.startsWith('node_modules/@azure/functions'))).toEqual([]);
  expect(publishedBy(IGNORE)('local.settings.json')).toBe(false);
});

/**
 * Which files go up. Not as git reads such a file: a path goes up that begins like a line with `!`, whatever the order is
 * (https://github.com/Azure/azure-functions-core-tools/blob/14e394dc8d1b9ee9ca93a27fab420c9ad49ee41f/src/Azure.Functions.Cli/Common/GitIgnoreParser.cs).
 */
function publishedBy(ignore: string): (path: string) => boolean {
  const lines = ignore
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const isKept = beginsLike(lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1)));
  const isLeftOut = beginsLike(lines.filter((line) => !line.startsWith('!')));
  return (path) => isKept(path) || !isLeftOut(path);
}

function beginsLike(patterns: readonly string[]): (path: string) => boolean {
  const tests = patterns.map((pattern) => {
    const parts = pattern.replace(/^\//, '').split(/(\*{1,2})/);
    const wild = new Map([
      ['**', '.+'],
      ['*', '[^/]+'],
    ]);
    const source = parts.map((part) => wild.get(part) ?? part.replaceAll(/[^\w@/]/g, String.raw`\$&`));
    return new RegExp(`^${source.join('')}`);
  });
  return (path) => tests.some((test) => test.test(path));
}
