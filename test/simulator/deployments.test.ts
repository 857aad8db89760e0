import { beforeEach, describe, expect, it } from 'vitest';
import { Azure } from '../../simulator/azure.js';
import type { Deployment } from '../../simulator/deployments/deployments.js';
import { refused } from './refused.js';

/* Templates small enough to see what one rule of ARM does. */

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`;
const SCHEMA = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
const SUBSCRIPTION_SCHEMA =
  'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#';
const ID = "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'id-one')]";

let azure: Azure;
beforeEach(() => {
  azure = new Azure(() => 'https://management.azure.com', { subscriptions: [SUBSCRIPTION] });
  azure.addResourceGroup(SUBSCRIPTION, 'rg', 'westeurope');
});

const identity = (name: string, more: object = {}): object => ({
  type: 'Microsoft.ManagedIdentity/userAssignedIdentities',
  apiVersion: '2023-01-31',
  name,
  location: '[resourceGroup().location]',
  ...more,
});
/** An identity whose tag tells what it was told of another one. */
const telling = (name: string, expression: string, more: object = {}): object =>
  identity(name, { tags: { told: expression }, ...more });
const template = (resources: readonly object[], more: object = {}): object => ({
  $schema: SCHEMA,
  contentVersion: '1.0.0.0',
  resources,
  ...more,
});

interface Told {
  readonly parameters?: object;
  readonly scope?: string;
  readonly location?: string;
}

async function deploy(
  body: object,
  { parameters = {}, scope = GROUP, ...place }: Told = {},
): Promise<Deployment> {
  const id = `${scope}/providers/Microsoft.Resources/deployments/d`;
  const properties = { mode: 'Incremental', template: body, parameters };
  await azure.as('somebody').put(`${id}?api-version=2022-09-01`, { ...place, properties });
  const ended = await azure.deployments.ended(id);
  if (ended === undefined) throw new Error('There is no deployment.');
  return ended;
}

const namesOf = ({ outputResources }: Deployment): readonly string[] =>
  outputResources.map((id) => id.split('/').at(-1) ?? '');

describe('what a deployment waits for', () => {
  it('dependsOn, by id, by name and by loop; the rest goes in any order', async () => {
    const resources = [
      identity('id-last', { dependsOn: ['pair', 'id-first'] }),
      identity("[format('id-{0}', copyIndex())]", { copy: { name: 'pair', count: 2 }, dependsOn: [ID] }),
      identity('id-one'),
      identity('id-first'),
    ];
    expect(namesOf(await deploy(template(resources)))).toEqual([
      'id-one',
      'id-0',
      'id-1',
      'id-first',
      'id-last',
    ]);
  });

  it('what reference() calls by its name, and not what it calls by its id', async () => {
    const byName = [telling('id-two', "[reference('id-one').clientId]"), identity('id-one')];
    expect(namesOf(await deploy(template(byName)))).toEqual(['id-one', 'id-two']);
    const byId = [
      telling('id-two', `[reference(${ID.slice(1, -1)}, '2023-01-31').clientId]`),
      identity('id-one'),
    ];
    const { error } = await deploy(template(byId));
    expect(error?.details?.map(({ code }) => code)).toEqual(['ResourceNotFound']);
  });

  it('what failed: that is not begun, the rest is', async () => {
    const resources = [identity('!'), identity('id-after', { dependsOn: ['!'] }), identity('id-beside')];
    const ended = await deploy(template(resources));
    expect(ended.error).toMatchObject({
      code: 'DeploymentFailed',
      details: [{ code: 'InvalidResourceName' }],
    });
    expect(namesOf(ended)).toEqual(['id-beside']);
  });

  it('nothing that its condition leaves out, nor what that waits for', async () => {
    azure.deployments.slow((id) => id.endsWith('id-one'));
    const resources = [
      identity('id-one'),
      identity('id-out', { condition: false, dependsOn: ['id-one'] }),
      identity('id-after', { dependsOn: ['id-out'] }),
    ];
    expect(namesOf(await deploy(template(resources)))).toEqual(['id-after', 'id-one']);
  });
});

describe('ARM does not begin with', () => {
  it.each<[string, object, Told, string]>([
    [
      'a member that no resource has',
      template([identity('id', { dependOn: [] })]),
      {},
      'InvalidRequestContent',
    ],
    [
      'a circle',
      template([identity('a1x', { dependsOn: ['b1x'] }), identity('b1x', { dependsOn: ['a1x'] })]),
      {},
      'InvalidTemplate',
    ],
    [
      'a dependency that is not in the template',
      template([identity('id', { dependsOn: ['elsewhere'] })]),
      {},
      'InvalidTemplate',
    ],
    ['one resource twice', template([identity('id-one'), identity('ID-ONE')]), {}, 'InvalidTemplate'],
    ['a name with too many parts', template([identity('id/one')]), {}, 'InvalidTemplate'],
    ['an unknown function', template([identity("[nameOf('id')]")]), {}, 'InvalidTemplate'],
    [
      'reference() in a name',
      template([identity(`[reference(${ID.slice(1, -1)}, '2023-01-31').clientId]`)]),
      {},
      'InvalidTemplate',
    ],
    [
      'reference() in a variable',
      template([identity("[variables('x')]")], { variables: { x: "[reference('id-one').clientId]" } }),
      {},
      'InvalidTemplate',
    ],
    [
      'a parameter that is missing',
      template([], { parameters: { p: { type: 'string' } } }),
      {},
      'InvalidTemplate',
    ],
    [
      'a parameter of another type',
      template([], { parameters: { p: { type: 'int' } } }),
      { parameters: { p: { value: '1' } } },
      'InvalidTemplate',
    ],
    ['a location at a resource group', template([]), { location: 'westeurope' }, 'InvalidDeployment'],
    [
      'no location at a subscription',
      template([], { $schema: SUBSCRIPTION_SCHEMA }),
      { scope: `/subscriptions/${SUBSCRIPTION}` },
      'InvalidDeployment',
    ],
    ['a template for another scope', template([], { $schema: SUBSCRIPTION_SCHEMA }), {}, 'InvalidTemplate'],
  ])('%s', async (_what, body, told, code) => {
    expect(await refused(deploy(body, told))).toBe(`400 ${code}`);
    expect(azure.resourceIds()).toEqual([]);
  });
});

describe('a nested deployment', () => {
  const nested = (resources: readonly object[], more: object = {}, properties: object = {}): object => ({
    type: 'Microsoft.Resources/deployments',
    apiVersion: '2022-09-01',
    name: 'inside',
    properties: { mode: 'Incremental', template: template(resources), ...properties },
    ...more,
  });

  it('goes to another group, in its own scope or in that of the template around it', async () => {
    azure.addResourceGroup(SUBSCRIPTION, 'rg-other', 'northeurope');
    const tell = [telling('id-told', '[resourceGroup().name]')];
    const inner = { expressionEvaluationOptions: { scope: 'inner' } };
    await deploy(template([nested(tell, { resourceGroup: 'rg-other' }, inner)]));
    const told = (): unknown =>
      JSON.parse(
        azure.read(
          `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-other/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-told`,
        ) ?? '{}',
      );
    expect(told()).toMatchObject({ location: 'northeurope', tags: { told: 'rg-other' } });
    const fixed = [telling('id-told', '[resourceGroup().name]', { location: 'northeurope' })];
    await deploy(template([nested(fixed, { resourceGroup: 'rg-other' })]));
    expect(told()).toMatchObject({ tags: { told: 'rg' } });
  });

  it('that fails is told of with what failed in it', async () => {
    const { error } = await deploy(template([nested([identity('!')])]));
    expect(error?.details).toMatchObject([
      { code: 'DeploymentFailed', details: [{ code: 'InvalidResourceName' }] },
    ]);
  });
});

it('tells what came of it, and keeps secrets to itself', async () => {
  const declared = {
    secret: { type: 'securestring' },
    plain: { type: 'string', defaultValue: '[deployment().name]' },
  };
  const outputs = {
    arm: { type: 'string', value: '[environment().resourceManager]' },
    plain: { type: 'string', value: "[parameters('plain')]" },
    id: { type: 'string', value: `[reference(${ID.slice(1, -1)}, '2023-01-31', 'Full').location]` },
    secret: { type: 'securestring', value: "[parameters('secret')]" },
  };
  const body = template([identity('id-one')], { parameters: declared, outputs });
  const ended = await deploy(body, { parameters: { secret: { value: 'not-a-real-secret' } } });
  expect(ended.outputs).toEqual({
    arm: { type: 'string', value: 'https://management.azure.com/' },
    plain: { type: 'string', value: 'd' },
    id: { type: 'string', value: 'westeurope' },
    secret: { type: 'securestring' },
  });
  const shown = await azure.as('somebody').get(`${GROUP}/providers/Microsoft.Resources/deployments/d`);
  expect(shown).not.toContain('not-a-real-secret');
});

it('needs the permission to deploy, and that for each thing it makes', async () => {
  const { objectId } = azure.as('somebody').principal;
  const may = (...actions: string[]): void => {
    azure.permissions.restrict(objectId, [{ actions, scope: GROUP }]);
  };
  may('Microsoft.ManagedIdentity/*');
  expect(await refused(deploy(template([identity('id-one')])))).toBe('403 AuthorizationFailed');
  may('Microsoft.Resources/deployments/*');
  const { error } = await deploy(template([identity('id-one')]));
  expect(error?.details?.map(({ code }) => code)).toEqual(['AuthorizationFailed']);
});
