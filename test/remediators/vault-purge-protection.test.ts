import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vaultPurgeProtection } from '../../src/remediators/vault-purge-protection.js';
import { applyEdits } from '../../src/types/apply-edits.js';
import type { Json, JsonObject } from '../../src/types/json.js';
import { observe, vaultWith } from '../vault/vault-observation.js';

const planFor = (properties: JsonObject) =>
  vaultPurgeProtection.plan(observe(null, { vault: vaultWith(properties) }));
const softDelete = (before: Json) => ({
  op: 'set',
  path: '/properties/enableSoftDelete',
  before,
  after: true,
});
const purge = (before: Json) => ({
  op: 'set',
  path: '/properties/enablePurgeProtection',
  before,
  after: true,
});

describe('vault-purge-protection', () => {
  it.each<[string, JsonObject, object[]]>([
    [
      'purge protection says that soft delete is on, even if the vault does not',
      { enablePurgeProtection: true },
      [],
    ],
    ['a vault with both is compliant', { enableSoftDelete: true, enablePurgeProtection: true }, []],
    [
      'a vault without purge protection gets it',
      { enableSoftDelete: true, enablePurgeProtection: false },
      [purge(false)],
    ],
    ['purge protection that was never set is off', { enableSoftDelete: true }, [purge(null)]],
    [
      'purge protection of null is off',
      { enableSoftDelete: true, enablePurgeProtection: null },
      [purge(null)],
    ],
    [
      'a vault with neither gets both',
      { enableSoftDelete: false, enablePurgeProtection: false },
      [softDelete(false), purge(false)],
    ],
    ['a vault older than soft delete gets both', {}, [softDelete(null), purge(null)]],
    [
      'purge protection without soft delete is mended',
      { enableSoftDelete: false, enablePurgeProtection: true },
      [softDelete(false)],
    ],
    ['a text is not true', { enableSoftDelete: true, enablePurgeProtection: 'true' }, [purge('true')]],
  ])('%s', (_, properties, expected) => {
    const plan = planFor(properties);
    expect(plan.edits).toMatchObject(expected);
    expect(plan.edits).toHaveLength(expected.length);
    expect(plan.warnings).toHaveLength(expected.length === 0 ? 0 : 1);
    expect(plan).toMatchObject({ refusals: [], findings: [] });
  });

  it('warns that it cannot be undone, and names the retention that stays', () => {
    const plan = planFor({ enableSoftDelete: true, softDeleteRetentionInDays: 7 });
    expect(plan.warnings[0]).toMatch(/cannot be undone.*retention \(7 days\) stays/);
    expect(plan.edits.map(({ path }) => path)).not.toContain('/properties/softDeleteRetentionInDays');
  });

  it('plans nothing more once its edits are applied, and touches nothing else', () => {
    const value = fc.constantFrom<Json>(true, false, null, 'true', 0);
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('enableSoftDelete', 'enablePurgeProtection'), value),
        (properties) => {
          const observation = observe(null, { vault: vaultWith(properties) });
          const vault = applyEdits(observation.vault, vaultPurgeProtection.plan(observation).edits);
          const isImplied =
            properties.enablePurgeProtection === true && (properties.enableSoftDelete ?? null) === null;
          expect(vault).toEqual(
            vaultWith(
              isImplied ? properties : { ...properties, enableSoftDelete: true, enablePurgeProtection: true },
            ),
          );
          expect(vaultPurgeProtection.plan({ ...observation, vault }).edits).toEqual([]);
        },
      ),
    );
  });
});
