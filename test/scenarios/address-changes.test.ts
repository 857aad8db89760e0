import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { getSecret, GROUP, PIPELINE, playbook, vault, vaultPath, workflowPath } from '../../demo/estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, SUBSCRIPTION, type Stack } from '../../demo/stack.js';
import type { Azure } from '../../simulator/azure.js';
import type { AuditRecord } from '../../src/types/record.js';
import {
  connectionPath,
  eventually,
  expectRecordedOnce,
  firewall,
  isShut,
  keyVaultConnection,
  live,
  OFFICE,
  ownChanges,
  recordsOf,
  rulesOf,
  SUBNET,
  subnetsOf,
  withOutcome,
} from './fault-scenario.js';
import { onlyMainJob } from './main-job.js';

vi.setConfig({ testTimeout: 90_000 });

/** How long a rule stays after the last time that somebody needed it. */
const RETIRE_AFTER_MS = 2000;

let stack: Stack;
let azure: Azure;

beforeAll(async () => {
  stack = await startStack({
    settings: { ...onlyMainJob(), HOLDFAST_IP_RETIRE_AFTER: `PT${RETIRE_AFTER_MS / 1000}S` },
  });
  azure = stack.simulator.azure;
  azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
});
afterAll(() => stack.close());
afterEach(() => {
  azure.switches.reset();
  azure.permissions.unrestrict(stack.simulator.identity.objectId);
});

/** No event is delivered here: whatever Holdfast finds, it finds by sweeping. */
async function sweep(): Promise<void> {
  await stack.sweep();
  await settle(stack);
}

async function sweepUntil(what: string, isTrue: () => boolean): Promise<void> {
  await eventually(what, async () => {
    await sweep();
    return isTrue();
  });
}

async function deployVault(name: string, ...addresses: readonly string[]): Promise<string> {
  const networkAcls = firewall('Deny', ...addresses);
  const body = vault(azure, { networkAcls, enableSoftDelete: true, enablePurgeProtection: true });
  await azure.as(PIPELINE).put(vaultPath(name), body);
  return vaultPath(name);
}

/** A Logic App in that region that reads a vault through the connector. */
async function deployReader(
  name: string,
  vaultName: string,
  region: string,
  id = workflowPath(name),
): Promise<string> {
  const pipeline = azure.as(PIPELINE);
  await pipeline.put(connectionPath(`to-${vaultName}`), keyVaultConnection(vaultName));
  const actions = { Get_secret: getSecret('token', true) };
  await pipeline.put(id, { ...playbook(actions, `to-${vaultName}`), location: region });
  return id;
}

/** One that reads it with an HTTP action. */
async function deployHttpReader(name: string, vaultName: string, region: string): Promise<void> {
  const uri = `https://${vaultName}.vault.azure.net/secrets/token?api-version=7.4`;
  const authentication = { type: 'ManagedServiceIdentity', audience: 'https://vault.azure.net' };
  const secured = { secureData: { properties: ['outputs'] } };
  const read = {
    type: 'Http',
    inputs: { method: 'GET', uri, authentication },
    runtimeConfiguration: secured,
  };
  await azure.as(PIPELINE).put(workflowPath(name), {
    location: region,
    identity: { type: 'SystemAssigned' },
    properties: {
      state: 'Enabled',
      definition: {
        $schema:
          'https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/workflowdefinition.json#',
        contentVersion: '1.0.0.0',
        triggers: { manual: { type: 'Request', kind: 'Http', inputs: { schema: {} } } },
        actions: { Read: { ...read, runAfter: {} } },
        outputs: {},
      },
    },
  });
}

const editsOf = (records: readonly AuditRecord[]): readonly (readonly [string, string])[] =>
  records.flatMap(({ edits }) =>
    edits.map(({ op, before, after }) => [op, ((after ?? before) as { value: string }).value] as const),
  );

describe('Microsoft changes the connectors’ addresses', () => {
  it('new ones come at once; old ones stay until nobody has needed them for long enough', async () => {
    azure.changeOutboundIps('uksouth', { connector: ['20.1.0.1', '20.1.1.0/28'] });
    const id = await deployVault('kv-moved', OFFICE);
    await deployReader('la-moved', 'kv-moved', 'uksouth');
    await sweep();
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.1.0.1/32', '20.1.1.0/28'].sort());

    azure.changeOutboundIps('uksouth', { connector: ['20.1.1.0/28', '20.1.2.0/28'] });
    const since = new Date();
    const mark = azure.journal.mark();
    await sweep();
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.1.0.1/32', '20.1.1.0/28', '20.1.2.0/28'].sort());
    const found = await recordsOf(stack, id, since);
    expectRecordedOnce(found, ownChanges(stack, id, mark), ['vault-logic-app-ips']);
    expect(found[0]).toMatchObject({ trigger: 'sweep', actor: null });
    expect(found[0]?.edits).toMatchObject([{ op: 'add', reason: 'needed by la-moved' }]);
    const replacedAt = Date.parse(found[0]?.time ?? '');

    const later = azure.journal.mark();
    await sweepUntil('the old address is gone', () => !rulesOf(azure, id).includes('20.1.0.1/32'));
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.1.1.0/28', '20.1.2.0/28'].sort());
    expect(subnetsOf(azure, id)).toEqual([SUBNET]);
    const [change, ...more] = ownChanges(stack, id, later);
    expect(more).toEqual([]);
    expect(Date.parse(change?.time ?? '') - replacedAt).toBeGreaterThanOrEqual(RETIRE_AFTER_MS);
    const [removal] = await recordsOf(stack, id, new Date(replacedAt + 1));
    expect(editsOf([removal as AuditRecord])).toEqual([['remove', '20.1.0.1/32']]);
  });

  it('an address that comes back in time is not taken away', async () => {
    azure.changeOutboundIps('ukwest', { connector: ['20.9.0.1', '20.9.0.9'] });
    const id = await deployVault('kv-back', OFFICE);
    const reader = await deployReader('la-back', 'kv-back', 'ukwest');
    await sweep();
    azure.changeOutboundIps('ukwest', { connector: ['20.9.0.9'] });
    await sweep();
    azure.changeOutboundIps('ukwest', { connector: ['20.9.0.1', '20.9.0.9'] });
    await sweep();
    const mark = azure.journal.mark();
    const end = Date.now() + 1.5 * RETIRE_AFTER_MS;
    await sweepUntil('it would have been time', () => Date.now() > end);
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.9.0.1/32', '20.9.0.9/32'].sort());
    expect(ownChanges(stack, id, mark)).toEqual([]);
    // Nothing was due, so the workflow did not have to be asked.
    expect(azure.journal.reads({ since: mark, under: reader })).toEqual([]);
  });

  it('a rule that is somebody else’s stays, though Holdfast needed the same and does not any more', async () => {
    azure.changeOutboundIps('francecentral', { connector: ['20.2.0.1', '20.2.0.2'] });
    const id = await deployVault('kv-equal', OFFICE, '20.2.0.1');
    await deployReader('la-equal', 'kv-equal', 'francecentral');
    await sweep();
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.2.0.1/32', '20.2.0.2/32'].sort());
    // A colleague adds what is there already: Key Vault keeps both.
    const twice = firewall('Deny', ...rulesOf(azure, id), '20.2.0.2/32');
    await azure.as('bob@contoso.com').patch(id, { properties: { networkAcls: twice } });
    await sweep();

    azure.changeOutboundIps('francecentral', { connector: ['20.2.0.9'] });
    const all = [OFFICE, '20.2.0.1/32', '20.2.0.2/32', '20.2.0.2/32', '20.2.0.9/32'].sort();
    await sweep();
    expect(rulesOf(azure, id)).toEqual(all);
    await sweepUntil('Holdfast’s own rule is gone', () => rulesOf(azure, id).length < all.length);
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.2.0.1/32', '20.2.0.2/32', '20.2.0.9/32'].sort());
    const mark = azure.journal.mark();
    const end = Date.now() + RETIRE_AFTER_MS;
    await sweepUntil('more time has passed', () => Date.now() > end);
    expect(ownChanges(stack, id, mark)).toEqual([]);
  });

  it('one sweep sees many vaults: each gets its own region’s addresses in one write', async () => {
    const regions = ['norwayeast', 'swedencentral', 'polandcentral'];
    const ids: string[] = [];
    for (const [i, region] of regions.entries()) {
      azure.changeOutboundIps(region, { connector: [`20.10.${i}.0/28`] });
      ids.push(await deployVault(`kv-many-${i}`, OFFICE));
      await deployReader(`la-many-${i}`, `kv-many-${i}`, region);
    }
    await sweep();
    const mark = azure.journal.mark();
    for (const [i, region] of regions.entries()) {
      azure.changeOutboundIps(region, {
        connector: [`20.10.${i}.0/28`, `20.10.${i}.64/28`, `20.10.${i}.99`],
      });
    }
    await sweep();
    for (const [i, id] of ids.entries()) {
      const wanted = [OFFICE, `20.10.${i}.0/28`, `20.10.${i}.64/28`, `20.10.${i}.99/32`];
      expect(rulesOf(azure, id)).toEqual(wanted.sort());
      expect(ownChanges(stack, id, mark)).toHaveLength(1);
    }
    expect(azure.journal.writes({ since: mark })).toHaveLength(ids.length);
  });

  it('a list with ranges, IPv6 and what cannot be read: the rest is added, and the record tells of what is not', async () => {
    const connector = ['20.11.0.0-20.11.0.5', '2603:1030:20e::/48', 'the moon', '20.11.9.1'];
    azure.changeOutboundIps('italynorth', { connector });
    const id = await deployVault('kv-odd', OFFICE);
    await deployReader('la-odd', 'kv-odd', 'italynorth');
    await sweep();
    // No /31 is ever written.
    const wanted = ['20.11.0.0/30', '20.11.0.4/32', '20.11.0.5/32', '20.11.9.1/32'];
    expect(rulesOf(azure, id)).toEqual([OFFICE, ...wanted].sort());
    const [record] = await recordsOf(stack, id);
    expect(record?.warnings.join(' ')).toMatch(/2603:1030:20e::\/48.*IPv4 only/);
    expect(record?.warnings.join(' ')).toMatch(/the moon.*cannot be read/);
    const mark = azure.journal.mark();
    await sweep();
    expect(azure.journal.writes({ since: mark })).toEqual([]);
    expect(await recordsOf(stack, id)).toEqual([record]);
  });
});

describe('Microsoft changes the runtime’s addresses', () => {
  it('a Logic App that calls the vault by HTTP gets those, and not the connectors’', async () => {
    azure.changeOutboundIps('germanywestcentral', {
      runtime: ['20.3.0.1', '20.3.0.2'],
      connector: ['20.3.9.9'],
    });
    const id = await deployVault('kv-http', OFFICE);
    await deployHttpReader('la-http', 'kv-http', 'germanywestcentral');
    await sweep();
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.3.0.1/32', '20.3.0.2/32'].sort());

    azure.changeOutboundIps('germanywestcentral', { runtime: ['20.3.0.2', '20.3.0.64/27'] });
    await sweep();
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.3.0.1/32', '20.3.0.2/32', '20.3.0.64/27'].sort());
    await sweepUntil('the old address is gone', () => !rulesOf(azure, id).includes('20.3.0.1/32'));
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.3.0.2/32', '20.3.0.64/27'].sort());
  });
});

describe('a Logic App that no list shows', () => {
  it('keeps its rules for as long as nothing but the list says that it is gone', async () => {
    azure.switches.set({ listsWithoutPermission: 'filtered' });
    azure.addResourceGroup(SUBSCRIPTION, 'rg-hidden', 'westeurope');
    azure.changeOutboundIps('brazilsouth', { connector: ['20.4.0.1', '20.4.0.2'] });
    const id = await deployVault('kv-hidden', OFFICE);
    const hidden = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-hidden/providers/Microsoft.Logic/workflows/la-hidden`;
    await deployReader('la-hidden', 'kv-hidden', 'brazilsouth', hidden);
    await sweep();
    const all = [OFFICE, '20.4.0.1/32', '20.4.0.2/32'].sort();
    expect(rulesOf(azure, id)).toEqual(all);

    azure.permissions.restrict(stack.simulator.identity.objectId, [{ actions: ['*'], scope: GROUP }]);
    const mark = azure.journal.mark();
    const asked = () => azure.journal.reads({ since: mark, under: hidden }).map(({ status }) => status);
    await sweepUntil('the rules are due, and the workflow is asked more than once', () => asked().length > 4);
    expect(new Set(asked())).toEqual(new Set([403]));
    expect(rulesOf(azure, id)).toEqual(all);
    // Also where somebody opens the vault and wipes its rules meanwhile.
    const opened = { ...live(azure, id).properties.networkAcls, defaultAction: 'Allow', ipRules: [] };
    await azure.as('mallory@contoso.com').patch(id, { properties: { networkAcls: opened } });
    await sweep();
    expect([isShut(azure, id), rulesOf(azure, id)]).toEqual([true, all]);

    azure.permissions.unrestrict(stack.simulator.identity.objectId);
    azure.switches.reset();
    const seen = azure.journal.mark();
    await sweep();
    await sweep();
    expect(ownChanges(stack, id, seen)).toEqual([]);
    expect(rulesOf(azure, id)).toEqual(all);
  });
});

describe('a Logic App that does not read the vault any more', () => {
  it('loses its rules when it is deleted, and those that another one needs stay', async () => {
    azure.changeOutboundIps('japaneast', { connector: ['20.5.0.1', '20.5.0.2'] });
    azure.changeOutboundIps('japanwest', { connector: ['20.5.0.2', '20.5.0.3'] });
    const id = await deployVault('kv-left', OFFICE);
    const leaving = await deployReader('la-leaving', 'kv-left', 'japaneast');
    await deployReader('la-staying', 'kv-left', 'japanwest');
    await sweep();
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.5.0.1/32', '20.5.0.2/32', '20.5.0.3/32'].sort());

    await azure.as(PIPELINE).delete(leaving);
    const mark = azure.journal.mark();
    await sweep();
    expect(rulesOf(azure, id)).toContain('20.5.0.1/32');
    await sweepUntil('its rule is gone', () => !rulesOf(azure, id).includes('20.5.0.1/32'));
    expect(rulesOf(azure, id)).toEqual([OFFICE, '20.5.0.2/32', '20.5.0.3/32'].sort());
    expect(azure.journal.reads({ since: mark, under: leaving }).map(({ status }) => status)).toContain(404);
  });

  it('loses its rules when it is saved with another vault’s connection, which gets them', async () => {
    azure.changeOutboundIps('koreacentral', { connector: ['20.6.0.1'] });
    const [from, to] = [await deployVault('kv-from', OFFICE), await deployVault('kv-to', OFFICE)];
    await deployReader('la-wanders', 'kv-from', 'koreacentral');
    await sweep();
    expect(rulesOf(azure, from)).toEqual([OFFICE, '20.6.0.1/32'].sort());
    await deployReader('la-wanders', 'kv-to', 'koreacentral');
    await sweep();
    expect(rulesOf(azure, to)).toEqual([OFFICE, '20.6.0.1/32'].sort());
    expect(rulesOf(azure, from)).toEqual([OFFICE, '20.6.0.1/32'].sort());
    await sweepUntil('its rule is gone', () => rulesOf(azure, from).length === 1);
    expect(rulesOf(azure, from)).toEqual([OFFICE]);
    expect(rulesOf(azure, to)).toEqual([OFFICE, '20.6.0.1/32'].sort());
  });
});

describe('a vault holds a thousand rules and no more', () => {
  /** Somebody else's, no two of which could be one. */
  const foreign = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, i) => `80.${i >> 8}.${i & 255}.77/32`);
  const ofOthers = (id: string): readonly string[] =>
    rulesOf(azure, id).filter((rule) => rule.startsWith('80.'));
  const own = (id: string): readonly string[] => rulesOf(azure, id).filter((rule) => !rule.startsWith('80.'));
  const scattered = Array.from({ length: 10 }, (_, i) => `20.7.${i + 1}.${i * 20 + 5}`);

  it('rules of Holdfast’s are merged, others are not touched, and what does not fit is refused', async () => {
    azure.changeOutboundIps('southindia', { connector: ['20.7.0.0', '20.7.0.1', '20.7.0.2'] });
    const others = [...foreign(997)].sort();
    const id = await deployVault('kv-full', ...others);
    await deployReader('la-full', 'kv-full', 'southindia');
    await sweep();
    expect(own(id)).toEqual(['20.7.0.0/32', '20.7.0.1/32', '20.7.0.2/32']);
    expect(rulesOf(azure, id)).toHaveLength(1000);

    azure.changeOutboundIps('southindia', { connector: ['20.7.0.0', '20.7.0.1', '20.7.0.2', '20.7.0.3'] });
    await sweep();
    expect(own(id)).toEqual(['20.7.0.0/30']);
    expect(ofOthers(id)).toEqual(others);

    azure.changeOutboundIps('southindia', { connector: ['20.7.0.0-20.7.0.3', ...scattered] });
    const since = new Date();
    await sweep();
    expect(rulesOf(azure, id)).toHaveLength(1000);
    expect(ofOthers(id)).toEqual(others);
    const added = own(id).filter((rule) => rule !== '20.7.0.0/30');
    expect(added).toHaveLength(2);
    const refused = withOutcome(await recordsOf(stack, id, since), 'refused');
    expect(refused.map(({ remediator }) => remediator)).toEqual(['vault-logic-app-ips']);
    expect(refused[0]?.error).toContain('at most 1000 IP rules');
    const left = editsOf(refused).map(([, value]) => value);
    expect([...added, ...left].sort()).toEqual(scattered.map((address) => `${address}/32`).sort());

    // The same refusal of the same is not recorded again, and nothing is written for it.
    const mark = azure.journal.mark();
    await sweep();
    expect(azure.journal.writes({ since: mark })).toEqual([]);
    expect(withOutcome(await recordsOf(stack, id, since), 'refused')).toEqual(refused);
  });

  it('a vault that was seen shut is shut again, though not all addresses fit', async () => {
    const id = vaultPath('kv-full');
    const before = rulesOf(azure, id);
    const opened = { ...live(azure, id).properties.networkAcls, defaultAction: 'Allow' };
    await azure.as('mallory@contoso.com').patch(id, { properties: { networkAcls: opened } });
    const since = new Date();
    await sweep();
    expect([isShut(azure, id), rulesOf(azure, id)]).toEqual([true, before]);
    const applied = withOutcome(await recordsOf(stack, id, since), 'applied');
    expect(applied.map(({ remediator }) => remediator)).toEqual(['vault-firewall']);
  });

  it('a vault that was never shut stays open, and both refusals say whom shutting it would lock out', async () => {
    azure.changeOutboundIps('westindia', { connector: ['20.8.0.1'] });
    const others = [...foreign(1000)].sort();
    const body = vault(azure, {
      networkAcls: firewall('Allow', ...others),
      enableSoftDelete: true,
      enablePurgeProtection: true,
    });
    const id = vaultPath('kv-overfull');
    await azure.as(PIPELINE).put(id, body);
    await deployReader('la-overfull', 'kv-overfull', 'westindia');
    const mark = azure.journal.mark();
    await sweep();
    await sweep();
    expect(azure.journal.writes({ since: mark })).toEqual([]);
    expect([isShut(azure, id), rulesOf(azure, id)]).toEqual([false, others]);
    const records = await recordsOf(stack, id);
    expect(records.map(({ remediator, outcome }) => [remediator, outcome]).sort()).toEqual([
      ['vault-firewall', 'refused'],
      ['vault-logic-app-ips', 'refused'],
    ]);
    for (const { error } of records) expect(error).toContain('la-overfull');

    // Once there is room, it is shut with everybody in it.
    const networkAcls = firewall('Allow', ...others.slice(1));
    await azure.as(PIPELINE).patch(id, { properties: { networkAcls } });
    await sweep();
    expect([isShut(azure, id), rulesOf(azure, id)]).toEqual([
      true,
      [...others.slice(1), '20.8.0.1/32'].sort(),
    ]);
  });
});
