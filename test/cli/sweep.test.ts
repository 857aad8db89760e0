import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GROUP, vaultPath } from '../../demo/estate.js';
import { SUBSCRIPTION } from '../../demo/stack.js';
import { addConnection, addVault, addWorkflow, connectionPath } from '../scenarios/scenario.js';
import { linesOf, startLaptop, type Laptop } from './laptop.js';

let laptop: Laptop;
beforeAll(async () => {
  laptop = await startLaptop();
  laptop.simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
});
afterAll(() => laptop.close());

const OPEN = { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [], virtualNetworkRules: [] };

test('a first look', async () => {
  const name = await addVault(laptop.simulator.azure, OPEN);
  const run = await laptop.holdfast(['sweep']);
  console.log(run);
  const json = await laptop.holdfast(['sweep', '--json']);
  console.log(json);
  const fixed = await laptop.holdfast(['fix', vaultPath(name), '--yes']);
  console.log(fixed);
  console.log(await laptop.holdfast(['audit']));
});
