import { afterEach, beforeEach, describe, expect, test, it } from 'vitest';
import { createActivityLog } from '../../src/azure/activity-log.js';
import { createArmPipelines } from '../../src/azure/arm-pipeline.js';
import { createPacer } from '../../src/azure/pacer.js';
import { ArmError } from '../../src/engine/arm-error.js';
import type { ActivityEvent, ActivityLog } from '../../src/engine/self-audit/ports.js';
import { DEFAULT_SUBSCRIPTION, type Azure } from '../../simulator/azure.js';
import { principalNamed } from '../../simulator/principal.js';
import { vault } from '../../demo/estate.js';
import { parseResourceId } from '../../src/types/resource-id.js';
import { ARM, instanceOver, overAzure } from './over-azure.js';

const GROUP = `/subscriptions/${DEFAULT_SUBSCRIPTION}/resourceGroups/rg`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-one`;
const HOLDFAST = principalNamed('holdfast');
const WRITE_ID = '3f9aa1e6-0b43-4f3b-9a3c-1f6f0d0c7a11';

let azure: Azure;
let log: ActivityLog;
let over: ReturnType<typeof overAzure>;
beforeEach(async () => {
  over = overAzure();
  ({ azure } = over);
  const { sweep } = createArmPipelines(ARM, over.token, over.http, createPacer());
  log = createActivityLog(sweep.logic, ARM);
  azure.addResourceGroup(DEFAULT_SUBSCRIPTION, 'rg');
  await azure.as('alice@contoso.com').put(VAULT, vault(azure, {}));
});
afterEach(() => {
  azure.stop();
});

async function eventsOf(group: string | null = null): Promise<readonly ActivityEvent[]> {
  const range = { from: new Date(Date.now() - 60_000), to: new Date(Date.now() + 60_000) };
  const found: ActivityEvent[] = [];
  for await (const page of log.events(DEFAULT_SUBSCRIPTION, group, range)) found.push(...page);
  return found;
}
const write = () =>
  instanceOver(over.token, over.http).writer.patchVault(
    parseResourceId(VAULT),
    JSON.stringify({ properties: { enableRbacAuthorization: true } }),
    WRITE_ID,
  );

describe("a write of Holdfast's own", () => {
  it('is there under all of its names', async () => {
    const { armRequestId } = await write();
    const ours = (await eventsOf()).filter(({ clientRequestId }) => clientRequestId === WRITE_ID);
    expect(ours.map(({ status }) => status)).toEqual(['Succeeded', 'Started']);
    expect(ours[0]).toMatchObject({
      operation: 'Microsoft.KeyVault/vaults/write',
      category: 'Administrative',
      resourceId: VAULT,
      correlationId: WRITE_ID,
      serviceRequestId: armRequestId,
    });
    const ids = HOLDFAST.kind === 'user' ? [] : [HOLDFAST.objectId, HOLDFAST.appId];
    expect(ours[0]?.callers).toEqual(ids);
    expect(ours[0]?.at?.getTime()).toBeGreaterThan(Date.now() - 60_000);
  });

  it('has no correlation id of ours where ARM gives it its own', async () => {
    azure.switches.set({ correlationRequestId: 'ignored' });
    await write();
    const ours = (await eventsOf()).filter(({ clientRequestId }) => clientRequestId === WRITE_ID);
    expect(ours.map(({ correlationId }) => correlationId === WRITE_ID)).toEqual([false, false]);
  });
});

describe('the log', () => {
  test.each([1, 2, 100])('is read to its end in pages of %d', async (size) => {
    azure.pageSize = size;
    await write();
    await write();
    expect(await eventsOf()).toHaveLength(6);
  });

  test.each([
    ['rg', 2],
    ['rg-two', 0],
  ])('of the resource group %s alone', async (group, count) => {
    expect(await eventsOf(group)).toHaveLength(count);
  });

  it('that may not be read says which permission is missing, and where', async () => {
    azure.permissions.restrict(HOLDFAST.objectId, []);
    const failure = await eventsOf().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ArmError);
    expect((failure as ArmError).details.kind).toBe('unauthorized');
    expect((failure as ArmError).message).toContain(
      `lacks Microsoft.Insights/eventtypes/values/read at /subscriptions/${DEFAULT_SUBSCRIPTION};`,
    );
  });

  test.each<[string, unknown, Partial<ActivityEvent>]>([
    ['nothing of it', {}, { id: null, at: null, category: null, operation: '', status: '', callers: [] }],
    ['what is no text', { caller: 7, claims: [], status: 'Succeeded' }, { callers: [], status: '' }],
    ['no resource', { resourceId: '' }, { resourceId: `/subscriptions/${DEFAULT_SUBSCRIPTION}` }],
    ['a time that is none', { eventTimestamp: 'soon' }, { at: null }],
    ['a client id alone', { claims: { appid: 'AA' } }, { callers: ['aa'] }],
    ['an address among the claims', { claims: { ipaddr: '203.0.113.9' } }, { callerIp: '203.0.113.9' }],
  ])('is read as far as an event says anything: %s', async (_what, event, expected) => {
    azure.faults.add({
      path: '*/eventtypes/*',
      action: { kind: 'error', status: 200, body: JSON.stringify({ value: [event] }) },
    });
    expect(await eventsOf()).toMatchObject([expected]);
  });

  it('that is no list is not taken for an empty one', async () => {
    azure.faults.add({ path: '*/eventtypes/*', action: { kind: 'error', status: 200, body: '{}' } });
    await expect(eventsOf()).rejects.toThrow("Azure's answer is no list");
  });
});
