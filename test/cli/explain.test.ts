import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SUBSCRIPTION } from '../../demo/stack.js';
import { addVault, addWorkflow, httpGet, vaultPath, workflow, workflowPath } from '../scenarios/scenario.js';
import { startLaptop, type Laptop } from './laptop.js';

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop();
  laptop.simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
});
afterAll(() => laptop.close());

const LEAKING = workflow({
  actions: {
    Get: httpGet('kv-one'),
    Keep: {
      type: 'InitializeVariable',
      runAfter: { Get: ['Succeeded'] },
      inputs: { variables: [{ name: 'key', type: 'string', value: "@body('Get')?['value']" }] },
    },
    Answer: {
      type: 'Response',
      runAfter: { Keep: ['Succeeded'] },
      inputs: { statusCode: 200, body: "@variables('key')" },
    },
  },
});
const TIGHT = workflow({ actions: { Get: httpGet('kv-one') } });

describe('explain', () => {
  test('a workflow in Azure: from where, to where, who gets to see it, and what to do', async () => {
    const name = await addWorkflow(laptop.simulator.azure, LEAKING);
    const mark = laptop.simulator.azure.journal.mark();
    const run = await laptop.holdfast(['explain', workflowPath(name)]);
    expect(run).toMatchObject({ status: 1, stderr: '' });
    expect(run.stdout).toContain('vault kv-one → action Get (http)');
    expect(run.stdout).toMatch(/action Keep \(initializevariable\) .*No setting hides it/);
    expect(run.stdout).toMatch(/action Answer \(response\) +the answer to whoever calls/);
    expect(laptop.simulator.azure.journal.writes({ since: mark })).toEqual([]);
    const json = JSON.parse((await laptop.holdfast(['explain', workflowPath(name), '--json'])).stdout) as {
      workflow: string;
      nodes: unknown[];
      edges: unknown[];
    };
    expect(json.workflow).toBe(workflowPath(name));
    expect(json.edges.length).toBeGreaterThan(2);
  });

  test('what would mend it is what does: not holdfast fix where that refuses', async () => {
    const actions = { Get: httpGet('kv-one') };
    const open = workflow({ actions: { Get: { ...actions.Get, runtimeConfiguration: {} } } });
    const plain = await addWorkflow(laptop.simulator.azure, open);
    const fixed = await laptop.holdfast(['explain', workflowPath(plain)]);
    expect(fixed.stdout).toContain('Turn on secure outputs: holdfast fix does.');
    const declared = { mailbox: { type: 'SecureString', defaultValue: '' } };
    const secure = await addWorkflow(
      laptop.simulator.azure,
      workflow({ actions: { Get: { ...actions.Get, runtimeConfiguration: {} } }, declared }),
    );
    const refused = await laptop.holdfast(['explain', workflowPath(secure)]);
    expect(refused.stdout).toMatch(
      /Turn on secure outputs, by hand\. The workflow declares secure parameters \("mailbox"\)/,
    );
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'playbook.json');
    writeFileSync(file, JSON.stringify(open));
    const told = await laptop.holdfast(['explain', file]);
    expect(told.stdout).toContain('Turn on secure outputs: holdfast check --fix does.');
    expect((await laptop.holdfast(['check', '--fix', file])).status).toBe(0);
    expect((await laptop.holdfast(['explain', file])).status).toBe(0);
  });

  test.each([
    ['as ARM has it', LEAKING, 1],
    ['as the portal exports it', (LEAKING as { properties: object }).properties, 1],
    ['the definition alone', (LEAKING as { properties: { definition: object } }).properties.definition, 1],
    ['from which nobody gets to see a secret', TIGHT, 0],
  ])('a file: %s, without az and without a network', async (_name, document, status) => {
    const file = join(mkdtempSync(join(tmpdir(), 'explain-')), 'playbook.json');
    writeFileSync(file, `\uFEFF${JSON.stringify(document)}`);
    const run = await laptop.holdfast(['explain', file], { PATH: '/nonexistent' });
    expect(run).toMatchObject({ status, stderr: '' });
    expect(run.stdout).toContain('vault kv-one → action Get (http)');
  });

  test.each([
    [
      'a file that is not there',
      () => Promise.resolve('no-such.json'),
      2,
      /no-such\.json: there is no such file/,
    ],
    [
      'a file without a workflow',
      () => Promise.resolve('package.json'),
      2,
      /package\.json holds no workflow/,
    ],
    [
      'a vault',
      async () => vaultPath(await addVault(laptop.simulator.azure, {})),
      2,
      /is a vault: it is a workflow/,
    ],
    [
      'a workflow that is not there',
      () => Promise.resolve(workflowPath('nowhere')),
      2,
      /Azure has no .*nowhere/,
    ],
  ])('%s: an error that says so', async (_name, what, status, message) => {
    const run = await laptop.holdfast(['explain', await what()]);
    expect(run).toMatchObject({ status, stderr: expect.stringMatching(message) as string });
  });
});
