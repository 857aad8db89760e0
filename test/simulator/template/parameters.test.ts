import { describe, expect, it } from 'vitest';
import { assumeParameter } from '../../../simulator/template/assume-parameter.js';
import type { Json, MissingParameter, TemplateOptions } from '../../../simulator/template/loaded-template.js';
import { load, options, vault } from './load.js';

/** A template that uses the parameter `P`, declared so; `text` is what becomes of `parameters('p')`. */
function read(declaration: object, more: Partial<TemplateOptions> = {}) {
  const parts = { parameters: { P: declaration }, resources: [vault({ p: "[parameters('p')]" })] };
  const { resources, unresolved, assumed } = load(parts, more);
  const { properties } = JSON.parse(resources[0]?.text ?? '') as { properties: { p: Json } };
  return { value: properties.p, why: unresolved[0]?.why, assumed };
}

describe('a parameter', () => {
  it('has the value that was given, in any case of its name', () => {
    const { value, assumed } = read({ type: 'object', defaultValue: {} }, { parameters: { p: { a: [1] } } });
    expect({ value, assumed }).toEqual({ value: { a: [1] }, assumed: [] });
  });

  it('has its default otherwise, which may be an expression', () => {
    expect(read({ type: 'string', defaultValue: '[resourceGroup().location]' }).value).toBe('westeurope');
  });

  it('is null if it may be and nothing is given', () => {
    expect(read({ type: 'string', nullable: true }).value).toBeNull();
  });

  it('stays unresolved without either', () => {
    const { value, why } = read({ type: 'string' });
    expect(value).toBe("[parameters('p')]");
    expect(why).toBe("the parameter 'P' has no default and was given no value");
  });

  it('is assumed if the caller wants that, and then listed', () => {
    const { value, why, assumed } = read({ type: 'string' }, { fillMissingParameters: true });
    expect({ value, why }).toEqual({ value: 'p', why: undefined });
    const reason = "the parameter 'P' has no default and was given no value";
    expect(assumed).toEqual([{ parameter: 'P', value: 'p', pointer: '/parameters/P', why: reason }]);
  });

  it('is assumed too if its default is itself, as in a template that no one can deploy unasked', () => {
    const itself = { type: 'string', defaultValue: "[parameters('P')]" };
    const { value, assumed } = read(itself, { fillMissingParameters: () => 'chosen' });
    expect(value).toBe('chosen');
    expect(assumed).toMatchObject([{ why: 'parameters refer to one another in a circle: p → p' }]);
  });

  it('stays unresolved where the caller has no value for it', () => {
    const asked: MissingParameter[] = [];
    const fill = (parameter: MissingParameter) => {
      asked.push(parameter);
      return undefined;
    };
    expect(read({ type: 'Int', minValue: 3 }, { fillMissingParameters: fill }).why).toContain(
      'has no default',
    );
    expect(asked).toMatchObject([{ name: 'P', type: 'int', minValue: 3 }]);
  });

  it('is assumed once, however often it is read', () => {
    const twice = vault({ a: "[parameters('p')]", b: "[concat(parameters('P'), 'x')]" });
    const parts = { parameters: { p: { type: 'string' } }, resources: [twice] };
    expect(load(parts, { fillMissingParameters: true }).assumed).toHaveLength(1);
  });
});

describe('assumeParameter', () => {
  const missing = { type: 'string', allowedValues: [], minLength: null, maxLength: null, minValue: null };
  it.each<[string, Partial<MissingParameter>, Json]>([
    ["gives a vault's name that a vault may have", { name: 'KeyVaultName' }, 'key-vault-name'],
    [
      'keeps whole words within 24 characters',
      { name: 'ApplicationKeySecretName' },
      'application-key-secret',
    ],
    ['cuts a word that is too long by itself', { name: 'x'.repeat(30) }, 'x'.repeat(24)],
    ['begins a name with a letter', { name: '365 user' }, 'a365-user'],
    ['takes the first of the values that are allowed', { name: 'sku', allowedValues: ['a', 'b'] }, 'a'],
    ['knows a location', { name: 'workspace-location' }, 'westeurope'],
    ['knows the tenant', { name: 'Tenant ID' }, options.tenantId],
    ['knows the subscription', { name: 'SendingTenantSubscriptionID' }, options.subscriptionId],
    ['knows the resource group', { name: 'resourceGroupName' }, 'soc'],
    ['gives an address that leads nowhere', { name: 'BaseURL' }, 'https://base-url.example'],
    ['gives a GUID for an id', { name: 'workspaceId' }, 'bd276021-4d55-5004-bb6b-d40a5d95e406'],
    [
      'gives a secret that nobody takes for one',
      { name: 'ClientSecret', type: 'securestring' },
      'not-a-real-secret-client-secret',
    ],
    ['gives a secret object likewise', { name: 'keys', type: 'secureobject' }, { notARealSecret: 'keys' }],
    ['gives the smallest number', { name: 'days', type: 'int', minValue: 7 }, 7],
    ['gives false', { name: 'on', type: 'bool' }, false],
    ['gives an empty list', { name: 'users', type: 'array' }, []],
    ['gives an empty object', { name: 'tags', type: 'object' }, {}],
    ['makes a string as long as it has to be', { name: 'ab', minLength: 4 }, 'abxx'],
    ['makes a string no longer than it may be', { name: 'abcdef', maxLength: 3 }, 'abc'],
  ])('%s', (_, parameter, value) => {
    expect(assumeParameter({ name: '', ...missing, ...parameter }, options)).toEqual(value);
  });
});
