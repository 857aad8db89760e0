import { describe, expect, it, test } from 'vitest';
import { vaultDeleted } from '../../src/remediators/vault-deleted.js';
import type { JsonObject } from '../../src/types/json.js';
import { VAULT_ID } from '../vault/vault-observation.js';
import { OPTIONAL_REMEDIATOR_IDS } from '../../src/types/remediator-id.js';

const properties = {
  vaultId: VAULT_ID.id,
  location: 'westeurope',
  deletionDate: '2026-03-01T00:00:59Z',
  scheduledPurgeDate: '2026-05-30T00:00:59Z',
  purgeProtectionEnabled: true,
};
const planOf = (deletedVault: JsonObject) =>
  vaultDeleted.plan({ kind: 'deleted-vault', id: VAULT_ID, deletedVault });

describe('vault-deleted', () => {
  const recover = { op: 'set', path: '/properties/createMode', before: null, after: 'recover' };
  const rows: readonly (readonly [string, JsonObject, boolean])[] = [
    ['a deleted vault is recovered', { properties }, true],
    [
      'in another case',
      { properties: { ...properties, vaultId: VAULT_ID.id.toUpperCase(), location: 'West Europe' } },
      true,
    ],
    ['one without purge protection', { properties: { ...properties, purgeProtectionEnabled: null } }, true],
    ['one without a location is refused', { properties: { ...properties, location: null } }, false],
    [
      'one that is another vault is refused',
      { properties: { ...properties, vaultId: `${VAULT_ID.id}-2` } },
      false,
    ],
    [
      'hostile: a location that is a sentence is refused',
      { properties: { ...properties, location: 'a; rm -rf' } },
      false,
    ],
    ['hostile: no properties are refused', {}, false],
  ];
  test.each(rows)('%s', (_, deletedVault, isRecovered) => {
    const plan = planOf(deletedVault);
    expect(plan.edits).toEqual(isRecovered ? [expect.objectContaining(recover)] : []);
    expect(plan.refusals).toMatchObject(isRecovered ? [] : [{ edits: [recover] }]);
    expect(plan.findings).toMatchObject([{ severity: 'high', about: 'deleted' }]);
  });

  it('says when it was deleted, when it is gone, and how to recover it', () => {
    const { findings, warnings } = planOf({ properties });
    expect(findings[0]?.reason).toBe(
      'The vault kv-soar was deleted (2026-03-01T00:00:59Z); on 2026-05-30T00:00:59Z it is gone for good.',
    );
    expect(findings[0]?.step).toContain(
      `az keyvault recover --subscription ${VAULT_ID.subscriptionId} --resource-group "rg-soar" --name kv-soar --location westeurope`,
    );
    expect(warnings.join()).toMatch(/role assignments/);
  });

  it('says that it may be purged before, where nothing protects it', () => {
    const [finding] = planOf({ properties: { ...properties, purgeProtectionEnabled: false } }).findings;
    expect(finding?.reason).toContain('whoever may purge it');
  });

  it('does not repeat what is no date', () => {
    const [finding] = planOf({
      properties: { ...properties, deletionDate: 'x\ny', scheduledPurgeDate: 7 },
    }).findings;
    expect(finding?.reason).toMatch(/at a time that Azure does not say.*does not say when/);
  });

  it('is done only where it is asked for', () => {
    expect(OPTIONAL_REMEDIATOR_IDS).toContain(vaultDeleted.id);
  });
});
