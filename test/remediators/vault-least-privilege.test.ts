import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { vaultLeastPrivilege } from '../../src/remediators/vault-least-privilege.js';
import { applyEdits, isSameJson } from '../../src/types/apply-edits.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import type { VaultObservation, VaultPermission, VaultReader } from '../../src/types/observation.js';
import { ACCESS_POLICIES_PATH, readAccessPolicies } from '../../src/vault/access/access-policies.js';
import {
  assignment,
  OTHER_TENANT,
  policyOf,
  rbacVault,
  ROLES,
  SOMEBODY,
  TENANT,
  USER_ASSIGNED,
  vaultOf,
} from '../vault/access/vault-access.js';
import { observe, principalOf, reader, vaultWith, workflowId } from '../vault/vault-observation.js';

const ONE = principalOf('la-one');
const does = (name: string, ...uses: readonly VaultPermission[]): VaultReader => ({
  ...reader(name, []),
  uses,
});
const shared = (name: string): VaultReader => ({
  ...reader(name, []),
  signIn: {
    kind: 'managed-identity',
    principalId: USER_ASSIGNED,
    userAssignedId: '/subscriptions/s/id-soar',
  },
});
const planOf = (vault: JsonObject, known: Partial<VaultObservation> = {}) =>
  vaultLeastPrivilege.plan(observe(null, { vault, readers: [reader('la-one', [])], ...known }));

describe('vault-least-privilege: what it trims', () => {
  const rows: readonly (readonly [string, JsonObject, readonly VaultReader[], JsonObject | null])[] = [
    ['compliant: it holds what it uses', { secrets: ['get'] }, [reader('la-one', [])], null],
    ['compliant: in another case', { Secrets: ['GET'] }, [reader('la-one', [])], null],
    [
      'compliant: less than it uses, which is not granted here',
      { secrets: [] },
      [reader('la-one', [])],
      null,
    ],
    ['compliant: an entry without permissions', {}, [reader('la-one', [])], null],
    [
      'drifted: more secrets permissions',
      { secrets: ['Get', 'List', 'Set'] },
      [reader('la-one', [])],
      { secrets: ['Get'] },
    ],
    [
      'drifted: other kinds become empty and stay in place',
      { keys: ['get', 'purge'], secrets: ['get'], certificates: ['all'] },
      [reader('la-one', [])],
      { keys: [], secrets: ['get'], certificates: [] },
    ],
    [
      'drifted: all becomes what is used, as the docs spell it',
      { secrets: ['All'] },
      [reader('la-one', [])],
      { secrets: ['get'] },
    ],
    [
      'half-set: all beside a listed one keeps that spelling',
      { secrets: ['all', 'GET'] },
      [does('la-one', 'secrets/get', 'secrets/set')],
      { secrets: ['GET', 'set'] },
    ],
    [
      'what both ways of calling use stays',
      { keys: ['decrypt', 'sign'], secrets: ['get', 'set', 'delete'] },
      [does('la-one', 'secrets/get', 'keys/decrypt'), { ...does('la-one', 'secrets/set'), via: 'http' }],
      { keys: ['decrypt'], secrets: ['get', 'set'] },
    ],
    [
      'a use that it does not hold is not granted',
      { secrets: ['get', 'list'] },
      [does('la-one', 'secrets/get', 'secrets/set')],
      { secrets: ['get'] },
    ],
    [
      'unexpected: words that nobody knows go',
      { secrets: ['get', 'teleport', 7] },
      [reader('la-one', [])],
      { secrets: ['get'] },
    ],
    [
      'unexpected: a kind that nobody knows stays, and a kind that is no list',
      { secrets: ['get', 'set'], keys: 'all', future: ['get'] },
      [reader('la-one', [])],
      { secrets: ['get'], keys: 'all', future: ['get'] },
    ],
    [
      'a disabled workflow’s identity is trimmed, too',
      { secrets: ['get', 'set'] },
      [{ ...reader('la-one', []), isEnabled: false }],
      { secrets: ['get'] },
    ],
  ];
  test.each(rows)('%s', (_, permissions, readers, expected) => {
    const entry = policyOf(ONE.toUpperCase(), permissions, { note: 'kept' });
    const plan = planOf(vaultOf(entry), { readers });
    const path = ACCESS_POLICIES_PATH;
    expect(plan.edits).toEqual(
      expected === null
        ? []
        : [
            expect.objectContaining({ op: 'remove', path, before: entry, after: null }),
            expect.objectContaining({
              op: 'add',
              path,
              before: null,
              after: { ...entry, permissions: expected },
            }),
          ],
    );
    expect(plan).toMatchObject({ refusals: [], findings: [] });
  });

  it('says what is used and what was held besides', () => {
    const [edit] = planOf(vaultOf(policyOf(ONE, { secrets: ['get', 'set'], keys: ['all'] }))).edits;
    expect(edit?.reason).toBe(
      `la-one (${ONE}) uses secrets get of the vault, and held keys all; secrets set besides`,
    );
  });

  it('warns that the designer may no longer offer names', () => {
    expect(planOf(vaultOf(policyOf(ONE, { secrets: ['get', 'list'] }))).warnings).toEqual([
      expect.stringContaining('designer'),
    ]);
    expect(planOf(vaultOf(policyOf(ONE, { secrets: ['get', 'set'] }))).warnings).toEqual([]);
  });
});

describe('vault-least-privilege: what it leaves to a person', () => {
  const wide = policyOf(ONE, { secrets: ['get', 'purge'] });
  const rows: readonly (readonly [string, Partial<VaultObservation>, RegExp])[] = [
    [
      'an action whose permission cannot be told',
      { readers: [{ ...reader('la-one', []), hasUnknownUse: true }] },
      /in a way that cannot be told/,
    ],
    [
      'another action of it whose permission cannot be told',
      { readers: [reader('la-one', []), { ...does('la-one'), hasUnknownUse: true }] },
      /in a way that cannot be told/,
    ],
    [
      'a call of the same workflow as somebody unknown',
      {
        readers: [reader('la-one', []), { ...does('la-one', 'secrets/purge'), signIn: { kind: 'unknown' } }],
      },
      /as somebody who cannot be told/,
    ],
    ['a vault of it that cannot be told', { unresolvedReaders: [workflowId('LA-ONE')] }, /perhaps this one/],
    [
      'a way of calling that was not listed',
      { readers: [reader('la-one', []), { ...reader('la-one', [], false), via: 'http' }] },
      /not listed/,
    ],
    ['a workflow that was not listed', { readers: [reader('la-one', [], false)] }, /not listed/],
    ['a definition that uses nothing yet', { readers: [does('la-one')] }, /half done/],
  ];
  test.each(rows)('%s is a finding, never a trim', (_, known, reason) => {
    const plan = planOf(vaultOf(wide), known);
    expect(plan).toMatchObject({ edits: [], refusals: [] });
    expect(plan.findings).toMatchObject([{ severity: 'high', about: `principal:${ONE}` }]);
    expect(plan.findings[0]?.reason).toMatch(reason);
  });

  it('an entry that would be empty is a finding', () => {
    const plan = planOf(vaultOf(policyOf(ONE, { keys: ['get', 'all'] })));
    expect(plan).toMatchObject({ edits: [], refusals: [], findings: [{ severity: 'high' }] });
  });

  it('a user-assigned identity is refused, with the edits', () => {
    const entry = policyOf(USER_ASSIGNED, { secrets: ['get', 'set'] });
    const plan = planOf(vaultOf(entry), { readers: [shared('la-one'), shared('la-two')] });
    expect(plan).toMatchObject({ edits: [], findings: [] });
    expect(plan.refusals).toMatchObject([
      { edits: [{ before: entry }, { after: { permissions: { secrets: ['get'] } } }] },
    ]);
    expect(plan.refusals[0]?.reason).toMatch(/la-one, la-two.*user-assigned.*Azure does not tell/);
  });

  it('several entries of one principal are refused, with the edits of each that is too wide', () => {
    const [lower, upper] = [
      policyOf(ONE, { secrets: ['get'] }),
      policyOf(ONE.toUpperCase(), { keys: ['all'] }),
    ];
    const plan = planOf(vaultOf(lower, upper));
    expect(plan).toMatchObject({
      edits: [],
      findings: [],
      refusals: [{ edits: [{ before: upper }, { op: 'add' }] }],
    });
  });

  it('a list that is none is refused', () => {
    expect(planOf(vaultWith({ tenantId: TENANT, accessPolicies: {} }))).toMatchObject({
      edits: [],
      refusals: [{ edits: [] }],
    });
  });
});

describe('vault-least-privilege: who else holds what', () => {
  const full = {
    secrets: ['get', 'list', 'set', 'delete'],
    keys: ['get', 'create', 'delete'],
    certificates: ['get', 'create', 'delete'],
  };
  const rows: readonly (readonly [string, JsonObject, readonly string[]])[] = [
    ['what a Logic App uses, too, is no finding', policyOf(SOMEBODY, { secrets: ['Get'] }), []],
    ['names alone are low', policyOf(SOMEBODY, { secrets: ['get', 'list'], keys: ['get'] }), ['low']],
    ['a right to change is medium', policyOf(SOMEBODY, { secrets: ['set'] }), ['medium']],
    ['purge is high', policyOf(SOMEBODY, { certificates: ['Purge'] }), ['high']],
    ['all is high', policyOf(SOMEBODY, { storage: ['ALL'] }), ['high']],
    ['nobody at all is no finding', policyOf(SOMEBODY, {}), []],
    ['hostile: an entry without a name is passed over', { permissions: { keys: ['all'] } }, []],
    ['hostile: permissions of a text', { ...policyOf(SOMEBODY, {}), permissions: 'all' }, []],
  ];
  test.each(rows)('%s', (_, entry, severities) => {
    const plan = planOf(vaultOf(entry, 'x', null, 7));
    expect(plan).toMatchObject({ edits: [], refusals: [] });
    expect(plan.findings.map(({ severity }) => severity)).toEqual(severities);
  });

  it.each([
    [
      'through an application',
      policyOf(ONE, { keys: ['all'] }, { applicationId: SOMEBODY }),
      `${ONE}/${SOMEBODY}`,
    ],
    [
      'of another tenant',
      policyOf(ONE, { keys: ['all'] }, { tenantId: OTHER_TENANT }),
      `${OTHER_TENANT}/${ONE}`,
    ],
  ])('a Logic App’s id %s is another principal', (_, entry, name) => {
    const plan = planOf(vaultOf(policyOf(ONE, { secrets: ['get', 'set'] }), entry));
    expect(plan.edits).toHaveLength(2);
    expect(plan.findings).toMatchObject([{ severity: 'high', about: `principal:${name}` }]);
  });

  it('a vault that names no tenant has no Logic App that can be told', () => {
    for (const tenantId of [TENANT, null]) {
      const entry = policyOf(ONE, { secrets: ['get'], keys: ['all'] }, { tenantId });
      const vault = vaultWith({ accessPolicies: [entry] });
      expect(planOf(vault)).toMatchObject({ edits: [], findings: [{ severity: 'high' }] });
    }
  });

  it('whom the settings keep is neither touched nor named', () => {
    const vault = vaultOf(
      policyOf(ONE, { keys: ['all'] }),
      policyOf(SOMEBODY, { keys: ['all'] }, { applicationId: ONE }),
    );
    expect(planOf(vault, { keepPrincipals: new Set([ONE, SOMEBODY]) })).toEqual({
      edits: [],
      warnings: [],
      refusals: [],
      findings: [],
    });
  });

  it('one principal with two entries is one finding', () => {
    const plan = planOf(
      vaultOf(policyOf(SOMEBODY, full), policyOf(SOMEBODY.toUpperCase(), { keys: ['all'] })),
    );
    expect(plan.findings).toMatchObject([{ severity: 'high', about: `principal:${SOMEBODY}` }]);
  });

  it.each<[string, JsonObject | null, JsonObject, RegExp, boolean]>([
    [
      'an equal id is certain',
      { createdBy: SOMEBODY.toUpperCase() },
      { secrets: ['set'] },
      /It created the vault\./,
      true,
    ],
    [
      'a user’s name and full control are said, and that it is not certain',
      { createdBy: 'ada@example.org', createdByType: 'User' },
      full,
      /full control.*"ada@example\.org" \(User\).*cannot be told/,
      true,
    ],
    [
      'less than full control says nothing',
      { createdBy: 'ada@example.org' },
      { secrets: ['set'] },
      /creat/,
      false,
    ],
    ['no creator says nothing', null, full, /creator|created by/, false],
  ])('the creator: %s', (_, systemData, permissions, pattern, says) => {
    const vault = {
      ...vaultOf(policyOf(SOMEBODY, permissions)),
      ...(systemData === null ? {} : { systemData }),
    };
    expect(pattern.test(planOf(vault).findings[0]?.reason ?? '')).toBe(says);
  });

  it('nothing that somebody wrote breaks a line', () => {
    const plan = planOf(vaultOf(policyOf('x\ny', { keys: ['all', 'a\nb'] })));
    expect(plan.findings[0]?.reason).not.toContain('\n');
  });
});

describe('vault-least-privilege: roles', () => {
  const known = (roleId: string, uses: readonly VaultPermission[] = ['secrets/get']) => ({
    readers: [does('la-one', ...uses)],
    surroundings: {
      roleAssignments: [assignment(ONE, roleId), assignment(SOMEBODY, ROLES.owner)],
      diagnosticSettings: null,
      hidden: [],
    },
  });
  const rows: readonly (readonly [string, string, readonly VaultPermission[], string | null])[] = [
    ['Secrets User is enough', ROLES.secretsUser, ['secrets/get'], null],
    ['Reader gives no secret', ROLES.reader, [], null],
    ['a role that does nothing with vaults', ROLES.sentinelResponder, [], null],
    ['Secrets Officer is too wide to read', ROLES.secretsOfficer, ['secrets/get'], 'medium'],
    ['Secrets Officer is the role to set', ROLES.secretsOfficer, ['secrets/get', 'secrets/set'], null],
    ['Crypto User is the role to decrypt', ROLES.cryptoUser, ['secrets/get', 'keys/decrypt'], null],
    ['Crypto User is too wide to read', ROLES.cryptoUser, ['secrets/get'], 'medium'],
    ['Crypto Officer is too wide to decrypt', ROLES.cryptoOfficer, ['keys/decrypt'], 'medium'],
    [
      'Administrator is always too wide',
      ROLES.administrator,
      ['secrets/set', 'keys/create', 'certificates/create'],
      'high',
    ],
    ['Contributor may change the vault', ROLES.contributor, ['secrets/get'], 'medium'],
    ['Owner may give itself everything', ROLES.owner, ['secrets/get'], 'high'],
    ['a custom role cannot be told', ROLES.custom, ['secrets/get'], 'low'],
  ];
  test.each(rows)('%s', (_, roleId, uses, severity) => {
    const plan = planOf(rbacVault(), known(roleId, uses));
    expect(plan).toMatchObject({ edits: [], refusals: [] });
    expect(plan.findings.map((one) => one.severity)).toEqual(severity === null ? [] : [severity]);
  });

  it('names the role and where it was given', () => {
    const [finding] = planOf(rbacVault(), known(ROLES.secretsOfficer)).findings;
    expect(finding?.reason).toMatch(/la-one .*Key Vault Secrets Officer.*resourcegroups\/rg-soar/);
  });

  it('a user-assigned identity is looked at, too', () => {
    const surroundings = {
      roleAssignments: [assignment(USER_ASSIGNED, ROLES.administrator)],
      diagnosticSettings: null,
      hidden: [],
    };
    expect(planOf(rbacVault(), { readers: [shared('la-one')], surroundings }).findings).toHaveLength(1);
  });

  it('says nothing of what was not read, of whom the settings keep, and of access policies beside roles', () => {
    expect(planOf(rbacVault()).findings).toEqual([]);
    expect(planOf(rbacVault(), { ...known(ROLES.owner), keepPrincipals: new Set([ONE]) }).findings).toEqual(
      [],
    );
    const vault = vaultWith({
      tenantId: TENANT,
      enableRbacAuthorization: true,
      accessPolicies: [policyOf(ONE, { keys: ['all'] })],
    });
    expect(planOf(vault)).toMatchObject({ edits: [], findings: [] });
  });
});

describe('vault-least-privilege: laws', () => {
  const words = fc.array(
    fc.constantFrom('get', 'Get', 'list', 'SET', 'delete', 'purge', 'all', 'decrypt', 'odd', 7),
    { maxLength: 5 },
  );
  const permissions = fc.dictionary(
    fc.constantFrom('secrets', 'keys', 'Certificates', '__proto__', 'future'),
    words,
    { maxKeys: 4 },
  );
  const ids = ['la-one', 'la-two', 'la-dark', 'la-new'].map(principalOf);
  const entry = fc
    .tuple(
      fc.constantFrom(...ids, ONE.toUpperCase(), SOMEBODY, USER_ASSIGNED),
      permissions,
      fc.constantFrom<JsonObject>(
        {},
        {},
        {},
        { applicationId: SOMEBODY },
        { tenantId: OTHER_TENANT },
        { note: 1 },
      ),
    )
    .map(([objectId, held, more]): Json => policyOf(objectId, held as JsonObject, more));
  const policies = fc.array(fc.oneof({ weight: 9, arbitrary: entry }, fc.constantFrom<Json>(null, 'x', {})), {
    maxLength: 7,
  });
  const readers = [
    does('la-one', 'secrets/get', 'keys/decrypt'),
    does('la-two', 'secrets/get'),
    { ...does('la-dark', 'secrets/get'), hasUnknownUse: true },
    does('la-new'),
    shared('la-one'),
  ];
  const trimmable = new Set([principalOf('la-one'), principalOf('la-two')]);
  const observed = (vault: JsonObject) => observe(null, { vault, readers });
  const entriesOf = (vault: JsonObject) => (vault.properties as JsonObject).accessPolicies as readonly Json[];

  it('a plan applied leaves nothing more to plan', () => {
    fc.assert(
      fc.property(policies, (list) => {
        const vault = vaultOf(...list);
        const after = applyEdits(vault, vaultLeastPrivilege.plan(observed(vault)).edits);
        expect(vaultLeastPrivilege.plan(observed(after)).edits).toEqual([]);
      }),
    );
  });

  it('nobody outside the rule loses anything, and nobody loses what the definitions use', () => {
    fc.assert(
      fc.property(policies, (list) => {
        const vault = vaultOf(...list);
        const after = applyEdits(vault, vaultLeastPrivilege.plan(observed(vault)).edits);
        const touched = entriesOf(vault).filter(
          (one) => !entriesOf(after).some((other) => isSameJson(one, other)),
        );
        for (const json of touched) {
          const [policy] = readAccessPolicies(vaultOf(json)) ?? [];
          expect([trimmable.has(policy?.objectId ?? ''), policy?.tenantId, policy?.applicationId]).toEqual([
            true,
            TENANT,
            null,
          ]);
        }
        const [before, now] = [vault, after].map((one) => readAccessPolicies(one) ?? []);
        for (const { principal, uses } of [
          { principal: principalOf('la-one'), uses: ['secrets/get', 'keys/decrypt'] as const },
          { principal: principalOf('la-two'), uses: ['secrets/get'] as const },
        ]) {
          for (const use of uses) {
            const may = (one: typeof now) =>
              one?.some(
                ({ objectId, tenantId, applicationId, permissions: held }) =>
                  objectId === principal &&
                  tenantId === TENANT &&
                  applicationId === null &&
                  (held.has(use) || held.has(`${use.startsWith('keys') ? 'keys' : 'secrets'}/all`)),
              );
            expect(may(now)).toBe(may(before));
          }
        }
        expect(entriesOf(after)).toHaveLength(list.length);
      }),
    );
  });

  it('a trim grants nothing that was not held', () => {
    fc.assert(
      fc.property(policies, (list) => {
        const { edits } = vaultLeastPrivilege.plan(observed(vaultOf(...list)));
        for (let i = 0; i < edits.length; i += 2) {
          const [was] = readAccessPolicies(vaultOf(edits[i]?.before ?? null)) ?? [];
          const [is] = readAccessPolicies(vaultOf(edits[i + 1]?.after ?? null)) ?? [];
          for (const permission of is?.permissions ?? []) {
            const all = `${permission.split('/')[0] ?? ''}/all` as VaultPermission;
            expect(was?.permissions.has(permission) === true || was?.permissions.has(all) === true).toBe(
              true,
            );
          }
        }
      }),
    );
  });
});
