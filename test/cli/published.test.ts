import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { getSecret, templateOf, workflowOf } from '../template/template-of.js';
import { folderOf } from './run-holdfast.js';

const ROOT = resolve(__dirname, '../..');

/** As a registry would have it; it was built before the tests. */
function packed(): string {
  const folder = folderOf({});
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    stdio: 'pipe',
    shell: process.platform === 'win32',
  });
  const [archive = ''] = readdirSync(folder);
  execFileSync('tar', ['xzf', archive], { cwd: folder });
  return join(folder, 'package');
}

it('the package of a registry checks files with nothing beside it, and builds nothing', () => {
  const parameters = { location: { type: 'string', defaultValue: 'westeurope' } };
  const template = JSON.stringify(templateOf([workflowOf({ Get: getSecret() })], { parameters }));
  const cwd = folderOf({ 'a.json': template });
  const bin = join(packed(), 'bin/holdfast.mjs');
  const run = spawnSync(process.execPath, [bin, 'check', '.'], { cwd, encoding: 'utf8' });
  expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 1, stderr: '' });
  expect(run.stdout).toContain('1 finding in 1 file');
});
