import { describe, expect, it } from 'vitest';
import { loadTemplate } from '../../../simulator/template/load-template.js';
import { fixture, group, options, template, vault } from './load.js';

describe('loadTemplate', () => {
  it('loads a playbook as its deployment would leave it', () => {
    const { resources, unresolved, assumed } = loadTemplate(`\uFEFF${fixture('playbook.json')}`, {
      ...options,
      parameters: { vaultname: 'contoso-kv' },
    });
    expect({ unresolved, assumed }).toEqual({ unresolved: [], assumed: [] });
    const [connection, workflow] = resources;
    expect(connection).toMatchObject({
      id: `${group}/providers/Microsoft.Web/connections/keyvault-Block-User`,
      type: 'Microsoft.Web/connections',
      apiVersion: '2016-06-01',
      name: 'keyvault-Block-User',
      location: 'westeurope',
    });
    expect(JSON.parse(connection?.text ?? '')).toMatchObject({
      kind: 'V1',
      properties: { alternativeParameterValues: { vaultName: 'contoso-kv' } },
    });
    const sent = JSON.parse(workflow?.text ?? '') as Record<string, unknown>;
    expect(Object.keys(sent)).toEqual(['type', 'name', 'location', 'identity', 'properties']);
    expect(sent).toMatchObject({
      properties: { parameters: { $connections: { value: { keyvault: { connectionId: connection?.id } } } } },
    });
    expect(workflow?.text).not.toContain('by hand');
    expect(workflow?.text).not.toContain('the name of the secret');
  });

  it.each([
    ['no text', '', 'The text is not JSON: ValueExpected at line 1, column 1.'],
    ['no JSON', '{\n  "a": nope }', 'The text is not JSON: InvalidSymbol at line 2, column 8.'],
    ['a list', '[]', 'The JSON is not an ARM template: it has no $schema.'],
    [
      'a file of parameters',
      '{"$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"}',
      'The JSON is not an ARM template: its $schema is https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#.',
    ],
    ['a template of nothing', template({ resources: undefined }), 'The ARM template has no resources.'],
  ])('refuses %s with a clear error', (_, text, message) => {
    expect(() => loadTemplate(text, options)).toThrow(message);
  });

  it('deploys to a subscription what a template for subscriptions holds', () => {
    const text = template({
      $schema: 'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#',
      resources: [
        { type: 'Microsoft.Resources/resourceGroups', name: 'new' },
        {
          type: 'Microsoft.Resources/deployments',
          name: 'd',
          resourceGroup: 'new',
          properties: { template: { resources: [vault({})] } },
        },
      ],
    });
    expect(loadTemplate(text, options).resources.map(({ id }) => id)).toEqual([
      `/subscriptions/${options.subscriptionId}/resourceGroups/new`,
      `/subscriptions/${options.subscriptionId}/resourceGroups/new/providers/Microsoft.Resources/deployments/d`,
      `/subscriptions/${options.subscriptionId}/resourceGroups/new/providers/Microsoft.KeyVault/vaults/kv`,
    ]);
  });
});
