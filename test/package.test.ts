import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionsOf } from './functions-of.js';

const ROOT = resolve(__dirname, '..');
const ZIP = join(ROOT, '.build/holdfast.zip');
/** Far from the repository, whose node_modules would hide what is missing. */
let folder: string;
let first: Buffer;

beforeAll(() => {
  makePackage();
  first = readFileSync(ZIP);
  folder = mkdtempSync(join(tmpdir(), 'holdfast-package-'));
  cpSync(join(ROOT, '.build/package'), folder, { recursive: true });
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('the package that is deployed', () => {
  it('registers the same functions as the app it was made of, with nothing around it', async () => {
    const functions = await functionsOf(folder);
    expect(functions).toEqual(await functionsOf(ROOT));
    expect(functions).toContain('resourceChanged');
  });

  it('holds what handles them', () => {
    const require = createRequire(join(folder, 'package.json'));
    const handlers = Object.keys(require('./dist/functions/index.js') as object);
    expect(handlers).toContain('resourceChanged');
  });

  it('holds the dashboard’s page', () => {
    const require = createRequire(join(folder, 'package.json'));
    const { dashboard } = require('./dist/functions/index.js') as {
      readonly dashboard: (
        request: unknown,
        context: unknown,
      ) => { readonly status: number; readonly body: string };
    };
    const { status, body } = dashboard({ headers: new Headers() }, {});
    expect(status).toBe(200);
    expect(body).toContain('<title>Holdfast</title>');
  });

  it('is the same in the archive', () => {
    const unpacked = new Map(Object.entries(unzipSync(first)));
    const files = readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    expect([...unpacked.keys()].sort()).toEqual(files.map((file) => relative(folder, file)).sort());
    for (const file of files) {
      expect(Buffer.from(unpacked.get(relative(folder, file)) ?? []).equals(readFileSync(file)), file).toBe(
        true,
      );
    }
  });

  it('is the same, byte for byte, when it is made again', () => {
    makePackage();
    expect(readFileSync(ZIP).equals(first)).toBe(true);
  });

  it('holds the app, the host’s settings and one library, and nothing else of the repository', () => {
    const top = new Set(Object.keys(unzipSync(first)).map((name) => name.split('/')[0]));
    expect([...top].sort()).toEqual(['LICENSE', 'dist', 'host.json', 'node_modules', 'package.json']);
  });
});

function makePackage(): void {
  execFileSync(process.execPath, [join(ROOT, 'scripts/package.mjs')], { stdio: 'pipe' });
}
