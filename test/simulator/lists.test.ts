import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type Simulator } from '../../simulator/simulator.js';
import { call } from './arm-client.js';
import { connectionBody, GROUP, SUBSCRIPTION, vaultBody, workflowBody } from './samples.js';

interface Page {
  readonly value: { readonly id: string; readonly name: string; readonly properties?: object }[];
  readonly nextLink?: string;
}

let simulator: Simulator;
const OTHER = `/subscriptions/${SUBSCRIPTION}/resourceGroups/other`;

beforeAll(async () => {
  simulator = await startSimulator({ pageSize: 3 });
  for (const [name, body] of [
    ['Microsoft.KeyVault/vaults/kv', vaultBody()],
    ['Microsoft.Logic/workflows/la', workflowBody()],
    ['Microsoft.Web/connections/co', connectionBody()],
  ] as const) {
    for (let i = 1; i <= 7; i += 1) {
      const group = i === 7 ? OTHER : GROUP;
      simulator.azure.place(JSON.stringify({ id: `${group}/providers/${name}${i}`, ...body }));
    }
  }
});
afterAll(() => simulator.close());

/** The names on each page, following nextLink as it is given. */
async function pages(path: string): Promise<readonly string[][]> {
  const names: string[][] = [];
  let next: string | undefined = path;
  while (next !== undefined) {
    const reply = await call(simulator, 'GET', next);
    expect(reply.status).toBe(200);
    const page = reply.json as Page;
    names.push(page.value.map(({ name }) => name));
    next = page.nextLink;
  }
  return names;
}

const all = (prefix: string, size: number): string[][] => {
  const names = Array.from({ length: 7 }, (_, i) => `${prefix}${i + 1}`);
  return Array.from({ length: Math.ceil(7 / size) }, (_, i) => names.slice(i * size, (i + 1) * size));
};

describe('lists', () => {
  const subscription = `/subscriptions/${SUBSCRIPTION}`;

  it.each([
    ['vaults', `${subscription}/providers/Microsoft.KeyVault/vaults`, all('kv', 3)],
    ['workflows', `${subscription}/providers/Microsoft.Logic/workflows`, all('la', 3)],
    ['with $top', `${subscription}/providers/Microsoft.KeyVault/vaults?$top=2`, all('kv', 2)],
    ['with $top over a page', `${subscription}/providers/Microsoft.KeyVault/vaults?$top=100`, all('kv', 3)],
    [
      'of a group',
      `${GROUP}/providers/Microsoft.KeyVault/vaults`,
      [
        ['kv1', 'kv2', 'kv3'],
        ['kv4', 'kv5', 'kv6'],
      ],
    ],
    ['of a group in another case', `${OTHER.toUpperCase()}/providers/microsoft.keyvault/VAULTS`, [['kv7']]],
    [
      'connections, in one piece',
      `${GROUP}/providers/Microsoft.Web/connections`,
      [['co1', 'co2', 'co3', 'co4', 'co5', 'co6']],
    ],
    ['resource groups', `${subscription}/resourcegroups`, [['rg', 'other']]],
  ])('%s', async (_name, path, expected) => {
    expect(await pages(path)).toEqual(expected);
  });

  it('have whole resources', async () => {
    const path = `${GROUP}/providers/Microsoft.Logic/workflows?$top=1`;
    const page = (await call(simulator, 'GET', path)).json as Page;
    const one = await call(simulator, 'GET', page.value[0]?.id ?? '');
    expect(page.value[0]).toEqual(one.json);
    expect(page.value[0]?.properties).toHaveProperty('endpointsConfiguration');
  });

  it('of any resource have no properties', async () => {
    const filter = encodeURIComponent("resourceType eq 'Microsoft.KeyVault/vaults'");
    const path = `${subscription}/resources?api-version=2015-11-01&$filter=${filter}`;
    expect(await pages(path)).toEqual(all('kv', 3));
    const page = (await call(simulator, 'GET', path)).json as Page;
    expect(page.value[0]).not.toHaveProperty('properties');
    expect((await pages(`${subscription}/resources`)).flat()).toHaveLength(21);
  });

  it.each([
    ['$top that is no number', '$top=many'],
    ['$top 0', '$top=0'],
    ['a skip token of nobody', '$skiptoken=abc'],
    ['a filter', '$filter=x'],
  ])('%s is refused', async (_name, query) => {
    const path = `${subscription}/providers/Microsoft.KeyVault/vaults?${query}`;
    expect((await call(simulator, 'GET', path)).status).toBe(400);
  });

  it('go on after the last item, whatever is deleted or made meanwhile', async () => {
    const path = `${OTHER}/providers/Microsoft.Web/connections`;
    const first = (await call(simulator, 'GET', `${subscription}/providers/Microsoft.KeyVault/vaults`))
      .json as Page;
    const { azure } = simulator;
    await azure.as('x').delete(first.value[0]?.id ?? '');
    await azure.as('x').put(`${OTHER}/providers/Microsoft.KeyVault/vaults/kv8`, vaultBody());
    expect((await pages(first.nextLink ?? '')).flat()).toEqual(['kv4', 'kv5', 'kv6', 'kv7', 'kv8']);
    expect(await pages(path)).toEqual([['co7']]);
  });

  it('of many cost the same for the last page as for the first', async () => {
    const big = `/subscriptions/${SUBSCRIPTION}/resourceGroups/big`;
    for (let i = 0; i < 20_000; i += 1) {
      simulator.azure.place(
        `{"id":"${big}/providers/Microsoft.KeyVault/vaults/big-${i}","location":"westeurope","properties":{}}`,
      );
    }
    simulator.azure.pageSize = 500;
    const started = performance.now();
    expect((await pages(`${big}/providers/Microsoft.KeyVault/vaults`)).flat()).toHaveLength(20_000);
    // 40 pages; were each one to walk from the start, this would be twenty times as much.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('resource groups', () => {
  it('are made, shown and tagged', async () => {
    const path = `/subscriptions/${SUBSCRIPTION}/resourceGroups/fresh`;
    expect((await call(simulator, 'PUT', path, { body: {} })).code).toBe('LocationRequired');
    const body = { location: 'westeurope', tags: { a: 'b' } };
    expect((await call(simulator, 'PUT', path, { body })).status).toBe(201);
    expect((await call(simulator, 'PUT', path, { body })).status).toBe(200);
    expect((await call(simulator, 'GET', path)).json).toMatchObject({
      id: path,
      type: 'Microsoft.Resources/resourceGroups',
      tags: { a: 'b' },
    });
    const tags = `${path}/providers/Microsoft.Resources/tags/default`;
    await call(simulator, 'DELETE', tags);
    expect((await call(simulator, 'GET', tags)).json).toMatchObject({ properties: { tags: {} } });
  });
});
