import { describe, expect, it, test } from 'vitest';
import { vaultReaders } from '../../src/remediators/vault-readers.js';
import type { JsonObject } from '../../src/types/json.js';
import type {
  SignIn,
  VaultObservation,
  VaultReader,
  WorkflowObservation,
} from '../../src/types/observation.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { assignment, policyOf, rbacVault, ROLES, SOMEBODY, vaultOf } from '../vault/access/vault-access.js';
import { observe, principalOf, reader, workflowId } from '../vault/vault-observation.js';
import { connectionsRead, KEY_VAULT_API, OTHER_API, reference, workflowOf } from '../workflow/workflow-of.js';

const ONE = principalOf('la-one');
const GET = { secrets: ['get'] };
const read = (name: string, more: Partial<VaultReader> = {}): VaultReader => ({
  ...reader(name, []),
  ...more,
});
const disabled = read('la-one', { isEnabled: false });
const none = (userAssignedId: string | null): SignIn => ({
  kind: 'managed-identity',
  principalId: null,
  userAssignedId,
});
const planOf = (vault: JsonObject, known: Partial<VaultObservation> = {}) =>
  vaultReaders.plan(observe(null, { vault, readers: [reader('la-one', [])], ...known }));
const roles = (...roleAssignments: readonly ReturnType<typeof assignment>[]) => ({
  surroundings: { roleAssignments, diagnosticSettings: null, hidden: [] },
});

describe('vault-readers: on a vault', () => {
  type Row = readonly [string, JsonObject, Partial<VaultObservation>, readonly (readonly [string, RegExp])[]];
  const rows: readonly Row[] = [
    ['compliant: it may get', vaultOf(policyOf(ONE, GET)), {}, []],
    ['compliant: its role says so', rbacVault(), roles(assignment(ONE, ROLES.secretsUser)), []],
    ['compliant: nobody reads', vaultOf(), { readers: [] }, []],
    [
      'missing: nobody holds what it uses',
      vaultOf(),
      {},
      [['medium', /la-one .*secrets get.*its calls fail/]],
    ],
    [
      'half-set: it may get and not set',
      vaultOf(policyOf(ONE, GET)),
      { readers: [read('la-one', { uses: ['secrets/get', 'secrets/set'] })] },
      [['medium', /uses secrets set of the vault/]],
    ],
    ['unseen: perhaps a group of it', vaultOf(policyOf(SOMEBODY, GET)), {}, [['low', /Unless a group/]]],
    ['unseen: perhaps a role on one secret', rbacVault(), roles(), [['low', /a role on a single secret/]]],
    ['unknown: a custom role of it says nothing', rbacVault(), roles(assignment(ONE, ROLES.custom)), []],
    ['unknown: roles that were not read say nothing', rbacVault(), {}, []],
    ['a reader that uses nothing needs nothing', vaultOf(), { readers: [read('la-one', { uses: [] })] }, []],
    [
      'a reader that was not listed may be gone',
      vaultOf(),
      { readers: [read('la-one', { listed: false })] },
      [],
    ],
    [
      'a reader that signs in with a user’s consent needs no identity',
      vaultOf(),
      { readers: [read('la-one', { signIn: { kind: 'user' } })] },
      [],
    ],
    [
      'missing: it has no identity of its own',
      vaultOf(),
      { readers: [read('la-one', { signIn: none(null) })] },
      [['medium', /its own managed identity, and has none/]],
    ],
    [
      'missing: it names an identity that is not assigned to it',
      vaultOf(),
      { readers: [read('la-one', { signIn: none('/subscriptions/s/id-soar') })] },
      [['medium', /id-soar.*not assigned/]],
    ],
    [
      'a disabled one that may still read',
      vaultOf(policyOf(ONE, GET)),
      { readers: [disabled] },
      [['low', /disabled/]],
    ],
    ['a disabled one that may not', vaultOf(), { readers: [{ ...disabled, uses: [] }] }, []],
    [
      'a disabled one whose identity another one uses',
      vaultOf(policyOf(ONE, GET)),
      { readers: [disabled, read('la-two', { signIn: disabled.signIn })] },
      [],
    ],
    [
      'a disabled one that the settings keep',
      vaultOf(policyOf(ONE, GET)),
      { readers: [disabled], keepPrincipals: new Set([ONE]) },
      [],
    ],
  ];
  test.each(rows)('%s', (_, vault, known, findings) => {
    const plan = planOf(vault, known);
    expect(plan).toMatchObject({ edits: [], warnings: [], refusals: [] });
    expect(plan.findings.map(({ severity, reason }) => [severity, reason])).toEqual(
      findings.map(([severity, reason]) => [severity, expect.stringMatching(reason) as unknown]),
    );
  });

  it('each is about something of its own, and named once', () => {
    const via = ['connector', 'http'] as const;
    const readers = [
      ...via.map((one) => read('la-one', { via: one, signIn: none(null) })),
      ...via.map((one) => read('la-two', { via: one })),
    ];
    const abouts = planOf(vaultOf(), { readers }).findings.map(({ about }) => about);
    expect(abouts).toEqual([...new Set(abouts)]);
    expect(abouts).toEqual([
      `no-identity:${workflowId('la-one').toLowerCase()}:system`,
      `no-permission:${workflowId('la-two').toLowerCase()}:${principalOf('la-two')}:connector`,
      `no-permission:${workflowId('la-two').toLowerCase()}:${principalOf('la-two')}:http`,
    ]);
  });
});

describe('vault-readers: on a workflow', () => {
  const observed = (apiId: string | null): WorkflowObservation => {
    const workflow = workflowOf({ connections: { keyvault: reference('c') } });
    return {
      kind: 'workflow',
      id: parseResourceId(workflow.id as string),
      workflow,
      connections: connectionsRead({ c: { apiId, vaultName: 'payments' } }),
      askedForByName: false,
      flowBetween: { returnsSecret: new Set(), receivesSecret: false },
      exposures: [],
      successors: new Map(),
    };
  };

  it('points out a connection that is not what the workflow says', () => {
    expect(vaultReaders.plan(observed(OTHER_API))).toEqual({
      edits: [],
      warnings: [],
      refusals: [],
      findings: [
        {
          severity: 'medium',
          about: 'connection:keyvault',
          reason: `$connections says that keyvault is ${KEY_VAULT_API}, but its connection is ${OTHER_API}.`,
          step: expect.any(String) as unknown,
        },
      ],
    });
  });

  it.each([
    ['one that is what it says', KEY_VAULT_API],
    ['one that was not read', null],
  ])('says nothing of %s', (_, apiId) => {
    expect(vaultReaders.plan(observed(apiId)).findings).toEqual([]);
  });
});
