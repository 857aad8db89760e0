import { describe, expect, test } from 'vitest';
import { createEngine } from '../../src/engine/engine.js';
import type { JsonObject } from '../../src/types/json.js';
import type { AuditRecord } from '../../src/types/record.js';
import { fakeWorld, vaultId, workflowId } from './fake-world.js';
import { recordId } from '../../src/engine/record/record-id.js';

const APPROVER = { id: 'bbbbbbbb-0000-4000-8000-000000000002', name: 'ada@contoso.com', ip: null };

const vault = (defaultAction: string, values: readonly string[], more: JsonObject = {}): JsonObject => ({
  id: vaultId().id,
  location: 'westeurope',
  properties: {
    enableSoftDelete: true,
    enablePurgeProtection: true,
    networkAcls: {
      bypass: 'AzureServices',
      defaultAction,
      ipRules: values.map((value) => ({ value })),
      virtualNetworkRules: [],
    },
    ...more,
  },
});
const getSecret = (name: string): JsonObject => ({
  type: 'ApiConnection',
  inputs: {
    host: { connection: { name: "@parameters('$connections')['keyvault']['connectionId']" } },
    method: 'get',
    path: `/secrets/@{encodeURIComponent('${name}')}/value`,
  },
});
const playbook = (...names: readonly string[]): JsonObject => ({
  id: workflowId().id,
  location: 'westeurope',
  properties: {
    state: 'Enabled',
    definition: { actions: Object.fromEntries(names.map((name) => [`Get_${name}`, getSecret(name)])) },
    parameters: {
      $connections: {
        value: {
          keyvault: { id: '/subscriptions/s/providers/Microsoft.Web/locations/w/managedApis/keyvault' },
        },
      },
    },
  },
});

function worldOf(modes: Readonly<Record<string, 'off' | 'audit' | 'approve' | 'enforce'>>) {
  const world = fakeWorld();
  Object.assign(world.settings.modes, modes);
  const engine = createEngine(world.deps);
  const planned = (): AuditRecord | undefined =>
    world.records().findLast(({ outcome }) => outcome === 'planned');
  const approve = (id = planned()?.id ?? '') => engine.approve({ recordId: id, approver: APPROVER });
  const lookAt = (id = vaultId()) => engine.remediate({ id, dryRun: false, remediators: null });
  const aclsNow = () =>
    world.propertiesOf(vaultId()).networkAcls as { defaultAction: string; ipRules: { value: string }[] };
  const puts = () => world.calls.filter((call) => /^(?:PATCH|PUT)/.test(call));
  return { ...world, engine, planned, approve, lookAt, aclsNow, puts };
}

/** A Logic App that reads the vault, from an address. */
function readsVault(world: ReturnType<typeof worldOf>, address: string): void {
  world.workflows.set(workflowId('reader').key, {
    workflowId: workflowId('reader').id,
    connectionIds: [],
    reads: [
      {
        vaultName: 'kv-one',
        via: 'connector',
        signIn: { kind: 'unknown' },
        uses: ['secrets/get'],
        hasUnknownUse: false,
        addresses: [address],
      },
    ],
    isEnabled: true,
    returnsSecret: false,
    handsSecretTo: [],
    calls: [],
    listed: true,
  });
}

describe('a plan that has to be approved', () => {
  test('waits, is recorded once, and says how to approve it', async () => {
    const world = worldOf({ 'vault-firewall': 'approve' });
    world.put(vaultId(), vault('Allow', []));
    expect(await world.lookAt()).toMatchObject({ outcome: 'planned' });
    await world.lookAt();
    await world.engine.handleChange({
      id: vaultId(),
      correlationId: null,
      actor: null,
      isOfSurroundings: false,
      time: null,
    });
    expect(world.puts()).toEqual([]);
    expect(world.records()).toMatchObject([
      { outcome: 'planned', mode: 'audit', remediator: 'vault-firewall' },
    ]);
    expect(world.planned()?.warnings.join(' ')).toContain('POST /api/approve');
  });

  test('is written when somebody approves it, in that person’s name', async () => {
    const world = worldOf({ 'vault-firewall': 'approve' });
    world.put(vaultId(), vault('Allow', []));
    await world.lookAt();
    expect(await world.approve()).toMatchObject({ kind: 'done', result: { outcome: 'applied' }, gone: [] });
    expect(world.aclsNow().defaultAction).toBe('Deny');
    expect(world.records().at(-1)).toMatchObject({
      outcome: 'applied',
      trigger: 'http',
      mode: 'enforce',
      actor: APPROVER,
    });
  });

  test('twice: the second time there is nothing left of it', async () => {
    const world = worldOf({ 'vault-firewall': 'approve' });
    world.put(vaultId(), vault('Allow', []));
    await world.lookAt();
    const id = world.planned()?.id ?? '';
    await world.approve(id);
    expect(await world.approve(id)).toMatchObject({
      kind: 'done',
      result: { outcome: 'compliant' },
      gone: [{ path: '/properties/networkAcls/defaultAction' }],
    });
    expect(world.puts()).toHaveLength(1);
  });
});

describe('what is approved', () => {
  test('is only what the record showed: an action that is new stays planned', async () => {
    const world = worldOf({ 'workflow-secure-outputs': 'approve' });
    world.put(workflowId(), playbook('one', 'two'));
    await world.lookAt(workflowId());
    const id = world.planned()?.id ?? '';
    world.put(workflowId(), playbook('one', 'three'));
    const result = await world.approve(id);
    expect(result).toMatchObject({ kind: 'done', result: { outcome: 'applied' } });
    expect(result.kind === 'done' ? result.gone.map(({ path }) => path.split('/')[4]) : []).toEqual([
      'Get_two',
    ]);
    const { actions } = world.propertiesOf(workflowId()).definition as { actions: JsonObject };
    expect(
      [JSON.stringify(actions.Get_one), JSON.stringify(actions.Get_three)].map((text) =>
        text.includes('outputs'),
      ),
    ).toEqual([true, false]);
    expect(await world.lookAt(workflowId())).toMatchObject({ outcome: 'planned' });
  });

  test('is not written at all where edits that belong together are not all approved', async () => {
    const world = worldOf({ 'vault-firewall': 'approve' });
    world.put(vaultId(), vault('Deny', ['198.51.100.1']));
    await world.lookAt();
    world.put(vaultId(), vault('Allow', ['198.51.100.1']));
    await world.lookAt();
    const id = world.planned()?.id ?? '';
    world.put(vaultId(), vault('Allow', []));
    const result = await world.approve(id);
    // Shutting it without the rule that came back only now would turn somebody away.
    expect(result).toMatchObject({ kind: 'done', result: { outcome: 'planned' } });
    expect(world.puts()).toEqual([]);
    expect(await world.approve()).toMatchObject({ result: { outcome: 'applied' } });
    expect(world.aclsNow()).toMatchObject({ defaultAction: 'Deny', ipRules: [{ value: '198.51.100.1' }] });
  });

  test('never shuts a vault without its Logic Apps’ addresses', async () => {
    const world = worldOf({ 'vault-firewall': 'approve', 'vault-logic-app-ips': 'approve' });
    world.put(vaultId(), vault('Allow', []));
    readsVault(world, '20.1.2.3');
    await world.lookAt();
    const firewall = world.records().find(({ remediator }) => remediator === 'vault-firewall');
    const addresses = world.records().find(({ remediator }) => remediator === 'vault-logic-app-ips');
    expect(await world.approve(firewall?.id)).toMatchObject({ result: { outcome: 'refused' } });
    expect(world.aclsNow().defaultAction).toBe('Allow');
    expect(await world.approve(addresses?.id)).toMatchObject({ result: { outcome: 'applied' } });
    expect(await world.approve(firewall?.id)).toMatchObject({ result: { outcome: 'applied' } });
    expect(world.aclsNow()).toMatchObject({ defaultAction: 'Deny', ipRules: [{ value: '20.1.2.3/32' }] });
  });

  test.each(['approve', 'audit'] as const)(
    'nor does a firewall that is enforced, while the addresses are on %s',
    async (mode) => {
      const world = worldOf({ 'vault-firewall': 'enforce', 'vault-logic-app-ips': mode });
      world.put(vaultId(), vault('Allow', []));
      readsVault(world, '20.1.2.3');
      await world.lookAt();
      expect(world.aclsNow().defaultAction).toBe('Allow');
    },
  );
});

describe('there is nothing to approve', () => {
  test.each<[string, Partial<AuditRecord>, 'off' | 'audit' | 'approve' | 'enforce', RegExp]>([
    ['of a record that was applied', { outcome: 'applied' }, 'approve', /only a planned one/],
    ['of a remediator that is off', {}, 'off', /set to off/],
    ['of one that is only audited', {}, 'audit', /set it to approve/],
    ['of one that is enforced', {}, 'enforce', /waits for nobody/],
  ])('%s', async (_what, about, mode, why) => {
    const world = worldOf({ 'vault-firewall': 'approve' });
    world.put(vaultId(), vault('Allow', []));
    await world.lookAt();
    const record = { ...(world.planned() as AuditRecord), ...about };
    await world.deps.audit.write([record]);
    world.settings.modes['vault-firewall'] = mode;
    const result = await world.approve(record.id);
    expect(result).toMatchObject({ kind: 'not-waiting', why: expect.stringMatching(why) as string });
    expect(world.puts()).toEqual([]);
  });

  test('of a record that is not there, or a resource that is gone, out of scope, exempt or busy', async () => {
    const world = worldOf({ 'vault-firewall': 'approve' });
    world.put(vaultId(), vault('Allow', []));
    await world.lookAt();
    expect(await world.approve(recordId(new Date()))).toEqual({ kind: 'unknown' });
    world.settings.isBusy = true;
    expect(await world.approve()).toMatchObject({ kind: 'unavailable' });
    world.settings.isBusy = false;
    world.settings.exempt.add('vault-firewall');
    expect(await world.approve()).toMatchObject({ kind: 'done', result: { outcome: 'exempt' } });
    world.settings.exempt.clear();
    world.resources.clear();
    expect(await world.approve()).toMatchObject({ kind: 'gone' });
    Object.assign(world.deps.policy, { scopes: [] });
    expect(await world.approve()).toMatchObject({ kind: 'out-of-scope' });
    expect(world.puts()).toEqual([]);
    expect(world.queue).toEqual([]);
  });
});
