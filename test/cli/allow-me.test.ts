import { afterAll, beforeAll, expect, test } from 'vitest';
import { SUBSCRIPTION } from '../../demo/stack.js';
import { addVault, eventually, rulesOf } from '../scenarios/scenario.js';
import { startLaptop, type Laptop } from './laptop.js';

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop();
  laptop.simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
});
afterAll(() => laptop.close());

const SHUT = {
  bypass: 'AzureServices',
  defaultAction: 'Deny',
  ipRules: [{ value: '198.51.100.0/24' }],
  virtualNetworkRules: [],
};

test('its life', async () => {
  const name = await addVault(laptop.simulator.azure, SHUT);
  const { child, ended } = laptop.start(['allow-me', name, '--ip', '203.0.113.7', '--for', '2h', '--yes']);
  await eventually('rule', () =>
    rulesOf(laptop.simulator.azure, name).includes('203.0.113.7/32') ? true : null,
  );
  child.kill('SIGINT');
  console.log(await ended);
  expect(rulesOf(laptop.simulator.azure, name)).toEqual(['198.51.100.0/24']);
  const { child: c2, ended: e2 } = laptop.start([
    'allow-me',
    name,
    '--ip',
    '203.0.113.7',
    '--for',
    '2h',
    '--yes',
  ]);
  await eventually('rule', () =>
    rulesOf(laptop.simulator.azure, name).includes('203.0.113.7/32') ? true : null,
  );
  c2.kill('SIGKILL');
  console.log(await e2);
  console.log(await laptop.holdfast(['sweep']));
  console.log(await laptop.holdfast(['sweep', '--enforce', '--yes']));
  console.log(await laptop.holdfast(['audit']));
  const audit = await laptop.holdfast(['audit', '--json', '--outcome', 'applied']);
  const first = JSON.parse(audit.stdout.split('\n')[0] ?? '') as { id: string };
  console.log(await laptop.holdfast(['undo', first.id, '--dry-run']));
  console.log(await laptop.holdfast(['undo', first.id, '--yes']));
  console.log(rulesOf(laptop.simulator.azure, name));
}, 60_000);
