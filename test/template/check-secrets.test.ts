import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import { check, templateOf, told, SAFE_VAULT, vaultOf } from './template-of.js';

const RULE = 'template-plaintext-secrets';
const KEY = 'AIzaSyD4x8Qw2Er6Ty9Ui1Op3As5Df7Gh0Jk2Lz';
const secretOf = (value: Json): JsonObject => ({
  type: 'Microsoft.KeyVault/vaults/secrets',
  apiVersion: '2023-07-01',
  name: 'kv/key',
  properties: { value },
});

describe('what is secret in a file of parameters', () => {
  const $schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#';
  const vault = { id: '/subscriptions/x/providers/Microsoft.KeyVault/vaults/kv' };
  test.each([
    ['nothing', { location: { value: 'westeurope' }, apiKeyName: { value: 'api-key' } }, []],
    ['a key', { k: { value: KEY } }, [`${RULE} /parameters/k/value`]],
    [
      'a password, by its name',
      { adminPassword: { value: 'Tr0ub4dor&3x' } },
      [`${RULE} /parameters/adminPassword/value`],
    ],
    [
      "a reference to a vault's secret, which is none",
      { p: { reference: { keyVault: vault, secretName: 'api-key' } } },
      [],
    ],
  ])('%s', (_, parameters, expected) => {
    expect(told({ $schema, contentVersion: '1.0.0.0', parameters })).toEqual(expected);
  });
});

describe('what is secret in a template', () => {
  const rows: readonly (readonly [string, JsonObject, readonly Json[], readonly string[]])[] = [
    ['nothing', { parameters: { apiKeyName: { type: 'string', defaultValue: 'api-key' } } }, [], []],
    [
      'the default of a parameter',
      { parameters: { k: { type: 'string', defaultValue: KEY } } },
      [],
      [`${RULE} /parameters/k/defaultValue`],
    ],
    [
      'the default of a secure parameter',
      { parameters: { k: { type: 'securestring', defaultValue: KEY } } },
      [],
      [`${RULE} /parameters/k/defaultValue`],
    ],
    [
      'the default of a secure parameter, whatever it and its name look like',
      {
        parameters: {
          p: { type: 'SecureString', defaultValue: 'kX9#vTq2LmZr81' },
          o: { type: 'secureObject', defaultValue: { a: 'correct-horse', b: "[parameters('p')]" } },
        },
      },
      [],
      [`${RULE} /parameters/p/defaultValue`, `${RULE} /parameters/o/defaultValue/a`],
    ],
    [
      'no default of a secure parameter: it is empty, made, or asked for',
      {
        parameters: {
          a: { type: 'securestring', defaultValue: '' },
          b: { type: 'securestring', defaultValue: '[newGuid()]' },
          c: { type: 'securestring', defaultValue: '<your key>' },
          d: { type: 'secureObject', defaultValue: {} },
          e: { type: 'securestring' },
        },
      },
      [],
      [],
    ],
    [
      'a description, which is none',
      { parameters: { k: { type: 'string', metadata: { description: `like ${KEY}` } } } },
      [],
      [],
    ],
    ['a variable', { variables: { a: { b: KEY } } }, [], [`${RULE} /variables/a/b`]],
    [
      'an output of keys',
      { outputs: { k: { type: 'string', value: "[listKeys('x', '2023-01-01').keys[0].value]" } } },
      [],
      [`${RULE} /outputs/k`],
    ],
    [
      'an output of a secure parameter',
      {
        parameters: { p: { type: 'secureString' } },
        outputs: { k: { type: 'object', value: { a: "[parameters('p')]" } } },
      },
      [],
      [`${RULE} /outputs/k`],
    ],
    [
      'a secure output',
      { outputs: { k: { type: 'secureString', value: "[listKeys('x', '2023-01-01').keys[0].value]" } } },
      [],
      [],
    ],
    [
      'an output of a name',
      { outputs: { k: { type: 'string', value: "[resourceId('a/b', 'c')]" } } },
      [],
      [],
    ],
    [
      "a vault's secret that is written down",
      {},
      [secretOf('hunter2!')],
      [`${RULE} /resources/0/properties/value`],
    ],
    [
      "a vault's secret from a secure parameter",
      { parameters: { p: { type: 'securestring' } } },
      [secretOf("[parameters('p')]")],
      [],
    ],
    [
      "a vault's secret from another parameter",
      { parameters: { p: { type: 'string' } } },
      [secretOf("[parameters('p')]")],
      [`${RULE} /resources/0/properties/value`],
    ],
    [
      "a vault's secret by a default",
      { parameters: { p: { type: 'string', defaultValue: '<key>' } } },
      [secretOf("[parameters('p')]")],
      [`${RULE} /parameters/p/defaultValue`],
    ],
    [
      "a child's secret of a vault",
      {},
      [vaultOf(SAFE_VAULT, { resources: [{ ...secretOf('hunter2!'), type: 'secrets' }] })],
      [`${RULE} /resources/0/resources/0/properties/value`],
    ],
  ];
  test.each(rows)('%s', (_, more, resources, expected) => {
    expect(told(templateOf(resources, more))).toEqual(expected);
  });
});

describe('what a nested template is given', () => {
  const VALUE = '/resources/0/properties/parameters/p/value';
  const nested = (type: string, given: JsonObject, resources: readonly Json[] = []): JsonObject =>
    templateOf(
      [
        {
          type: 'Microsoft.Resources/deployments',
          apiVersion: '2022-09-01',
          name: 'nested',
          properties: {
            expressionEvaluationOptions: { scope: 'inner' },
            parameters: { p: given },
            template: templateOf(resources, { parameters: { p: { type } } }),
          },
        },
      ],
      {
        parameters: { key: { type: 'securestring' }, name: { type: 'string' } },
        variables: { sign: { key: "[parameters('key')]" } },
      },
    );
  const vault = { id: '/subscriptions/x/providers/Microsoft.KeyVault/vaults/kv' };

  const rows: readonly (readonly [string, string, JsonObject, readonly string[]])[] = [
    ['a secure parameter as it is', 'string', { value: "[parameters('key')]" }, [VALUE]],
    ['a text that it is part of', 'String', { value: "[format('Bearer {0}', parameters('key'))]" }, [VALUE]],
    ['a variable that holds it', 'object', { value: "[variables('sign')]" }, [VALUE]],
    ['a list that holds it', 'array', { value: ['a', "[parameters('key')]"] }, [VALUE]],
    ['keys', 'string', { value: "[listKeys('x', '2023-01-01').keys[0].value]" }, [VALUE]],
    ['a secure parameter in a secure one', 'secureString', { value: "[parameters('key')]" }, []],
    ['one in an object in a secure one', 'SecureObject', { value: { key: "[parameters('key')]" } }, []],
    ['whether there is one', 'bool', { value: "[empty(parameters('key'))]" }, []],
    ['how long it is', 'int', { value: "[length(parameters('key'))]" }, []],
    [
      "a reference to a vault's secret",
      'securestring',
      { reference: { keyVault: vault, secretName: 'k' } },
      [],
    ],
    ['what is not secret', 'string', { value: "[parameters('name')]" }, []],
    ['what there is one for', 'string', { value: "[if(empty(parameters('key')), 'none', 'some')]" }, []],
    ['one of two', 'string', { value: "[if(empty('x'), parameters('key'), parameters('key'))]" }, [VALUE]],
  ];
  test.each(rows)('%s', (_, type, given, expected) => {
    expect(told(nested(type, given))).toEqual(expected.map((pointer) => `${RULE} ${pointer}`));
  });

  it('is told where it is given, whatever takes it, with what to do', () => {
    const taken = secretOf("[parameters('p')]");
    const { findings } = check(nested('string', { value: "[parameters('key')]" }, [taken]));
    expect(findings).toMatchObject([
      {
        rule: RULE,
        severity: 'high',
        pointer: VALUE,
        edits: [],
        message:
          'The parameter "p" of a nested template is given the secure parameter "key" and is not secure, so the history of deployments shows it.',
        step: 'Declare the parameter as securestring in the nested template.',
      },
    ]);
  });
});
