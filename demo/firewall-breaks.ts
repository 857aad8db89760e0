import { setTimeout as sleep } from 'node:timers/promises';
import type { Azure } from '../simulator/azure.js';
import { createMemory } from '../src/state/memory.js';
import { createStorageAccount } from '../src/state/storage-account.js';
import { parseResourceId } from '../src/types/resource-id.js';
import { isShutWith, resourceIn, type Break, type Lapse } from './break.js';
import { OPEN, PIPELINE, shut, vault, vaultPath } from './estate.js';

const SENTINEL = vaultPath('kv-sentinel');
const PAYMENTS = vaultPath('kv-payments');
const NEW_PROJECT = vaultPath('kv-new-project');

const CONNECTORS = ['52.174.88.118/32', '13.69.64.208/28', '13.69.71.192/27'];
const NEW_CONNECTORS = ['52.174.88.118', '13.69.64.208/28', '13.69.71.192/27', '20.86.93.32/27'];
const LET_IN = '203.0.113.7/32';
const EVERYBODY = [{ value: '0.0.0.0/1' }, { value: '128.0.0.0/1' }];

const isSentinelShut = isShutWith('kv-sentinel', '198.51.100.0/24', ...CONNECTORS);
const isSentinelShutAnew = isShutWith('kv-sentinel', '198.51.100.0/24', ...CONNECTORS, '20.86.93.32/27');

export const FIREWALL_BREAKS: readonly Break[] = [
  {
    kind: 'break',
    title: 'Somebody opens a firewall to debug a 403',
    fixes: [{ resourceId: SENTINEL, remediators: ['vault-firewall'] }],
    // As the portal does it: the radio button goes to all networks, the rules stay in the list.
    happen: (azure) => setFirewall(azure, 'alice@contoso.com', SENTINEL, { defaultAction: 'Allow' }),
    isFixed: isSentinelShut,
  },
  {
    kind: 'break',
    title: 'Microsoft changes the connectors’ addresses; nothing tells',
    fixes: [{ resourceId: SENTINEL, remediators: ['vault-logic-app-ips'] }],
    isSilent: true,
    happen: (azure) => {
      azure.changeOutboundIps('westeurope', { connector: NEW_CONNECTORS });
    },
    isFixed: isSentinelShutAnew,
  },
  {
    kind: 'break',
    title: 'A new vault comes with the portal’s defaults',
    fixes: [{ resourceId: NEW_PROJECT, remediators: ['vault-purge-protection', 'vault-firewall'] }],
    happen: (azure) =>
      azure
        .as('carol@contoso.com')
        .put(NEW_PROJECT, vault(azure, { enableSoftDelete: true, networkAcls: OPEN })),
    isFixed: (azure) =>
      resourceIn(azure, NEW_PROJECT).properties?.enablePurgeProtection === true &&
      isShutWith('kv-new-project')(azure),
  },
  {
    kind: 'break',
    title: 'A pipeline wipes the rules and opens the vault',
    fixes: [{ resourceId: SENTINEL, remediators: ['vault-firewall'] }],
    happen: (azure) => setFirewall(azure, PIPELINE, SENTINEL, OPEN),
    isFixed: isSentinelShutAnew,
  },
  {
    kind: 'break',
    title: 'A pipeline replaces the rules of a vault with its own',
    fixes: [{ resourceId: SENTINEL, remediators: ['vault-logic-app-ips'] }],
    happen: (azure) => setFirewall(azure, PIPELINE, SENTINEL, shut('198.51.100.0/24')),
    isFixed: isSentinelShutAnew,
  },
  {
    kind: 'break',
    title: 'An address that was let in for two hours is still there',
    fixes: [{ resourceId: SENTINEL, remediators: ['vault-temporary-rules'] }],
    happen: async (azure, storage) => {
      await letInTwoHoursAgo(storage, SENTINEL);
      const ipRules = resourceIn(azure, SENTINEL).properties?.networkAcls?.ipRules ?? [];
      await setFirewall(azure, 'alice@contoso.com', SENTINEL, { ipRules: [...ipRules, { value: LET_IN }] });
    },
    isFixed: (azure) => isSentinelShutAnew(azure) && !isShutWith('kv-sentinel', LET_IN)(azure),
  },
];

/** What `holdfast allow-me` with the deployment's storage account has left in its ledger. */
async function letInTwoHoursAgo(storage: string, vaultId: string): Promise<void> {
  const nobody = { getToken: () => Promise.resolve(null) };
  const account = createStorageAccount({ kind: 'connection-string', connectionString: storage }, nobody);
  const memory = createMemory(account);
  const id = parseResourceId(vaultId);
  const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
  const rule = { value: LET_IN, until: ago(1), addedAt: ago(121), by: 'alice@contoso.com' };
  // A look that is still under way would write over it what it has read before.
  for (let tries = 0; tries < 20; tries += 1) {
    const { temporaryRules } = await memory.read(id);
    if (tries > 0 && temporaryRules.length > 0) return;
    await memory.write(id, { ...(await memory.read(id)), temporaryRules: [rule] });
    await sleep(500);
  }
}

export const FIREWALL_LAPSES: readonly Lapse[] = [
  {
    kind: 'lapse',
    title: 'Two rules let everybody in; the vault still counts as shut',
    resourceId: PAYMENTS,
    remediator: 'vault-firewall',
    happen: (azure) => {
      const ipRules = resourceIn(azure, PAYMENTS).properties?.networkAcls?.ipRules ?? [];
      return setFirewall(azure, 'alice@contoso.com', PAYMENTS, { ipRules: [...ipRules, ...EVERYBODY] });
    },
  },
];

function setFirewall(azure: Azure, who: string, vaultId: string, change: object): unknown {
  const networkAcls = { ...resourceIn(azure, vaultId).properties?.networkAcls, ...change };
  return azure.as(who).patch(vaultId, { properties: { networkAcls } });
}
