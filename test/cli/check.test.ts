import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { getSecret, SAFE_VAULT, templateOf, vaultOf, workflowOf } from '../template/template-of.js';
import { BIN, folderOf, holdfast } from './run-holdfast.js';

const location = { parameters: { location: { type: 'string', defaultValue: 'westeurope' } } };
const json = (value: unknown): string => JSON.stringify(value, null, 2);
const OPEN = json(templateOf([workflowOf({ Get: getSecret() })], location));
const SAFE = json(templateOf([vaultOf(SAFE_VAULT)]));
/** Of its two findings, --fix mends the first. */
const HALF = json(
  templateOf(
    [
      workflowOf({
        Get: getSecret(),
        Set: { type: 'SetVariable', runAfter: {}, inputs: { name: 'x', value: "@body('Get')?['value']" } },
      }),
    ],
    location,
  ),
);

const resultShape = z.object({
  version: z.literal(1),
  tool: z.object({ name: z.string(), version: z.string() }),
  summary: z.record(z.string(), z.number()),
  findings: z.array(
    z.object({
      rule: z.string(),
      severity: z.enum(['low', 'medium', 'high']),
      message: z.string(),
      step: z.string(),
      resource: z.string(),
      file: z.string(),
      line: z.number().min(1),
      column: z.number().min(1),
      endLine: z.number().min(1),
      endColumn: z.number().min(1),
      pointer: z.string(),
      fixable: z.boolean(),
      fixed: z.boolean(),
      obstacle: z.string().nullable(),
      warnings: z.array(z.string()),
    }),
  ),
  undecided: z.array(z.object({ rule: z.string(), message: z.string(), file: z.string(), line: z.number() })),
  errors: z.array(
    z.object({
      file: z.string(),
      line: z.number().nullable(),
      column: z.number().nullable(),
      message: z.string(),
    }),
  ),
});
const resultIn = (stdout: string) => resultShape.parse(JSON.parse(stdout));

describe('what is found', () => {
  it('is told with file, line and column, and counted', () => {
    const { status, stdout, stderr } = holdfast(['check', 'a.json'], { cwd: folderOf({ 'a.json': OPEN }) });
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    const line = OPEN.split('\n').findIndex((each) => each.includes('"Get":')) + 1;
    expect(stdout).toMatch(
      new RegExp(`^a\\.json:${line}:\\d+: high workflow-secure-outputs workflow "block-user"$`, 'm'),
    );
    expect(stdout).toMatch(/^1 finding in 1 file \(--fix mends 1\)$/m);
    expect(stdout).not.toContain('\u001b');
  });

  it('is nothing in a safe file', () => {
    const run = holdfast(['check', '.'], { cwd: folderOf({ 'a.json': SAFE }) });
    expect(run).toMatchObject({ status: 0, stdout: 'Nothing found in 1 file\n', stderr: '' });
  });

  it('has the documented shape for machines', () => {
    const files = {
      'a.json': HALF,
      'b/c.json': SAFE,
      'd.json': '{"resources": [], "contentVersion": "x',
      'e.json': '{}',
    };
    const run = holdfast(['check', '--format', 'json', '.', 'd.json'], { cwd: folderOf(files) });
    expect(run.status).toBe(1);
    const { summary, findings, errors } = resultIn(run.stdout);
    expect(summary).toMatchObject({ checked: 2, passedOver: 2, findings: 2, fixable: 1, mended: 0 });
    expect(findings.map(({ rule, file, fixable }) => [rule, file, fixable])).toEqual([
      ['workflow-secure-outputs', 'a.json', true],
      ['workflow-secret-flow', 'a.json', false],
    ]);
    expect(errors).toEqual([]);
  });
});

describe('a file', () => {
  const BROKEN = `{\n  "type": "Microsoft.KeyVault/vaults",\n  "name" 1\n}`;
  const rows: readonly (readonly [
    string,
    readonly string[],
    Readonly<Record<string, string | Buffer>>,
    number,
    RegExp,
  ])[] = [
    [
      'that is broken',
      ['x.json'],
      { 'x.json': BROKEN },
      2,
      /^error: x\.json:3:10: It is no JSON, neither a template nor a workflow: colon expected\.$/m,
    ],
    ['in a directory that is broken', ['.'], { 'x.json': BROKEN }, 2, /x\.json:3:10/],
    ['in a directory that is broken and seems something else', ['.'], { 'x.json': '{"a" 1}' }, 0, /^$/],
    ['that is no JSON, by name', ['x.txt'], { 'x.txt': 'hello' }, 2, /x\.txt:1:1/],
    [
      'that is something else',
      ['x.json'],
      { 'x.json': '{"a": 1}' },
      0,
      /^x\.json: neither a template nor a workflow, passed over\.$/m,
    ],
    ['that is Bicep', ['x.bicep'], { 'x.bicep': 'param x string' }, 2, /az bicep build/],
    ['that is empty', ['x.json'], { 'x.json': '' }, 2, /x\.json:1:1/],
    ['that is not there', ['none.json'], {}, 2, /there is no such file/i],
    [
      'that is no text',
      ['x.json'],
      { 'x.json': Buffer.from([0x7b, 0xff, 0x7d]) },
      2,
      /neither UTF-8 nor UTF-16/,
    ],
    [
      'that is larger than any template',
      ['x.json'],
      { 'x.json': ' '.repeat(17 * 1024 * 1024) },
      2,
      /larger than 16 MB/,
    ],
    [
      'in a directory that is no text, or larger than any template, and seems something else',
      ['.'],
      { 'x.json': Buffer.from([0x7b, 0xff, 0x7d]), 'y.json': `{"a": "${' '.repeat(17 * 1024 * 1024)}"}` },
      0,
      /^$/,
    ],
    [
      'in a directory that is no text and seems to be a template',
      ['.'],
      { 'x.json': Buffer.from('{"type": "Microsoft.KeyVault/vaults", "name": "\u00fc"}', 'latin1') },
      2,
      /x\.json: It is neither UTF-8 nor UTF-16/,
    ],
    [
      'in a directory that seems to be a template, and larger than any',
      ['.'],
      { 'x.json': `{"type": "Microsoft.KeyVault/vaults", "name": "${' '.repeat(17 * 1024 * 1024)}"}` },
      2,
      /x\.json: It is larger than 16 MB/,
    ],
  ];
  test.each(rows)('%s', (_, args, files, status, expected) => {
    const run = holdfast(['check', ...args], { cwd: folderOf(files) });
    expect(run.status).toBe(status);
    expect(run.stderr).toMatch(expected);
    expect(run.stderr).not.toMatch(/^\s+at /m);
  });

  it('that cannot be read keeps nobody from the others', () => {
    const run = holdfast(['check', '.'], { cwd: folderOf({ 'a.json': BROKEN, 'b.json': OPEN }) });
    expect(run.status).toBe(2);
    expect(run.stdout).toContain('b.json');
    expect(run.stdout).toMatch(/1 finding in 1 file .*1 file could not be read or written/);
  });

  it('is looked at once, however often it is named and whatever links lead to it', () => {
    const folder = folderOf({
      'a/x.json': OPEN,
      'node_modules/y.json': OPEN,
      '.git/z.json': OPEN,
      'b/note.txt': 'x',
    });
    symlinkSync('..', join(folder, 'a/up'));
    symlinkSync('x.json', join(folder, 'a/again.json'));
    symlinkSync('nowhere', join(folder, 'a/lost.json'));
    const run = holdfast(['check', '--format', 'json', '.', 'a/x.json', 'a'], { cwd: folder });
    expect(resultIn(run.stdout).summary).toMatchObject({ checked: 1, findings: 1, errors: 0 });
  });

  it('in UTF-16, as PowerShell writes it, is read and mended as such', () => {
    const before = Buffer.from(`\uFEFF${OPEN.replaceAll('\n', '\r\n')}`, 'utf16le');
    const folder = folderOf({ 'a.json': before });
    expect(holdfast(['check', '--fix', '.'], { cwd: folder }).status).toBe(0);
    const after = readFileSync(join(folder, 'a.json'));
    expect(after.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xfe]));
    expect(after.toString('utf16le')).toContain('"properties": [\r\n');
  });
});

describe('--fix', () => {
  it('mends, says so, and ends with what is left', () => {
    const folder = folderOf({ 'a.json': OPEN });
    const run = holdfast(['check', '--fix', '.'], { cwd: folder });
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/: mended workflow-secure-outputs/);
    expect(run.stdout).toMatch(/^Nothing is left in 1 file; 1 mended$/m);
    expect(holdfast(['check', '.'], { cwd: folder })).toMatchObject({
      status: 0,
      stdout: 'Nothing found in 1 file\n',
    });
  });

  it('ends with 1 where a person has to do the rest', () => {
    const folder = folderOf({ 'a.json': HALF });
    const run = holdfast(['check', '--fix', '--format', 'json', '.'], { cwd: folder });
    expect(run.status).toBe(1);
    expect(resultIn(run.stdout).findings.map(({ rule, fixed }) => [rule, fixed])).toEqual([
      ['workflow-secure-outputs', true],
      ['workflow-secret-flow', false],
    ]);
  });

  it('keeps the permissions of a file, and leaves nothing beside it', () => {
    const folder = folderOf({ 'a.json': OPEN });
    chmodSync(join(folder, 'a.json'), 0o640);
    holdfast(['check', '--fix', '.'], { cwd: folder });
    expect(statSync(join(folder, 'a.json')).mode & 0o7777).toBe(0o640);
    const run = holdfast(['check', '--format', 'json', '.'], { cwd: folder });
    expect(resultIn(run.stdout).summary).toMatchObject({ checked: 1, passedOver: 0 });
  });

  it('never touches a file in which there is nothing to mend', () => {
    const folder = folderOf({ 'a.json': SAFE, 'b.json': '{"not": "ours"}' });
    const then = new Date('2020-01-01T00:00:00Z');
    for (const name of ['a.json', 'b.json']) utimesSync(join(folder, name), then, then);
    holdfast(['check', '--fix', '.'], { cwd: folder });
    expect(statSync(join(folder, 'a.json'))).toMatchObject({ mtime: then });
    expect(statSync(join(folder, 'b.json'))).toMatchObject({ mtime: then });
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe(SAFE);
  });

  it('does not write through a symbolic link to what was not named', () => {
    const outside = folderOf({ 'x.json': OPEN });
    const folder = folderOf({});
    symlinkSync(join(outside, 'x.json'), join(folder, 'link.json'));
    symlinkSync(outside, join(folder, 'dir'));
    for (const path of ['link.json', '.']) {
      const run = holdfast(['check', '--fix', path], { cwd: folder });
      expect(run.status, path).toBe(2);
      expect(run.stderr, path).toContain('a symbolic link leads to it');
    }
    expect(readFileSync(join(outside, 'x.json'), 'utf8')).toBe(OPEN);
  });

  it.skipIf(process.getuid?.() === 0)('leaves a file that may not be written, and says so', () => {
    const folder = folderOf({ 'a.json': OPEN });
    chmodSync(join(folder, 'a.json'), 0o440);
    const run = holdfast(['check', '--fix', '.'], { cwd: folder });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('It is not mended: no right to read or write it.');
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe(OPEN);
  });
});

describe('names that are no names', () => {
  const evil = 'x\u001b[31m\u202e\n::error::pwned';
  const template = json(templateOf([workflowOf({ [evil]: getSecret() })], location));
  it.each(['text', 'json', 'sarif', 'github'])('are shown and never sent: %s', (format) => {
    const folder = folderOf({ [`${evil.replace('\n', '\r')}.json`]: template });
    const { stdout, stderr, status } = holdfast(['check', '--format', format, '.'], { cwd: folder });
    expect(status).toBe(1);
    expect(stdout + stderr).toContain('pwned');

    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(stdout).not.toMatch(/^::error::pwned/m);
  });

  it('are escaped as GitHub takes them back', () => {
    const folder = folderOf({ 'a,b:c%.json': OPEN });
    mkdirSync(join(folder, '.git'));
    const { stdout } = holdfast(['check', '--format', 'github', '.'], { cwd: folder });
    expect(stdout).toMatch(
      /^::error file=a%2Cb%3Ac%25\.json,line=\d+,endLine=\d+,col=\d+,endColumn=\d+,title=workflow-secure-outputs::Action "Get" returns .*$/m,
    );
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('what GitHub is told', () => {
  it('names files from the root of the repository, wherever it runs', () => {
    const folder = folderOf({ 'infra/logic/a.json': OPEN });
    mkdirSync(join(folder, '.git'));
    const { stdout } = holdfast(['check', '--format', 'github', 'logic'], { cwd: join(folder, 'infra') });
    expect(stdout).toContain('file=infra/logic/a.json');
  });
});

describe('very much', { timeout: 120_000 }, () => {
  it('of files takes little memory', () => {
    const files = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [
        `${i % 50}/${i}.json`,
        i % 5 === 0 ? OPEN : '{"some": "settings"}',
      ]),
    );
    const folder = folderOf(files);
    const env = { NODE_OPTIONS: '--max-old-space-size=96' };
    const run = holdfast(['check', '--format', 'json', '.'], { cwd: folder, env });
    expect(run.status).toBe(1);
    expect(resultIn(run.stdout).summary).toMatchObject({ checked: 1000, passedOver: 4000, findings: 1000 });
  });

  it('of output may find nobody who reads it', async () => {
    const folder = folderOf({ 'a.json': OPEN });
    const child = spawn(process.execPath, [BIN, 'check', '.'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const status = await new Promise((done) => child.on('close', done));
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  });
});

describe('a file that changes meanwhile', () => {
  it('is left as it is now', async () => {
    const { replaceFile } = await import('../../src/cli/check/replace-file.js');
    const folder = folderOf({ 'a.json': 'one' });
    const path = join(folder, 'a.json');
    writeFileSync(path, 'two');
    await expect(replaceFile(path, Buffer.from('one'), Buffer.from('three'))).rejects.toThrow(
      /changed by somebody else/,
    );
    expect(readFileSync(path, 'utf8')).toBe('two');
  });
});
