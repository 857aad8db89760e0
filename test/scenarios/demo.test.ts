import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { REMEDIATOR_IDS } from '../../src/types/remediator-id.js';

const CORPUS = '../shared/corpus';

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
  let code: number | null;
  let output: string;
  beforeAll(async () => {
    ({ code, output } = await runDemo('--once'));
  }, 120_000);

  test('puts right or points out every break, and says so', () => {
    expect(output).toContain('Every break was fixed, or pointed out where only a person can');
    // And the head of the table.
    expect(output.match(/^break /gm)?.length).toBe(15 + 1);
    expect(output.match(/^.{50,}  pointed out  \d+ ms {2,}event /gm)?.length).toBe(2);
    expect(output).not.toMatch(/not fixed/i);
    expect(code).toBe(0);
  });

  test.each(REMEDIATOR_IDS)('shows %s at work', (id) => {
    const report = output.slice(0, output.indexOf('Posture'));
    expect(report).toContain(id);
  });

  test.each([
    ['a firewall that is shut again', 'networkAcls › defaultAction: Allow → Deny'],
    ['a chain that is hidden to its end', 'Reset › secureData: + inputs'],
    ['an identity that is given', 'identity: not set → SystemAssigned'],
    ['an access policy that is trimmed', /accessPolicies › [\da-f-]{36}: secrets get, all → secrets get/],
    ['an audit log that is put back', 'holdfast-audit: not set → audit events to la-security'],
    ['a vault that is recovered', 'createMode: not set → recover'],
    ['a connection’s successor', 'not set → a connection to kv-sentinel with the managed identity'],
    ['the workflows that move to it', /(?:connectionId: keyvault-incidents → keyvault-incidents-mi[^]*){2}/],
    ['a change that only a sweep finds', /\d+ ms after the break, by sweep/],
    ['who called a vault before it was shut', '"nightly-export" called the vault from "203.0.113.80"'],
    ['how many runs show a secret', '96 runs'],
    ['why a workflow is not written', 'declares secure parameters ("mailboxPassword")'],
    ['a reader without access', /vault-readers .*\n.*Rotate-Certificate/],
    ['how things stand', /^vault-firewall +4 +0 +0 +0 +2 +0 +0$/m],
    ['how to accept a finding', /api\/findings\/accept" .* '\{"id":"[\da-f]{32}"/],
  ])('shows %s', (_name, text) => {
    if (typeof text === 'string') expect(output).toContain(text);
    else expect(output).toMatch(text);
  });

  test('prints no secret that stands in the estate', () => {
    expect(output).not.toContain('q7Rk2vX9');
    expect(output).not.toContain('not-a-password');
  });

  test('adds templates, and sums up what came of them', { timeout: 120_000 }, async () => {
    const loaded = await runDemo('--once', '--load', 'test/fixtures/estate');
    expect(loaded.output).toMatch(/^in the templates +fixed +refused +failed +findings$/m);
    expect(loaded.output).toMatch(/^workflow-secure-outputs +1 +\d+ +0 +\d+$/m);
    expect(loaded.output).toContain('Not changed, and why:');
    expect(loaded.code).toBe(0);
  });

  test.skipIf(!existsSync(CORPUS))('takes real playbooks', { timeout: 180_000 }, async () => {
    const loaded = await runDemo('--once', '--load', CORPUS);
    expect(loaded.output).toMatch(/^workflow-secure-outputs +\d\d +\d +0 +\d+$/m);
    expect(loaded.output).toContain('so the workflow would run at once');
    expect(loaded.code).toBe(0);
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
