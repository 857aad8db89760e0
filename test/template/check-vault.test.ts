import { describe, expect, it, test } from 'vitest';
import type { Json, JsonObject } from '../../src/types/json.js';
import { check, getSecret, SAFE_VAULT, templateOf, told, vaultOf, workflowOf } from './template-of.js';

const PURGE = 'vault-purge-protection /resources/0/properties/enablePurgeProtection';
const SHUT = 'vault-firewall /resources/0/properties/networkAcls/defaultAction';
const { networkAcls, ...PROTECTED } = SAFE_VAULT;

function parameter(type: string, more: JsonObject): JsonObject {
  return { parameters: { p: { type, ...more } } };
}

describe('a vault in a template', () => {
  const rows: readonly (readonly [string, Json, JsonObject, readonly string[]])[] = [
    ['is safe', vaultOf(SAFE_VAULT), {}, []],
    ['is created with the defaults', vaultOf({}), {}, [`${PURGE} +`, `${SHUT} +`]],
    [
      'is open by what it says',
      vaultOf({ ...SAFE_VAULT, networkAcls: { defaultAction: 'Allow', bypass: 'AzureServices' } }),
      {},
      [`${SHUT} +`],
    ],
    ['has no public access at all', vaultOf({ ...PROTECTED, publicNetworkAccess: 'Disabled' }), {}, []],
    [
      'lets a rule in that is very wide',
      vaultOf({
        ...SAFE_VAULT,
        networkAcls: { ...(networkAcls as JsonObject), ipRules: [{ value: '20.0.0.0/8' }] },
      }),
      {},
      ['vault-firewall /resources/0/properties/networkAcls/ipRules'],
    ],
    [
      'has it from a parameter that is true by default',
      vaultOf({ ...SAFE_VAULT, enablePurgeProtection: "[parameters('p')]" }),
      parameter('bool', { defaultValue: true }),
      [],
    ],
    [
      'has it from a parameter that is false by default',
      vaultOf({ ...SAFE_VAULT, enablePurgeProtection: "[parameters('p')]" }),
      parameter('bool', { defaultValue: false }),
      ['vault-purge-protection /parameters/p/defaultValue +'],
    ],
    [
      'has it from a parameter that may not be true',
      vaultOf({ ...SAFE_VAULT, enablePurgeProtection: "[parameters('p')]" }),
      parameter('bool', { defaultValue: false, allowedValues: [false] }),
      ['vault-purge-protection /parameters/p/defaultValue'],
    ],
    [
      'has it from a parameter without a default',
      vaultOf({ ...SAFE_VAULT, enablePurgeProtection: "[parameters('p')]" }),
      parameter('bool', {}),
      [`${PURGE} ?`],
    ],
    [
      'is shut or not, as the deployment says',
      vaultOf({ ...PROTECTED, networkAcls: { defaultAction: "[parameters('p')]", bypass: 'None' } }),
      parameter('string', { allowedValues: ['Allow', 'Deny'] }),
      [`${SHUT} ?`],
    ],
    [
      'has all its rules from the deployment',
      vaultOf({ ...PROTECTED, networkAcls: "[parameters('p')]" }),
      parameter('object', {}),
      ['vault-firewall /resources/0/properties/networkAcls ?'],
    ],
    [
      'is shut, with rules that an expression makes of a loop',
      vaultOf({
        ...PROTECTED,
        networkAcls: {
          defaultAction: 'Deny',
          ipRules: "[map(parameters('p'), lambda('ip', createObject('value', lambdaVariables('ip'))))]",
          virtualNetworkRules: "[parameters('p')]",
        },
      }),
      parameter('array', {}),
      [],
    ],
    [
      'is open, with rules that an expression makes',
      vaultOf({ ...PROTECTED, networkAcls: { defaultAction: 'Allow', ipRules: "[parameters('p')]" } }),
      parameter('array', {}),
      [`${SHUT} +`],
    ],
    [
      'is open, unless the deployment takes its public access away',
      vaultOf({ ...PROTECTED, publicNetworkAccess: "[parameters('p')]" }),
      parameter('string', {}),
      [`${SHUT} ?`],
    ],
    [
      'has it from a variable that something else uses, too',
      vaultOf({
        ...PROTECTED,
        enabledForDeployment: "[equals(variables('open'), 'x')]",
        networkAcls: { defaultAction: "[variables('open')]", bypass: 'None' },
      }),
      { variables: { open: 'Allow' } },
      ['vault-firewall /variables/open'],
    ],
    [
      'has it from a variable of its own',
      vaultOf({ ...PROTECTED, networkAcls: "[variables('acls')]" }),
      { variables: { acls: { defaultAction: 'Allow', bypass: 'None' } } },
      ['vault-firewall /variables/acls/defaultAction +'],
    ],
    [
      'has it from a choice that an expression makes',
      vaultOf({
        ...PROTECTED,
        networkAcls: { defaultAction: "[if(true(), 'Allow', 'Deny')]", bypass: 'None' },
      }),
      {},
      [SHUT],
    ],
    [
      'is of an API version from before there were firewalls',
      vaultOf(PROTECTED, { apiVersion: '2016-10-01' }),
      {},
      [SHUT],
    ],
    [
      'writes its keys in another case',
      {
        ...vaultOf({}),
        properties: { ENABLEPURGEPROTECTION: true, NetworkAcls: { DefaultAction: 'Deny', Bypass: 'None' } },
      },
      {},
      [],
    ],
    [
      'writes its keys in another case and is open',
      {
        ...vaultOf({}),
        properties: { enablepurgeprotection: true, NetworkAcls: { DefaultAction: 'Allow', Bypass: 'None' } },
      },
      {},
      ['vault-firewall /resources/0/properties/NetworkAcls/DefaultAction +'],
    ],
    [
      'has all of it from a variable, with a key in another case',
      { ...vaultOf({}), properties: "[variables('vault')]" },
      { variables: { vault: { ...PROTECTED, networkAcls: { DefaultAction: 'Allow', bypass: 'None' } } } },
      ['vault-firewall /variables/vault/networkAcls/DefaultAction +'],
    ],
    [
      'has it from a choice that an expression makes, with a key in another case',
      vaultOf({ ...PROTECTED, networkAcls: "[if(true(), createObject('DefaultAction', 'Allow'), null())]" }),
      {},
      ['vault-firewall /resources/0/properties/networkAcls'],
    ],
    [
      'has its rules from a loop',
      vaultOf({
        ...PROTECTED,
        networkAcls: {
          defaultAction: 'Deny',
          bypass: 'None',
          copy: [{ name: 'ipRules', count: 2, input: { value: "[parameters('p')[copyIndex('ipRules')]]" } }],
        },
      }),
      parameter('array', {}),
      [],
    ],
    [
      'is one of several',
      vaultOf(
        { enablePurgeProtection: true, networkAcls },
        { name: "[concat('kv-', copyIndex())]", copy: { name: 'kv', count: 3 } },
      ),
      {},
      [],
    ],
    [
      'turns soft delete off',
      vaultOf({ ...SAFE_VAULT, enableSoftDelete: false }),
      {},
      ['vault-purge-protection /resources/0/properties/enableSoftDelete +'],
    ],
    ['is there already', { ...vaultOf({}), existing: true }, {}, []],
    ['is never deployed', { ...vaultOf({}), condition: false }, {}, []],
    ['is exempt by its tag', vaultOf({}, { tags: { 'holdfast-exempt': '*; until=2026-12-31' } }), {}, []],
    [
      'is exempt by a tag that no longer holds',
      vaultOf(SAFE_VAULT, { tags: { 'holdfast-exempt': '*' } }),
      {},
      ['exemption /resources/0/tags'],
    ],
  ];

  test.each(rows)('%s', (_, vault, more, expected) => {
    expect(told(templateOf([vault], more))).toEqual(expected);
  });

  it('as ARM gives it back has no soft delete where it does not say so', () => {
    const { apiVersion, ...vault } = vaultOf({ networkAcls });
    expect(apiVersion).toBeDefined();
    expect(told(vault)).toEqual(['vault-purge-protection /properties/enableSoftDelete +']);
  });

  it('counts what its tag exempts', () => {
    const tags = { 'holdfast-exempt': 'vault-firewall; until=2026-12-31' };
    expect(check(templateOf([vaultOf(PROTECTED, { tags })]))).toMatchObject({ findings: [], exempt: 1 });
  });

  it('is not shut where a Logic App of the template may read it, because nothing could let that in', () => {
    const { findings } = check(templateOf([vaultOf(PROTECTED), workflowOf({ Get: getSecret() })]));
    const finding = findings.find(({ rule }) => rule === 'vault-firewall');
    expect(finding?.edits).toEqual([]);
    expect(finding?.obstacle).toContain(
      'the addresses that it calls from are known only once it is deployed',
    );
  });

  it('says that it is so by a default, and that changing it is not all', () => {
    const vault = vaultOf({ ...SAFE_VAULT, enablePurgeProtection: "[parameters('p')]" });
    const [finding] = check(templateOf([vault], parameter('bool', { defaultValue: false }))).findings;
    expect(finding?.message).toBe('Purge protection is off. It is so by the default of the parameter "p".');
    expect(finding?.warnings.join(' ')).toContain(
      'a deployment that gives it a value of its own is not mended',
    );
  });
});
