import { describe, expect, it } from 'vitest';
import { loadTemplate } from '../../../simulator/template/load-template.js';
import { fixture, group, load, options, vault } from './load.js';

/** A nested deployment of a template, with more of its properties and members. */
function nested(template: object, properties: object = {}, more: object = {}): object {
  return {
    type: 'Microsoft.Resources/deployments',
    name: 'inner',
    properties: { template, ...properties },
    ...more,
  };
}
const ownScope = { expressionEvaluationOptions: { scope: 'Inner' } };
const named = {
  parameters: { n: { type: 'string', defaultValue: 'inner' } },
  resources: [vault({}, { name: "[parameters('n')]" })],
};
const outer = { parameters: { n: { type: 'string', defaultValue: 'outer' } } };

describe('a nested deployment', () => {
  it.each<[string, object, string[]]>([
    ['reads the parameters around it', nested(named), ['deployments/inner', 'vaults/outer']],
    ['reads its own if it asks for that', nested(named, ownScope), ['deployments/inner', 'vaults/inner']],
    [
      'takes what it is given from the scope around it',
      nested(named, { ...ownScope, parameters: { N: { value: "[concat(parameters('n'), '-kv')]" } } }),
      ['deployments/inner', 'vaults/outer-kv'],
    ],
    [
      'tells its own name and group in its own scope',
      nested(
        { resources: [vault({}, { name: "[concat(deployment().name, '-', resourceGroup().name)]" })] },
        ownScope,
      ),
      ['deployments/inner', 'vaults/inner-soc'],
    ],
  ])('%s', (_, deployment, expected) => {
    const { resources, unresolved } = load({ ...outer, resources: [deployment] });
    expect(unresolved).toEqual([]);
    expect(resources.map(({ id }) => id.split('/').slice(-2).join('/'))).toEqual(expected);
  });

  it('deploys to the group that it names, where the region is not known', () => {
    const inner = { resources: [vault({}, { location: '[resourceGroup().location]' })] };
    const { resources, unresolved } = load({
      resources: [nested(inner, ownScope, { resourceGroup: 'other' })],
    });
    expect(resources.map(({ id }) => id)).toEqual([
      `${group.replace('soc', 'other')}/providers/Microsoft.Resources/deployments/inner`,
      `${group.replace('soc', 'other')}/providers/Microsoft.KeyVault/vaults/kv`,
    ]);
    expect(unresolved).toMatchObject([
      {
        pointer: '/resources/0/properties/template/resources/0/location',
        why: "an object has no 'location' here",
      },
    ]);
  });

  it('is left out with all that it deploys where its group cannot be told', () => {
    const { resources, unresolved } = load({
      resources: [nested(named, {}, { resourceGroup: "[reference('x').g]" })],
    });
    expect(resources).toEqual([]);
    const why = 'the resource is left out: reference() asks Azure for the deployed resource x';
    expect(unresolved).toMatchObject([{ pointer: '/resources/0/resourceGroup', why }]);
  });

  it('says what it cannot read: a linked template, and a secret', () => {
    const linked = {
      type: 'Microsoft.Resources/deployments',
      name: 'l',
      properties: { templateLink: { uri: 'x' } },
    };
    const secret = { n: { reference: { keyVault: { id: 'x' }, secretName: 's' } } };
    const { unresolved } = load({ resources: [linked, nested(named, { ...ownScope, parameters: secret })] });
    expect(unresolved.map(({ pointer, why }) => [pointer, why])).toEqual([
      [
        '/resources/0/properties/template',
        'the nested deployment has no template in this text, so what it deploys is left out',
      ],
      [
        '/resources/1/properties/template/resources/0/name',
        "the resource is left out: the parameter 'n' gets a value that is not in the template",
      ],
    ]);
  });
});

describe('a solution package', () => {
  it('deploys each template that it holds, with one bracket less', () => {
    const loaded = loadTemplate(fixture('solution-package.json'), {
      ...options,
      parameters: { workspace: 'soc-ws' },
    });
    expect(loaded.unresolved).toEqual([]);
    expect(loaded.resources.map(({ type, name }) => `${type} ${name}`)).toEqual([
      'Microsoft.Resources/templateSpecs/versions 1.0',
      'Microsoft.Logic/workflows Close-Incidents',
      'Microsoft.OperationalInsights/workspaces/providers/contentTemplates second',
      'Microsoft.Web/connections keyvault-second',
    ]);
    const [, workflow, , connection] = loaded.resources;
    expect(workflow?.location).toBe('westeurope');
    expect(workflow?.text).toContain('{ "workspace": "soc-ws", "outer": "the package\'s own" }');
    expect(workflow?.text).toContain('{ "order": 1.0, "sign": "Close-Incidents" }');
    expect(connection?.text).toContain('{ "literal": "[not an expression]" }');
  });

  it("gives the caller's parameters to the templates inside too", () => {
    const parameters = { workspace: 'w', name: 'Mine' };
    const { resources } = loadTemplate(fixture('solution-package.json'), { ...options, parameters });
    expect(resources[1]?.name).toBe('Mine');
  });

  it('never takes what the package left unresolved for an expression of the template inside', () => {
    const { resources, unresolved } = loadTemplate(fixture('solution-package.json'), options);
    const [workflow] = resources;
    expect(workflow?.name).toBe('Close-Incidents');
    expect(workflow?.text).toContain(`"workspace": "[variables('workspace')]"`);
    const why = "the parameter 'workspace' has no default and was given no value";
    expect(unresolved.map(({ pointer, why: each }) => [pointer, each])).toEqual([
      ['/resources/0/name', `the resource is left out: ${why}`],
      ['/resources/0/properties/mainTemplate/variables/workspace', why],
      ['/resources/0/properties/mainTemplate/resources/0/tags/workspace', why],
      ['/resources/1/name', `the resource is left out: ${why}`],
    ]);
  });

  it('tells the assumed parameters of the package from those inside', () => {
    const inside = { parameters: { p: { type: 'int' } }, resources: [vault({ p: "[[parameters('p')]" })] };
    const spec = {
      type: 'Microsoft.Resources/templateSpecs/versions',
      name: 'a/1',
      properties: { mainTemplate: inside },
    };
    const { assumed } = load({ resources: [spec] }, { fillMissingParameters: true });
    expect(assumed).toMatchObject([
      { value: 1, pointer: '/resources/0/properties/mainTemplate/parameters/p' },
    ]);
  });
});
