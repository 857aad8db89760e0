import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { fetchRecords } from '../../demo/audit-client.js';
import { GROUP, getSecret, PIPELINE, playbook, vault, vaultPath, workflowPath } from '../../demo/estate.js';
import { settle } from '../../demo/settle.js';
import { startStack, SUBSCRIPTION, type Stack } from '../../demo/stack.js';
import { SWITCH_DEFINITIONS, type Switches } from '../../simulator/switches.js';
import {
  connectionPath,
  CONNECTORS,
  eventually,
  firewall,
  keyVaultConnection,
  OFFICE,
  rulesOf,
  subnetsOf,
  SUBNET,
  WIPED,
} from './fault-scenario.js';
import { onlyMainJob } from './main-job.js';

const ALICE = 'alice@contoso.com';
const LAPTOP = '203.0.113.9/32';

/** What numbers to try of a switch that takes any. */
const NUMBERS: Partial<Record<keyof Switches, readonly number[]>> = {
  staleReadsMs: [0, 1500],
  eventDuplicates: [0, 1, 3],
  eventDelayMinMs: [0],
  eventDelayMaxMs: [0, 800],
  eventLoss: [0, 1],
};

/** Every setting of every switch, one at a time. */
const ROWS = Object.entries(SWITCH_DEFINITIONS).flatMap(([name, { values }]) =>
  (values === 'number' ? (NUMBERS[name as keyof Switches] ?? []) : values).map(
    (value) => [name, value] as const,
  ),
);

describe('whatever Azure does where nobody knows it', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ settings: onlyMainJob() });
    stack.simulator.azure.addResourceGroup(SUBSCRIPTION, 'rg-security', 'westeurope');
    await stack.sweep();
    await stack.subscribe();
  });
  afterAll(() => stack.close());
  afterEach(() => {
    stack.simulator.azure.switches.reset();
  });

  const documentOf = (id: string) =>
    JSON.parse(stack.simulator.azure.read(id) ?? '{}') as {
      tags?: unknown;
      identity?: unknown;
      properties: Record<string, unknown>;
    };
  const isRight = (id: string, ...addresses: string[]): boolean => {
    const { azure } = stack.simulator;
    const acls = documentOf(id).properties.networkAcls as { defaultAction?: string } | undefined;
    return (
      acls?.defaultAction === 'Deny' &&
      addresses.every((address) => rulesOf(azure, id).includes(address)) &&
      subnetsOf(azure, id).includes(SUBNET)
    );
  };

  test.each(ROWS)(
    '%s = %s: a vault and a workflow end safe, and nothing of theirs is lost',
    { timeout: 60_000 },
    async (name, value) => {
      const { azure } = stack.simulator;
      const key = `${name}-${value}`.toLowerCase().replace(/[^a-z0-9]/g, '');
      const vaultName = `kv${ROWS.findIndex((row) => row[0] === name && row[1] === value)}-${key}`
        .slice(0, 24)
        .replace(/-$/, '');
      const vaultId = vaultPath(vaultName);
      const workflowId = workflowPath(`la-${key}`);
      azure.switches.set({ [name]: value });
      const pipeline = azure.as(PIPELINE);
      const secured = playbook({ Get_secret: getSecret('token', true) }, `to-${key}`);
      const opened = playbook({ Get_secret: getSecret('token', false) }, `to-${key}`);

      await pipeline.put(connectionPath(`to-${key}`), keyVaultConnection(vaultName));
      await pipeline.put(workflowId, secured);
      await pipeline.put(vaultId, {
        ...vault(azure, {
          networkAcls: firewall('Deny', OFFICE),
          enableSoftDelete: true,
          enablePurgeProtection: true,
        }),
        tags: { owner: 'team' },
      });
      // Where events get lost, or reads lag behind them, a sweep finds what they would have announced.
      const isSwept = name === 'eventLoss' || name === 'staleReadsMs';
      const soon = (what: string, check: () => boolean) =>
        eventually(what, async () => {
          if (isSwept && !check()) await stack.sweep();
          return check();
        });
      await soon('the vault lets its Logic App in', () => isRight(vaultId, OFFICE, ...CONNECTORS));

      await azure
        .as(ALICE)
        .patch(vaultId, { properties: { networkAcls: { ...WIPED, ipRules: [{ value: LAPTOP }] } } });
      await soon('the vault is shut as it was', () => isRight(vaultId, OFFICE, LAPTOP, ...CONNECTORS));
      expect(documentOf(vaultId).tags).toEqual({ owner: 'team' });

      await azure.as(ALICE).put(workflowId, { ...opened, tags: { owner: 'team' } });
      await soon('the workflow hides its secret', () =>
        JSON.stringify(documentOf(workflowId).properties.definition).includes(
          '"secureData":{"properties":["outputs"]}',
        ),
      );
      const { tags, identity, properties } = documentOf(workflowId);
      expect(tags).toEqual({ owner: 'team' });
      expect(identity).toMatchObject({ type: 'SystemAssigned' });
      expect(properties).toMatchObject({
        state: 'Enabled',
        accessControl: { triggers: { sasAuthenticationPolicy: { state: 'Disabled' } } },
        parameters: { $connections: { value: { keyvault: { connectionId: connectionPath(`to-${key}`) } } } },
      });

      await settle(stack);
      for (const resourceId of [vaultId, workflowId]) {
        const records = await fetchRecords(stack.hostUrl, { resourceId });
        expect(
          records.filter(({ outcome }) => outcome === 'pending'),
          GROUP,
        ).toEqual([]);
        const changes = azure.journal.changes({ resourceId, principal: stack.simulator.identity.objectId });
        const applied = new Set(
          records.filter(({ outcome }) => outcome === 'applied').map(({ writeId }) => writeId),
        );
        expect([...applied].sort()).toEqual(changes.map(({ clientRequestId }) => clientRequestId).sort());
      }
    },
  );

  test.each(['reject', 'preserve', 'wipe'] as const)(
    'secureValueOmitted = %s: a workflow with a secure parameter is never written, and its value stays',
    async (secureValueOmitted) => {
      const { azure } = stack.simulator;
      azure.switches.set({ secureValueOmitted });
      const id = workflowPath(`secure-${secureValueOmitted}`);
      const body = playbook({ Get_secret: getSecret('token', false) }, 'to-nowhere') as {
        properties: {
          definition: { parameters: Record<string, unknown> };
          parameters: Record<string, unknown>;
        };
      };
      body.properties.definition.parameters.Password = { type: 'SecureString' };
      body.properties.parameters.Password = { value: 'correct horse' };
      await azure.as(PIPELINE).put(id, body);
      const [refused] = await eventually('it is refused', async () => {
        const found = await fetchRecords(stack.hostUrl, { resourceId: id, outcome: 'refused' });
        return found.length > 0 && found;
      });
      expect(refused?.error).toContain('secure');
      expect(azure.journal.writes({ under: id })).toEqual([]);
      expect(azure.secretOf(id, 'Password')).toBe('"correct horse"');
    },
  );
});
