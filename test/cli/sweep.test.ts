import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SUBSCRIPTION } from '../../demo/stack.js';
import { startAzurite, type Azurite } from '../../local-host/azurite.js';
import { principalNamed } from '../../simulator/principal.js';
import { createAuditLog } from '../../src/state/audit-log.js';
import { createStorageAccount } from '../../src/state/storage-account.js';
import type { AuditRecord } from '../../src/types/record.js';
import { clearEstate } from '../scenarios/clear-estate.js';
import {
  aclsOf,
  addConnection,
  addVault,
  addWorkflow,
  connectionPath,
  CONNECTORS,
  hidesOutputs,
  rulesOf,
  vaultPath,
  workflow,
} from '../scenarios/scenario.js';
import { MAIN, removeState, startLaptop, type Env, type Laptop } from './laptop.js';
import type { Run } from './run-holdfast.js';

let laptop: Laptop;
let azurite: Azurite;
beforeAll(async () => {
  [laptop, azurite] = await Promise.all([startLaptop(), startAzurite()]);
  laptop.simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
});
afterAll(() => Promise.all([laptop.close(), azurite.close()]));
beforeEach(() => {
  clearEstate(laptop.simulator.azure);
  laptop.simulator.azure.faults.clear();
  removeState(laptop);
  laptop.setAz({ as: 'alice@contoso.com' });
});

const OPEN = { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [], virtualNetworkRules: [] };
const SHUT = { ...OPEN, defaultAction: 'Deny' };
interface Swept {
  readonly vaults: number;
  readonly workflows: number;
  readonly planned: readonly AuditRecord[];
  readonly made: readonly AuditRecord[];
  readonly left: readonly AuditRecord[];
  readonly findings: readonly { readonly resourceId: string }[];
  readonly problems: readonly string[];
}
const read = ({ stdout }: Run): Swept => JSON.parse(stdout) as Swept;

/** A playbook that reads a secret through a connection, and leaves it in the run history. */
async function addPlaybook(vaultName: string): Promise<string> {
  const { azure } = laptop.simulator;
  const connection = connectionPath(await addConnection(azure, vaultName));
  const api = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Web/locations/westeurope/managedApis/keyvault`;
  const document = workflow({
    declared: { $connections: { type: 'Object', defaultValue: {} } },
    parameters: {
      $connections: {
        value: {
          keyvault: {
            connectionId: connection,
            connectionName: 'keyvault',
            connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } },
            id: api,
          },
        },
      },
    },
    actions: {
      Get_secret: {
        type: 'ApiConnection',
        runAfter: {},
        inputs: {
          host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
          method: 'get',
          path: "/secrets/@{encodeURIComponent('card-key')}/value",
        },
      },
    },
  });
  return addWorkflow(azure, document);
}

describe('the first look', () => {
  test('shows what would change and what a person has to put right, and writes nothing anywhere', async () => {
    const name = await addVault(laptop.simulator.azure, OPEN);
    const playbook = await addPlaybook(name);
    const mark = laptop.simulator.azure.journal.mark();
    const run = await laptop.holdfast(['sweep']);
    expect(run).toMatchObject({ status: 1, stderr: '' });
    expect(run.stdout).toContain('Looked at 1 vault and 1 Logic App as alice@contoso.com.');
    expect(run.stdout).toContain(vaultPath(name));
    expect(run.stdout).toMatch(/vault-firewall +planned +networkAcls\.defaultAction: "Allow" → "Deny"/);
    expect(run.stdout).toMatch(/workflow-secure-outputs +planned/);
    expect(run.stdout).not.toContain('\u001b');
    expect(laptop.simulator.azure.journal.writes({ since: mark })).toEqual([]);
    expect(existsSync(laptop.state)).toBe(false);
    expect(hidesOutputs(laptop.simulator.azure, playbook)).toBe(false);
  });

  test('as JSON for machines, with whom it was made as', async () => {
    const name = await addVault(laptop.simulator.azure, OPEN);
    await addPlaybook(name);
    const swept = read(await laptop.holdfast(['sweep', '--json'], MAIN));
    expect(swept).toMatchObject({ vaults: 1, workflows: 1, made: [], problems: [] });
    expect(
      swept.planned
        .map(({ remediator, outcome, trigger, actor }) => [remediator, outcome, trigger, actor?.name])
        .sort(),
    ).toEqual([
      ['vault-firewall', 'planned', 'cli', 'alice@contoso.com'],
      ['vault-logic-app-ips', 'planned', 'cli', 'alice@contoso.com'],
      ['workflow-secure-outputs', 'planned', 'cli', 'alice@contoso.com'],
    ]);
  });

  test('of an estate that is as it should be ends with 0', async () => {
    await addVault(laptop.simulator.azure, SHUT);
    const run = await laptop.holdfast(['sweep'], MAIN);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toContain('Nothing to change');
  });

  test('has colours in a pipe only where they are asked for', async () => {
    await addVault(laptop.simulator.azure, OPEN);
    expect((await laptop.holdfast(['sweep'], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[');
  });

  test('shows again what was planned before, whatever a deployed Holdfast has recorded of it', async () => {
    await addVault(laptop.simulator.azure, OPEN);
    const storage = { ...MAIN, AzureWebJobsStorage: azurite.connectionString };
    const once = read(await laptop.holdfast(['sweep', '--json'], storage));
    const again = read(await laptop.holdfast(['sweep', '--json'], storage));
    expect(again.planned.map(({ edits }) => edits)).toEqual(once.planned.map(({ edits }) => edits));
    expect(again.planned).toHaveLength(1);
  });

  test.each([
    ['--subscription', ['--subscription', '99999999-9999-4999-8999-999999999999'], 0],
    ['--scope, of one group', ['--scope', `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-security`], 1],
  ])('looks where %s says', async (_name, args, vaults) => {
    await addVault(laptop.simulator.azure, OPEN);
    laptop.simulator.azure.addSubscription('99999999-9999-4999-8999-999999999999');
    expect(read(await laptop.holdfast(['sweep', '--json', ...args])).vaults).toBe(vaults);
  });
});

describe('--enforce', () => {
  test('without a terminal asks for --yes, before anything is read', async () => {
    await addVault(laptop.simulator.azure, OPEN);
    const mark = laptop.simulator.azure.journal.mark();
    const run = await laptop.holdfast(['sweep', '--enforce']);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('give --yes. Without --enforce it shows what it would do.');
    expect(laptop.simulator.azure.journal.requests({ since: mark })).toEqual([]);
  });

  test('changes what the plan has, in one write per resource, and records it with who', async () => {
    const name = await addVault(laptop.simulator.azure, OPEN);
    const playbook = await addPlaybook(name);
    const mark = laptop.simulator.azure.journal.mark();
    const run = await laptop.holdfast(['sweep', '--enforce', '--yes', '--json'], MAIN);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(
      read(run)
        .made.map(({ remediator, outcome }) => `${remediator} ${outcome}`)
        .sort(),
    ).toEqual(['vault-firewall applied', 'vault-logic-app-ips applied', 'workflow-secure-outputs applied']);
    expect(aclsOf(laptop.simulator.azure, name).defaultAction).toBe('Deny');
    expect(rulesOf(laptop.simulator.azure, name)).toEqual(expect.arrayContaining(CONNECTORS));
    expect(hidesOutputs(laptop.simulator.azure, playbook)).toBe(true);
    expect(laptop.simulator.azure.journal.writes({ since: mark })).toHaveLength(2);
    const records = await laptop.records();
    expect(records).toHaveLength(3);
    expect(
      new Set(records.map(({ trigger, actor, mode }) => `${trigger} ${actor?.id ?? ''} ${mode}`)),
    ).toEqual(new Set([`cli ${principalNamed('alice@contoso.com').objectId} enforce`]));
    expect(read(await laptop.holdfast(['sweep', '--json'], MAIN)).planned).toEqual([]);
  });

  test('keeps to HOLDFAST_MAX_CHANGES, and says what was left', async () => {
    await addVault(laptop.simulator.azure, OPEN);
    await addVault(laptop.simulator.azure, OPEN);
    const run = await laptop.holdfast(['sweep', '--enforce', '--yes', '--json'], {
      ...MAIN,
      HOLDFAST_MAX_CHANGES: '1',
    });
    expect(run.status).toBe(1);
    expect(
      read(run)
        .made.map(({ outcome }) => outcome)
        .sort(),
    ).toEqual(['applied', 'refused']);
  });

  test('does not end as if all were done where drift is left: what is only audited, what is refused', async () => {
    const { azure } = laptop.simulator;
    const open = await addVault(azure, OPEN);
    const audited = await addVault(azure, SHUT, { enablePurgeProtection: null });
    const modes = { HOLDFAST_REMEDIATORS: `${MAIN.HOLDFAST_REMEDIATORS},vault-purge-protection=audit` };
    const args = ['sweep', '--enforce', '--yes'];
    const run = await laptop.holdfast([...args, '--json'], modes);
    expect(read(run).made).toMatchObject([{ remediator: 'vault-firewall', outcome: 'applied' }]);
    expect(read(run).left).toMatchObject([
      { resourceId: vaultPath(audited), remediator: 'vault-purge-protection', outcome: 'planned' },
    ]);
    expect(run.status).toBe(1);
    await azure.as('bob@contoso.com').patch(vaultPath(open), { properties: { networkAcls: OPEN } });
    const text = await laptop.holdfast(args, modes);
    expect(text.status).toBe(1);
    expect(text.stdout).toMatch(/vault-firewall +applied/);
    expect(text.stdout).toMatch(/vault-purge-protection +planned/);
    expect(text.stdout).toContain('1 change made, 1 not;');
  });

  test('does no more with a remediator than HOLDFAST_REMEDIATORS says', async () => {
    const name = await addVault(laptop.simulator.azure, OPEN);
    const modes = { HOLDFAST_REMEDIATORS: `${MAIN.HOLDFAST_REMEDIATORS},vault-firewall=audit` };
    const run = await laptop.holdfast(['sweep', '--enforce', '--yes', '--json'], modes);
    expect(read(run)).toMatchObject({ planned: [{ remediator: 'vault-firewall' }], made: [] });
    expect(aclsOf(laptop.simulator.azure, name).defaultAction).toBe('Allow');
  });

  test('with the storage account of a deployed Holdfast, its records and its ledger are one with the app’s', async () => {
    const name = await addVault(laptop.simulator.azure, OPEN);
    await addPlaybook(name);
    const storage = { ...MAIN, AzureWebJobsStorage: azurite.connectionString };
    const run = await laptop.holdfast(['sweep', '--enforce', '--yes', '--json'], storage);
    expect(run.status).toBe(0);
    const account = createStorageAccount(
      { kind: 'connection-string', connectionString: azurite.connectionString },
      { getToken: () => Promise.resolve(null) },
    );
    const { records } = await createAuditLog(account).query({ limit: 10, resourceId: vaultPath(name) });
    expect(records.map(({ outcome, trigger }) => `${outcome} ${trigger}`)).toEqual([
      'applied cli',
      'applied cli',
    ]);
    expect(existsSync(laptop.state)).toBe(false);
    const shown = await laptop.holdfast(['audit', '--json', '--resource', vaultPath(name)], storage);
    expect(
      shown.stdout
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as AuditRecord).id),
    ).toEqual(records.map(({ id }) => id));
  });
});

describe('what keeps it from looking', () => {
  test.each<[string, () => Env | undefined, number, RegExp]>([
    [
      'Azure CLI is not installed',
      () => ({ PATH: '/nonexistent' }),
      3,
      /Azure CLI was not found: install it .* az login/,
    ],
    [
      'nobody is signed in',
      () => laptop.setAz({ as: null }),
      3,
      /Azure CLI names no subscription: run az login/,
    ],
    [
      'nobody is signed in, and the scope is said',
      () => {
        laptop.setAz({ as: null });
        return { HOLDFAST_SCOPES: `/subscriptions/${SUBSCRIPTION}` };
      },
      3,
      /You are not signed in to Azure CLI: run az login\./,
    ],
    [
      'the sign-in has expired',
      () => laptop.setAz({ as: 'alice@contoso.com', isExpired: true }),
      3,
      /asks you to sign in anew \(AADSTS700082\): run az login/,
    ],
    [
      'the token is of another tenant',
      () => laptop.setAz({ as: 'alice@contoso.com', tenantId: '33333333-3333-4333-8333-333333333333' }),
      3,
      /you are signed in to the tenant 33333333-.*, and the subscription is in 22222222-.*: sign in to that tenant with az login --tenant/,
    ],
    [
      'whoever is signed in may do nothing',
      () => {
        laptop.simulator.azure.permissions.govern(principalNamed('nobody@contoso.com').objectId);
        laptop.setAz({ as: 'nobody@contoso.com' });
        return undefined;
      },
      3,
      /answered 403 AuthorizationFailed: you lack a right/,
    ],
    [
      'Azure is down',
      () => {
        laptop.simulator.azure.faults.add({ endpoint: 'arm', action: { kind: 'error', status: 503 } });
        return undefined;
      },
      4,
      /answered 503.*Azure is not well/,
    ],
    [
      'there is no network',
      () => ({ AZURE_RESOURCE_MANAGER_URL: 'https://arm.invalid' }),
      4,
      /arm\.invalid cannot be reached \((?:ENOTFOUND|EAI_AGAIN)\): check the network/,
    ],
    [
      'nothing listens there',
      () => ({ AZURE_RESOURCE_MANAGER_URL: 'https://localhost:1' }),
      4,
      /localhost:1 cannot be reached \(ECONNREFUSED\)/,
    ],
    [
      'the certificate is nobody’s',
      () => ({ NODE_EXTRA_CA_CERTS: undefined }),
      4,
      /cannot be reached \([A-Z_]*(?:CERT|SIGNED)[A-Z_]*\)/,
    ],
    [
      'the connection string is none',
      () => ({ AzureWebJobsStorage: 'a-secret-key' }),
      2,
      /^error: AzureWebJobsStorage is not a connection string of a storage account[^]*(?<!a-secret-key)$/,
    ],
    [
      'the storage account does not take the key',
      () => ({
        AzureWebJobsStorage: azurite.connectionString.replace(/AccountKey=[^;]+/, 'AccountKey=d3Jvbmc='),
      }),
      3,
      /The storage account \(127\.0\.0\.1:\d+\) answered 403.*Storage Table Data Contributor/,
    ],
    ['a setting cannot be used', () => ({ HOLDFAST_MAX_CHANGES: 'many' }), 2, /HOLDFAST_MAX_CHANGES/],
  ])('%s', async (_name, arrange, status, message) => {
    await addVault(laptop.simulator.azure, OPEN);
    const run = await laptop.holdfast(['sweep', '--json'], arrange() ?? {});
    expect(run.stderr).toMatch(message);
    expect(run.status).toBe(status);
    expect(run.stderr).not.toMatch(/^\s+at |eyJ[A-Za-z0-9_-]{10}|[\u001b]/m);
    if (run.stdout !== '') expect(read(run).problems).not.toEqual([]);
  });

  test('being throttled for a while is waited for', async () => {
    await addVault(laptop.simulator.azure, OPEN);
    const action = { kind: 'error', status: 429, retryAfter: 1 } as const;
    laptop.simulator.azure.faults.add({ endpoint: 'arm', method: 'GET', times: 2, action });
    const run = await laptop.holdfast(['sweep', '--json'], MAIN);
    expect(read(run)).toMatchObject({ vaults: 1, problems: [] });
  });
});
