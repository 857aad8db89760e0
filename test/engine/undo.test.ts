import { describe, expect, test } from 'vitest';
import { createArmUrl } from '../../src/azure/arm-urls.js';
import { createEngine } from '../../src/engine/engine.js';
import { exemptionOf } from '../../src/engine/exemption.js';
import { recordId } from '../../src/engine/record/record-id.js';
import { undoOf, type Undo } from '../../src/engine/undo/undo.js';
import type { Edit } from '../../src/types/edit.js';
import { RECORD_OUTCOMES, type AuditRecord } from '../../src/types/record.js';
import type { RemediatorId } from '../../src/types/remediator-id.js';
import { aRecord } from '../state/records.js';
import { fakeWorld, vaultId, workflowId } from './fake-world.js';

const NOW = new Date('2026-11-26T12:00:00Z');
const ARM = 'https://management.usgovcloudapi.net';

function undo(remediator: RemediatorId, edits: readonly Edit[], resourceId = vaultId().id): Undo {
  return undoOf(aRecord({ remediator, edits, resourceId }), createArmUrl(ARM), NOW);
}

const reason = 'r';
const acls = (key: string, before: Edit['before'], after: Edit['after']): Edit => ({
  op: 'set',
  path: `/properties/networkAcls/${key}`,
  before,
  after,
  reason,
});
const rule = (op: 'add' | 'remove', value: string): Edit =>
  op === 'add'
    ? { op, path: '/properties/networkAcls/ipRules', before: null, after: { value }, reason }
    : { op, path: '/properties/networkAcls/ipRules', before: { value }, after: null, reason };
const VAULT = `--subscription ${vaultId().subscriptionId} --resource-group rg --name kv-one --output none`;

describe('what undoes', () => {
  test('a firewall that was shut: one PATCH made of what is there, or az keyvault commands', () => {
    const { commands, cannotUndo, warnings } = undo('vault-firewall', [
      acls('defaultAction', 'Allow', 'Deny'),
      rule('add', '198.51.100.0/24'),
    ]);
    expect(commands).toMatchObject([
      {
        az: [
          `az keyvault update --default-action Allow ${VAULT}`,
          `az keyvault network-rule remove --ip-address 198.51.100.0/24 ${VAULT}`,
        ].join(' &&\n'),
        rest: { method: 'PATCH', url: `${ARM}${vaultId().id}?api-version=2026-02-01`, body: null },
      },
    ]);
    expect(cannotUndo).toEqual([]);
    expect(warnings.join(' ')).toContain('open to all networks again');
  });

  test('a bypass that was not set: nothing, because Azure took it for the same', () => {
    const edits = [acls('bypass', null, 'AzureServices')];
    expect(undo('vault-firewall', edits)).toMatchObject({
      commands: [],
      cannotUndo: [{ path: '/properties/networkAcls/bypass' }],
    });
  });

  test('rules that were merged: in one request, because az would leave out what overlaps', () => {
    const edits = [rule('remove', '20.0.0.0/25'), rule('add', '20.0.0.0/24')];
    const [command] = undo('vault-logic-app-ips', edits).commands;
    expect(command?.az).toContain('az rest --method patch');
    expect(command?.az).not.toContain('az keyvault');
  });

  test.each([
    ['a command', '1.2.3.4; rm -rf /'],
    ['a substitution', '$(id)'],
    ['an option of az', '--subscription'],
    ['a file that az would read', '@/etc/passwd'],
    ['a key of the terminal', '\u0003'],
  ])('a rule that is %s stands nowhere but inside a quoted literal', (_what, value) => {
    const [command] = undo('vault-firewall', [rule('add', value)]).commands;
    expect(command?.az).not.toContain('az keyvault');
    expect(command?.az).toMatch(/^[ -~\n]*$/);
  });

  test('purge protection: nothing can', () => {
    const edits: Edit[] = [
      { op: 'set', path: '/properties/enablePurgeProtection', before: null, after: true, reason },
    ];
    const { commands, cannotUndo } = undo('vault-purge-protection', edits);
    expect(commands).toEqual([]);
    expect(cannotUndo).toMatchObject([{ why: expect.stringContaining('irreversible') as string }]);
  });

  test('a trimmed access policy: the entry as it was is added, nobody else is named', () => {
    const path = '/properties/accessPolicies';
    const before = { tenantId: 't', objectId: 'o', permissions: { secrets: ['get', 'list'] } };
    const after = { ...before, permissions: { secrets: ['get'] } };
    const edits: Edit[] = [
      { op: 'remove', path, before, after: null, reason },
      { op: 'add', path, before: null, after, reason },
    ];
    expect(undo('vault-least-privilege', edits).commands).toMatchObject([
      {
        rest: {
          method: 'PUT',
          url: `${ARM}${vaultId().id}/accessPolicies/add?api-version=2026-02-01`,
          body: { properties: { accessPolicies: [before] } },
        },
      },
    ]);
  });

  test.each<[string, Edit['before'], object]>([
    ['that was made: it is deleted', null, { method: 'DELETE', body: null }],
    [
      'that was changed: it is as before',
      {
        id: 'i',
        name: 'holdfast-audit',
        properties: { workspaceId: '/w', storageAccountId: null, logs: [] },
      },
      { method: 'PUT', body: { properties: { workspaceId: '/w', logs: [] } } },
    ],
  ])('a diagnostic setting %s', (_what, before, rest) => {
    const path = '/diagnosticSettings/holdfast-audit';
    const edits = [{ op: 'set', path, before, after: { properties: {} }, reason } as Edit];
    expect(undo('vault-logging', edits).commands).toMatchObject([{ rest }]);
  });

  test.each<[RemediatorId, string, string]>([
    ['vault-deleted', '/properties/createMode', vaultId().id],
    [
      'connection-managed-identity',
      '/connections/keyvault-mi',
      vaultId().id.replace('Microsoft.KeyVault/vaults', 'Microsoft.Web/connections'),
    ],
  ])('what %s did: nothing does, and it says why', (remediator, path, resourceId) => {
    const edits: Edit[] = [{ op: 'set', path, before: null, after: 'recover', reason }];
    const { commands, cannotUndo } = undo(remediator, edits, resourceId);
    expect(commands).toEqual([]);
    expect(cannotUndo).toMatchObject([{ path }]);
  });

  test('a workflow: a guarded PUT of all that is there, without what is read-only', () => {
    const path = '/properties/definition/actions/Get/runtimeConfiguration/secureData/properties';
    const edits: Edit[] = [{ op: 'add', path, before: null, after: 'outputs', reason }];
    const { commands, warnings } = undo('workflow-secure-outputs', edits, workflowId().id);
    expect(commands).toMatchObject([
      { rest: { method: 'PUT', url: `${ARM}${workflowId().id}?api-version=2019-05-01`, body: null } },
    ]);
    expect(commands[0]?.az).toContain('mktemp -d');
    expect(warnings.join(' ')).toMatch(/secure parameters.*startTime/s);
  });

  test('a version that was taken up: nothing but restoring the one before', () => {
    const edits: Edit[] = [{ op: 'set', path: '/properties/version', before: '2', after: '1', reason }];
    expect(undo('workflow-secure-outputs', edits, workflowId().id)).toMatchObject({
      commands: [],
      cannotUndo: [{ path: '/properties/version', why: expect.stringContaining('version "2"') as string }],
    });
  });

  test('and how to hold Holdfast off meanwhile: by a tag that counts', () => {
    const { holdOff } = undo('vault-firewall', [acls('defaultAction', 'Allow', 'Deny')]);
    const { tags } = (holdOff.command.rest.body as { properties: { tags: Record<string, string> } })
      .properties;
    const exemption = exemptionOf({ tags }, new Set(), NOW);
    expect(exemption).toEqual({ remediators: new Set(['vault-firewall']), finding: null });
    expect(holdOff.command.az).toContain('--operation merge');
    expect(holdOff.setting).toBe(`${vaultId().id}=vault-firewall`);
  });
});

describe('a record is undone', () => {
  const engineWith = async (about: Partial<AuditRecord>) => {
    const world = fakeWorld();
    const record = aRecord({
      id: recordId(NOW),
      time: NOW.toISOString(),
      resourceId: vaultId().id,
      ...about,
    });
    await world.deps.audit.write([record]);
    return { engine: createEngine(world.deps), record };
  };

  test.each(RECORD_OUTCOMES)('only where it was applied: %s', async (outcome) => {
    const { engine, record } = await engineWith({ outcome });
    const result = await engine.undo(record.id);
    expect(result).toMatchObject(
      outcome === 'applied'
        ? { kind: 'undo', undo: { recordId: record.id } }
        : { kind: 'not-applied', outcome },
    );
  });

  test('not where there is none of that id', async () => {
    const { engine } = await engineWith({});
    expect(await engine.undo(recordId(NOW))).toEqual({ kind: 'unknown' });
  });
});
