import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';

/** Runs the demo as `npm start -- …` does, once the app is built. */
async function runDemo(...options: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, ['.build/demo/main.js', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

describe('the demo', () => {
  test('fixes and records every break, and says so', { timeout: 120_000 }, async () => {
    const { code, output } = await runDemo('--once');
    expect(output).toContain('Every break was fixed and recorded.');
    expect(output.match(/^break /gm)?.length).toBe(7);
    expect(output).not.toContain('not fixed');
    expect(output).toMatch(/networkAcls › defaultAction: Allow → Deny/);
    expect(output).toMatch(/\d+ ms after the break, by sweep/);
    expect(code).toBe(0);
  });

  test('says what is wrong with a folder that it cannot load', { timeout: 120_000 }, async () => {
    const { code, output } = await runDemo('--once', '--load', 'docs/decisions');
    expect(output).toContain('There is no .json file in docs/decisions.');
    expect(code).toBe(1);
  });

  test('says what is wrong with an option that it does not know', async () => {
    const { code, output } = await runDemo('--twice');
    expect(output).toContain('--twice');
    expect(code).toBe(1);
  });
});
