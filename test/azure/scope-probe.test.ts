import { describe, expect, test } from 'vitest';
import { DEFAULT_SUBSCRIPTION, type AzureOptions } from '../../simulator/azure.js';
import { principalNamed } from '../../simulator/principal.js';
import type { Scope } from '../../src/types/scope.js';
import { overAzure } from './over-azure.js';

const SCOPE = { subscriptionId: DEFAULT_SUBSCRIPTION, resourceGroup: null };
const GROUP = { ...SCOPE, resourceGroup: 'rg' };
const SUBSCRIPTION_PATH = `/subscriptions/${DEFAULT_SUBSCRIPTION}`;
const READ = [
  'Microsoft.KeyVault/vaults/read',
  'Microsoft.Logic/workflows/read',
  'Microsoft.Web/connections/read',
];

/** What cannot be read by somebody who may do only this. */
async function problemsWith(
  actions: readonly string[],
  scope: Scope = SCOPE,
  switches: AzureOptions['switches'] = { connectionsBySubscription: 'supported' },
) {
  const { azure, instance } = overAzure({ switches });
  azure.addResourceGroup(DEFAULT_SUBSCRIPTION, 'rg');
  azure.permissions.restrict(principalNamed('holdfast').objectId, [{ actions, scope: SUBSCRIPTION_PATH }]);
  const problems = await instance().probeScope(scope, new AbortController().signal);
  return { azure, messages: problems.map(({ message }) => message) };
}

describe('whether a scope can be read', () => {
  test.each([
    ['a subscription', SCOPE],
    ['a resource group', GROUP],
  ])('%s that can costs three small reads', async (_name, scope) => {
    const { azure, messages } = await problemsWith(READ, scope);
    expect(messages).toEqual([]);
    const queries = azure.journal.reads({}).map(({ query }) => new URLSearchParams(query).get('$top'));
    expect(queries).toEqual(['1', '1', '1']);
  });

  test.each(READ)('without %s it says so', async (missing) => {
    const { messages } = await problemsWith(READ.filter((action) => action !== missing));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain(`lacks ${missing} at ${SUBSCRIPTION_PATH}; assign a role`);
  });

  test('where a list leaves out what its caller may not see, nobody can tell', async () => {
    const { messages } = await problemsWith([], SCOPE, { listsWithoutPermission: 'filtered' });
    expect(messages).toEqual([]);
  });

  test('connections that are listed by group alone take the list of groups instead', async () => {
    const switches = { connectionsBySubscription: 'not-found' } as const;
    const groups = 'Microsoft.Resources/subscriptions/resourceGroups/read';
    expect((await problemsWith([...READ, groups], SCOPE, switches)).messages).toEqual([]);
    const { messages } = await problemsWith(READ, SCOPE, switches);
    expect(messages).toEqual([expect.stringContaining(`lacks ${groups}`)]);
  });

  test.each([
    ['a resource group that there is not', { ...SCOPE, resourceGroup: 'rg-gone' }],
    [
      'a subscription that there is not',
      { ...SCOPE, subscriptionId: '99999999-9999-4999-8999-999999999999' },
    ],
  ])('%s is named', async (_name, scope) => {
    const { messages } = await problemsWith(['*'], scope);
    expect(messages.length).toBeGreaterThan(0);
    expect(messages[0]).toContain(scope.resourceGroup ?? scope.subscriptionId);
  });
});
