import { beforeEach, expect, it } from 'vitest';
import { Azure } from '../../simulator/azure.js';
import { refused } from './refused.js';

/* What lies in a resource group, of one type. */

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const TYPE = 'Microsoft.ManagedIdentity/userAssignedIdentities';
const VERSION = 'api-version=2023-01-31';
const listOf = (group: string, type = TYPE): string =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/${type}?${VERSION}`;

let azure: Azure;
beforeEach(async () => {
  azure = new Azure(() => 'https://management.azure.com', { subscriptions: [SUBSCRIPTION] });
  for (const group of ['rg', 'rg-2']) {
    azure.addResourceGroup(SUBSCRIPTION, group, 'westeurope');
    const path = `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/${TYPE}/id-of-${group}`;
    await azure.as('bob@contoso.com').put(`${path}?${VERSION}`, { location: 'westeurope' });
  }
});

const namesIn = async (path: string): Promise<readonly string[]> => {
  const answer = await azure.as('bob@contoso.com').get(path);
  const { value } = JSON.parse(answer) as { readonly value: readonly { readonly name: string }[] };
  return value.map(({ name }) => name);
};

it('those of the group, and of no other whose name begins like it', async () => {
  expect(await namesIn(listOf('RG'))).toEqual(['id-of-rg']);
  expect(await namesIn(listOf('rg-2'))).toEqual(['id-of-rg-2']);
});

it('none is an empty list', async () => {
  const type = 'Microsoft.Web/serverfarms';
  expect(await namesIn(listOf('rg', type).replace(VERSION, 'api-version=2024-04-01'))).toEqual([]);
});

it.each([
  ['a group that there is not', listOf('rg-3'), '404 ResourceGroupNotFound'],
  [
    'a version that there is not',
    listOf('rg').replace('2023-01-31', '2021-01-99'),
    '400 NoRegisteredProviderFound',
  ],
])('%s is refused', async (_name, path, expected) => {
  expect(await refused(azure.as('bob@contoso.com').get(path))).toBe(expected);
});
