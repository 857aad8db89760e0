import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPEN, PIPELINE, shut, vault, vaultPath } from '../../demo/estate.js';
import { principalNamed } from '../../simulator/principal.js';
import { openFindings } from './open-findings.js';
import {
  aclsOf,
  eventually,
  OFFICE,
  ownChanges,
  recordsOf,
  remediate,
  settle,
  startScenario,
  sweep,
  trafficOf,
  type Scenario,
} from './scenario.js';

/*
 * A pipeline deploys its template again each time that Holdfast has written: without an end to it, the two would write
 * against each other for ever.
 */

const NAME = 'kv-fought-over';
let scenario: Scenario;
let isFighting = true;
let deployments = 0;

/** The template as it stands in the pipeline: open, and with purge protection, which nobody can turn off. */
const deploy = async (): Promise<void> => {
  const { azure } = scenario;
  deployments += 1;
  const properties = { enableSoftDelete: true, enablePurgeProtection: true, networkAcls: OPEN };
  await azure.as(PIPELINE).put(vaultPath(NAME), vault(azure, properties));
};

const isShut = (): boolean => aclsOf(scenario.azure, NAME).defaultAction === 'Deny';
const contested = () => recordsOf(scenario, { outcome: 'contested' });

/** Deploys again as soon as the vault is seen shut; no more than ten times, should nobody stop. */
async function fight(): Promise<void> {
  while (isFighting && deployments < 10) {
    if (isShut()) await deploy();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

beforeAll(async () => {
  scenario = await startScenario({ settings: { HOLDFAST_CONTESTED_AFTER: '' } });
  const { azure } = scenario;
  const properties = { enableSoftDelete: true, enablePurgeProtection: true, networkAcls: shut(OFFICE) };
  await azure.as(PIPELINE).put(vaultPath(NAME), vault(azure, properties));
  await sweep(scenario);
  await scenario.stack.subscribe();
}, 60_000);
afterAll(async () => {
  isFighting = false;
  await scenario.stack.close();
});

describe('a pipeline that opens a vault again after each write of Holdfast', { timeout: 60_000 }, () => {
  it('is met three times, and then named instead', async () => {
    const fighting = fight();
    const [record] = await eventually('a contested record', async () => {
      const records = await contested();
      return records.length > 0 ? records : null;
    });
    await settle(scenario);
    isFighting = false;
    await fighting;
    expect(ownChanges(scenario)).toHaveLength(3);
    expect(deployments).toBe(4);
    expect(isShut()).toBe(false);
    expect(record?.remediator).toBe('vault-firewall');
    expect(record?.actor?.id).toBe(principalNamed(PIPELINE).objectId);
    const text = record?.warnings.join('\n') ?? '';
    expect(text).toMatch(/leaves it alone from \S+Z until \S+Z \(pause 1\)/);
    expect(text).toContain(
      "Microsoft.KeyVault/vaults@2026-02-01: properties: { networkAcls: { defaultAction: 'Deny' } }",
    );
    expect(text).toContain('azurerm_key_vault: network_acls { default_action = "Deny" }');
  });

  it('is left alone by the sweep, at the cost of the lists, and recorded no second time', async () => {
    const { reads, writes } = await trafficOf(scenario, () => sweep(scenario));
    expect(reads.filter(({ path }) => path.toLowerCase().endsWith(NAME))).toEqual([]);
    expect(writes).toEqual([]);
    await deploy();
    await settle(scenario);
    expect(await contested()).toHaveLength(1);
    expect(ownChanges(scenario)).toHaveLength(3);
  });

  it('is a finding that says who', async () => {
    const findings = await openFindings(scenario);
    const own = findings.filter(({ remediator }) => remediator === 'vault-firewall');
    expect(own).toHaveLength(1);
    expect(own[0]?.severity).toBe('high');
    expect(own[0]?.reason).toContain('keeps reverting what vault-firewall puts right');
  });

  it('does not keep a person from having it shut by name', async () => {
    const { body } = await remediate(scenario, { resourceId: vaultPath(NAME) });
    expect(body.outcome).toBe('applied');
    expect(isShut()).toBe(true);
  });
});
