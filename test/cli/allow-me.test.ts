import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SUBSCRIPTION } from '../../demo/stack.js';
import { startAzurite, type Azurite } from '../../local-host/azurite.js';
import { principalNamed } from '../../simulator/principal.js';
import { addressBlock, duration } from '../../src/cli/online/access-options.js';
import { createAuditLog } from '../../src/state/audit-log.js';
import { createMemory } from '../../src/state/memory.js';
import { createOutbox } from '../../src/state/outbox.js';
import { createStorageAccount } from '../../src/state/storage-account.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { addVault, eventually, rulesOf, setAcls, vaultPath } from '../scenarios/scenario.js';
import { removeState, startLaptop, troubleWriting, type Laptop, type Running } from './laptop.js';

let laptop: Laptop;
let azurite: Azurite;
beforeAll(async () => {
  [laptop, azurite] = await Promise.all([startLaptop(), startAzurite()]);
  laptop.simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
});
afterAll(() => Promise.all([laptop.close(), azurite.close()]));
beforeEach(() => {
  removeState(laptop);
  laptop.simulator.azure.faults.clear();
});

const OFFICE = '198.51.100.0/24';
const SHUT = {
  bypass: 'AzureServices',
  defaultAction: 'Deny',
  ipRules: [{ value: OFFICE }],
  virtualNetworkRules: [],
};
const MINE = '203.0.113.7/32';
const azure = () => laptop.simulator.azure;
const allow = (name: string, ...more: string[]): string[] => [
  'allow-me',
  name,
  '--ip',
  '203.0.113.7',
  '--for',
  '2h',
  '--yes',
  ...more,
];
async function letIn(name: string, ...more: string[]): Promise<Running> {
  const running = laptop.start(allow(name, ...more));
  await eventually('the rule', () => (rulesOf(azure(), name).includes(MINE) ? true : null));
  return running;
}

describe('without a storage account', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s takes it out at once; both are recorded, with who and until when',
    async (signal) => {
      const name = await addVault(azure(), SHUT);
      const { child, ended } = await letIn(name);
      child.kill(signal);
      const run = await ended;
      expect(run.status).toBe(130);
      expect(run.stderr).toContain(`${MINE} may not reach ${name} any more.`);
      expect(rulesOf(azure(), name)).toEqual([OFFICE]);
      const records = await laptop.records();
      expect(records.map(({ outcome, remediator, edits }) => [outcome, remediator, edits[0]?.op])).toEqual([
        ['applied', 'vault-temporary-rules', 'remove'],
        ['applied', 'vault-temporary-rules', 'add'],
      ]);
      expect(records[1]).toMatchObject({
        trigger: 'cli',
        actor: { name: 'alice@contoso.com' },
        edits: [{ reason: expect.stringMatching(/^let in until 2.* by alice@contoso\.com$/) as string }],
      });
    },
  );

  test('when the time is up, it takes it out by itself and ends with 0', async () => {
    const name = await addVault(azure(), SHUT);
    const run = await laptop.holdfast(['allow-me', name, '--ip', '203.0.113.7', '--for', '1m', '--yes']);
    expect(run.status).toBe(0);
    expect(rulesOf(azure(), name)).toEqual([OFFICE]);
    const [removed, added] = await laptop.records();
    expect(Date.parse(removed?.time ?? '') - Date.parse(added?.time ?? '')).toBeGreaterThan(59_000);
  }, 90_000);

  test('killed, it is said by a command that reads, and taken out by the next one that writes', async () => {
    const [name, other] = [await addVault(azure(), SHUT), await addVault(azure(), SHUT)];
    const { child, ended } = await letIn(name);
    child.kill('SIGKILL');
    await ended;
    const sweep = await laptop.holdfast(['sweep', '--json']);
    expect(sweep.stderr).toMatch(
      new RegExp(
        `${MINE} \\(until .*\\) may still reach .*${name}: .* the next command that writes takes it out`,
      ),
    );
    expect(rulesOf(azure(), name)).toContain(MINE);
    const fix = await laptop.holdfast(['fix', vaultPath(other), '--yes']);
    expect(fix.stderr).toContain('because holdfast allow-me was ended: it is taken out first.');
    expect(rulesOf(azure(), name)).toEqual([OFFICE]);
    expect((await laptop.holdfast(['sweep', '--json'])).stderr).toBe('');
  });

  test('a write that nobody hears of is not lost: it is remembered before it is made', async () => {
    const name = await addVault(azure(), SHUT);
    troubleWriting(laptop, name, { kind: 'hang', when: 'after' });
    const { child, ended } = await letIn(name);
    child.kill('SIGKILL');
    await ended;
    await laptop.holdfast(['fix', vaultPath(name), '--yes']);
    expect(rulesOf(azure(), name)).toEqual([OFFICE]);
    expect((await laptop.records()).map(({ outcome }) => outcome)).not.toContain('pending');
  });

  test('where Azure does not say whether it is in, it is taken out, and not only by the next command', async () => {
    const name = await addVault(azure(), SHUT);
    // Longer than a look waits.
    troubleWriting(laptop, name, { kind: 'error', status: 503, retryAfter: 10, when: 'after' });
    const run = await laptop.holdfast(allow(name));
    expect(run.status).toBe(4);
    expect(run.stderr).toContain(`It is not certain that ${MINE} is not let into ${name}: it is taken out.`);
    expect(rulesOf(azure(), name)).toEqual([OFFICE]);
    expect((await laptop.records()).map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
  }, 90_000);

  test('it leaves what somebody else puts in meanwhile, and what somebody takes out of it is gone', async () => {
    const name = await addVault(azure(), SHUT);
    const { child, ended } = await letIn(name);
    await setAcls(azure(), name, { ...SHUT, ipRules: [{ value: OFFICE }, { value: '192.0.2.1/32' }] });
    child.kill('SIGINT');
    expect((await ended).status).toBe(130);
    expect(rulesOf(azure(), name)).toEqual([OFFICE, '192.0.2.1/32']);
  });
});

describe('what is there already', () => {
  test.each([
    ['by the same rule', MINE],
    ['by a wider one', '203.0.113.0/24'],
  ])('the address is let in %s: nothing is added, and nothing taken out', async (_name, value) => {
    const name = await addVault(azure(), { ...SHUT, ipRules: [{ value }] });
    const mark = azure().journal.mark();
    const run = await laptop.holdfast(allow(name));
    expect([run.status, run.stdout]).toEqual([
      0,
      expect.stringContaining(`may reach ${name} already, by ${value}`),
    ]);
    const told = await laptop.holdfast(allow(name, '--json'));
    expect(JSON.parse(told.stdout)).toMatchObject({
      vault: vaultPath(name),
      value: MINE,
      until: null,
      rule: value,
    });
    expect(azure().journal.writes({ since: mark })).toEqual([]);
  });

  test('what Azure does not take is one object, too', async () => {
    const name = await addVault(azure(), SHUT);
    troubleWriting(laptop, name, { kind: 'error', status: 400 });
    const run = await laptop.holdfast(allow(name, '--json'));
    expect(run.status).not.toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      value: MINE,
      until: null,
      rule: null,
      outcome: 'failed',
    });
    expect(rulesOf(azure(), name)).toEqual([OFFICE]);
  });

  test.each([
    ['open to all networks', { ...SHUT, defaultAction: 'Allow' }, {}, /open to all networks/],
    [
      'without public access',
      SHUT,
      { publicNetworkAccess: 'Disabled' },
      /Public network access to the vault is off/,
    ],
  ])('a vault that is %s is refused, with the reason', async (_name, acls, more, message) => {
    const name = await addVault(azure(), acls, more);
    const mark = azure().journal.mark();
    const run = await laptop.holdfast(allow(name));
    expect([run.status, run.stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(azure().journal.writes({ since: mark })).toEqual([]);
  });

  test('without the right to write the vault, nothing is promised', async () => {
    const name = await addVault(azure(), SHUT);
    const reader = principalNamed('reader@contoso.com').objectId;
    const role = azure().addRoleDefinition({ roleName: `Reader ${name}`, actions: ['*/read'] });
    azure().assignRole({ scope: `/subscriptions/${SUBSCRIPTION}`, principalId: reader, role });
    azure().permissions.govern(reader);
    laptop.setAz({ as: 'reader@contoso.com' });
    const run = await laptop.holdfast(allow(name));
    laptop.setAz({ as: 'alice@contoso.com' });
    expect(run.status).toBe(3);
    expect(run.stdout).not.toContain('may reach');
  });
});

test('with the storage account of a deployed Holdfast, it ends at once, and the ledger says until when', async () => {
  const name = await addVault(azure(), SHUT);
  const storage = { AzureWebJobsStorage: azurite.connectionString };
  const run = await laptop.holdfast(allow(vaultPath(name), '--json'), storage);
  expect(run).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('The deployed Holdfast takes it out') as string,
  });
  const { until } = JSON.parse(run.stdout) as { until: string };
  const account = createStorageAccount(
    { kind: 'connection-string', connectionString: azurite.connectionString },
    { getToken: () => Promise.resolve(null) },
  );
  const memory = await createMemory(account).read(parseResourceId(vaultPath(name)));
  expect(memory.temporaryRules).toMatchObject([{ value: MINE, until, by: 'alice@contoso.com' }]);
  expect(memory.ownedRules).toEqual([]);
  // The app's next delivery tells its targets of it.
  const outbox = createOutbox(account, () => new Date());
  await outbox.shareOut(['teams']);
  const waiting = await outbox.oldest('teams', 100);
  const [told] = (await createAuditLog(account).query({ limit: 1, resourceId: vaultPath(name) })).records;
  expect(waiting.map(({ recordId }) => recordId)).toContain(told?.id);
  const longer = await laptop.holdfast(
    ['allow-me', vaultPath(name), '--ip', '203.0.113.7', '--for', '4h', '--yes', '--json'],
    storage,
  );
  expect(longer.status).toBe(0);
  expect((JSON.parse(longer.stdout) as { until: string }).until > until).toBe(true);
  expect(rulesOf(azure(), name).filter((value) => value === MINE)).toHaveLength(1);
});

describe('the address and the time', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7/32'],
    ['203.0.113.0/28', '203.0.113.0/28'],
    ['203.0.113.0/24', '203.0.113.0/24'],
  ])('%s is %s', (text, block) => {
    expect(addressBlock(text)).toBe(block);
  });

  test.each([
    [undefined, /The vault itself names it/],
    ['10.0.0.1', /no vault ever sees \(private\)/],
    ['192.168.0.0/24', /private/],
    ['100.64.0.1', /carrierGradeNat/],
    ['127.0.0.1', /loopback/],
    ['203.0.113.0/23', /wider than \/24/],
    ['0.0.0.0/0', /wider than \/24/],
    ['203.0.113.6/31', /takes no \/31/],
    ['203.0.113.7/28', /did you mean 203\.0\.113\.0\/28/],
    ['2001:db8::1', /IPv4 addresses only/],
    ['203.0.113', /is not an IPv4 address/],
    ['010.0.0.1', /is not an IPv4 address/],
    ['$(reboot)', /is not an IPv4 address/],
  ])('%s is refused', (text, message) => {
    expect(() => addressBlock(text)).toThrow(message);
  });

  test.each([
    ['30m', 30],
    ['2h', 120],
    ['1h30m', 90],
    ['PT2H', 120],
    ['pt45m', 45],
    ['24h', 1440],
  ])('%s is %i minutes', (text, minutes) => {
    expect(duration(text)).toBe(minutes * 60_000);
  });

  test.each(['', 'PT', '2', '2d', 'P1D', '-1h', '30s', '0m', '25h', 'forever'])('%j is refused', (text) => {
    expect(() => duration(text)).toThrow(/--for takes/);
  });
});
