import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { describeError } from '../../src/cli/output/describe-error.js';
import { CommandError } from '../../src/cli/exit-code.js';
import { table } from '../../src/cli/output/table.js';
import { hasColor, terminalOf } from '../../src/cli/output/terminal.js';
import { version } from '../../package.json';
import { BIN, holdfast } from './run-holdfast.js';

/** A Node.js on the machine that the app does not run on. */
const OLDER = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find((file) => existsSync(file) && /^v20\./.test(execFileSync(file, ['--version'], { encoding: 'utf8' })));

describe('whether there are colours', () => {
  test.each([
    ['on a terminal', true, {}, true],
    ['in a pipe', false, {}, false],
    ['on a terminal that knows none', true, { TERM: 'dumb' }, false],
    ['on a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['on a terminal with an empty NO_COLOR, which asks for nothing', true, { NO_COLOR: '' }, true],
    ['in a pipe with FORCE_COLOR', false, { FORCE_COLOR: '1' }, true],
    ['on a terminal with FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
    ['with both', true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('%s', (_, isTerminal, env, expected) => {
    expect(hasColor(isTerminal, env)).toBe(expected);
  });
});

describe('a command whose output is gone', () => {
  const emitted = (isTTY: boolean, code: string): number => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    onTestFinished(() => {
      exit.mockRestore();
    });
    const stream = Object.assign(new PassThrough(), { isTTY });
    const terminal = terminalOf({ stdout: stream, stderr: stream, env: {} } as unknown as NodeJS.Process);
    stream.emit('error', Object.assign(new Error('x'), { code }));
    terminal.out.write('more');
    expect(stream.read()).toBe(null);
    return exit.mock.calls.length;
  };

  test.each([
    ['a terminal that was closed keeps it from nothing: an address may still have to go', true, 'EIO', 0],
    ['a pipe that nobody reads keeps it from nothing', false, 'EPIPE', 0],
    ['a file that cannot be written ends it', false, 'ENOSPC', 2],
  ])('%s', (_, isTTY, code, times) => {
    expect(emitted(isTTY, code)).toBe(times);
  });
});

describe('a table', () => {
  it('has columns as wide as what is in them, and breaks the last one between words', () => {
    const rows = [
      ['a', 'one two three'],
      ['longer', 'x'],
    ];
    expect(table(['id', 'what'], rows, 18)).toBe('id      what\na       one two\n        three\nlonger  x\n');
  });

  it('shows terminal escapes and does not send them', () => {
    expect(table(['name'], [['\u001b[31mred\n']], 80)).toBe('name\n\\u001b[31mred\\u000a\n');
  });

  it('gives a cell its style after it was measured', () => {
    const bold = { text: 'a', style: (text: string) => `<${text}>` };
    expect(table(['x', 'y'], [[bold, 'b']], 80)).toBe('x  y\n<a>  b\n');
  });
});

describe('an error', () => {
  test.each([
    ['that was thought of', new CommandError('Name a vault.', 2), 'Name a vault.'],
    [
      'of the operating system',
      Object.assign(new Error('x'), { code: 'EACCES', syscall: 'open', path: '/a' }),
      '/a: no right to read or write it (EACCES)',
    ],
    [
      'that nobody thought of, which may quote anything',
      new TypeError('cannot read hunter2'),
      'holdfast itself failed (TypeError). Please report the command that does this.',
    ],
    ['with a terminal escape in it', new CommandError('\u001b[2J', 2), '\\u001b[2J'],
  ])('%s', (_, error, expected) => {
    expect(describeError(error)).toBe(expected);
  });
});

describe('the command line', () => {
  test.each([
    ['the version', ['--version'], 0],
    ['help', ['--help'], 0],
    ['help of a command', ['check', '--help'], 0],
    ['no command', [], 2],
    ['an unknown command', ['chekc'], 2],
    ['an unknown option', ['check', '--frobnicate', '.'], 2],
    ['a missing argument', ['check'], 2],
  ])('%s', (_, args, status) => {
    const run = holdfast(args);
    expect(run.status).toBe(status);
    // The answer is on one of the two, and what is wrong on standard error alone.
    expect(run.stdout !== '').toBe(status === 0);
    expect(run.stderr !== '').toBe(status !== 0);
    expect(run.stderr + run.stdout).not.toMatch(/^\s+at |\u001b/m);
  });

  it('tells its version', () => {
    expect(holdfast(['--version']).stdout).toBe(`${version}\n`);
  });

  it('names what was meant', () => {
    expect(holdfast(['chekc']).stderr).toContain('Did you mean check?');
  });

  it('has colours in a pipe where they are asked for', () => {
    expect(holdfast(['check', 'no-such-file.json'], { env: { FORCE_COLOR: '1' } }).stderr).toContain(
      '\u001b[31m',
    );
    expect(holdfast(['--color', 'check', 'no-such-file.json']).stderr).toContain('\u001b[31m');
    expect(
      holdfast(['--no-color', 'check', 'no-such-file.json'], { env: { FORCE_COLOR: '1' } }).stderr,
    ).not.toContain('\u001b');
  });

  it.skipIf(OLDER === undefined)('hands over to a Node.js that is new enough, and ends as that does', () => {
    const run = (...args: readonly string[]): unknown => {
      const { status, stdout } = spawnSync(OLDER ?? '', [BIN, ...args], { encoding: 'utf8' });
      return { status, stdout };
    };
    expect(run('--version')).toEqual({ status: 0, stdout: `${version}\n` });
    expect(run('chekc')).toEqual({ status: 2, stdout: '' });
  });

  it('ends quietly, and as it would have, when nobody reads what it writes', async () => {
    const child = spawn(process.execPath, [BIN, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    const errors: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    const status = await new Promise((done) => child.on('close', done));
    expect({ status, stderr: Buffer.concat(errors).toString() }).toEqual({ status: 0, stderr: '' });
  });
});
