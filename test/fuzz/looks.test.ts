import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_POLICIES } from '../../src/engine/write/write-target.js';
import { unconfirmedEdits } from '../../src/engine/write/verify-edits.js';
import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../../src/types/json.js';
import type { ResourceId } from '../../src/types/resource-id.js';
import { isCovered, parseRange, unionOf } from '../../src/vault/ip-range.js';
import { vaultId, workflowId } from '../engine/fake-world.js';
import {
  ADDRESS,
  connectionDocument,
  connectionId,
  estate,
  vaultDocument,
  workflowDocument,
  type Estate,
} from './estate.js';
import { mutatedJson } from './mutated-json.js';
import { run } from './run.js';
import { skipWaiting } from './skip-waiting.js';

/*
 * Whole looks at documents that Azure never gave: the real engine and clients, everything switched on.
 */

let goOn: () => void;
beforeAll(() => {
  goOn = skipWaiting();
});
afterAll(() => {
  goOn();
});

const parsed = (text: string): JsonObject => JSON.parse(text) as JsonObject;
const listAt = (document: JsonObject, ...keys: readonly string[]): readonly Json[] => {
  const value = keys.reduce<Json | undefined>((inner, key) => getIgnoringCase(inner, key), document);
  return Array.isArray(value) ? (value as readonly Json[]) : [];
};

/** The vault's rules of every spelling of the key, as texts to compare. */
const rulesOf = (document: JsonObject, list: string): readonly string[] =>
  listAt(document, 'properties', 'networkAcls', list).map((rule) => JSON.stringify(rule));

const isShut = (document: JsonObject): boolean =>
  getIgnoringCase(
    getIgnoringCase(getIgnoringCase(document, 'properties'), 'networkAcls'),
    'defaultAction',
  ) === 'Deny';

function lets(document: JsonObject, address: string): boolean {
  const ranges = listAt(document, 'properties', 'networkAcls', 'ipRules')
    .map((rule) => getIgnoringCase(rule, 'value'))
    .flatMap((value) => (typeof value === 'string' ? (parseRange(value) ?? []) : []));
  const wanted = parseRange(address);
  return wanted !== null && isCovered(wanted, unionOf(ranges));
}

/** What no write to a vault may do, whatever the vault is. */
function judgeVaultWrites(world: Estate): void {
  for (const { key, method, before, after, body } of world.azure.writes) {
    if (key !== vaultId().key || method !== 'PATCH') continue;
    const [old, now, sent] = [parsed(before), parsed(after), parsed(body)];
    expect(Object.keys(sent)).toEqual(['properties']);
    for (const name of Object.keys(sent.properties as JsonObject))
      expect(['networkAcls', 'enablePurgeProtection', 'enableSoftDelete']).toContain(name);
    for (const list of ['ipRules', 'virtualNetworkRules'])
      for (const rule of rulesOf(old, list)) expect(rulesOf(now, list)).toContain(rule);
    const acls = getIgnoringCase(old.properties, 'networkAcls');
    const others = Object.entries(isJsonObject(acls) ? acls : {}).filter(
      ([name]) => !['defaultAction', 'bypass', 'ipRules', 'virtualNetworkRules'].includes(name),
    );
    const written = getIgnoringCase(now.properties, 'networkAcls');
    for (const [name, value] of others) expect(isJsonObject(written) && written[name]).toEqual(value);
    if (isShut(now) && !isShut(old)) expect(lets(now, ADDRESS)).toBe(true);
  }
}

/** Each change that is said to be there is there. */
function judgeRecords(world: Estate, id: ResourceId): void {
  const live = parsed(world.azure.texts.get(id.key) ?? '{}');
  for (const { outcome, edits, resourceId } of world.records()) {
    expect(outcome).not.toBe('pending');
    if (outcome !== 'applied' || resourceId.toLowerCase() !== id.key) continue;
    const own = edits.filter(
      ({ path }) => !path.startsWith('/diagnosticSettings') && path !== ACCESS_POLICIES,
    );
    expect(unconfirmedEdits(live, own)).toEqual([]);
  }
}

/** Looked at in every way; then once more, when there must be nothing left to write. */
async function settles(world: Estate, id: ResourceId): Promise<void> {
  const look = (dryRun: boolean) => world.engine.remediate({ id, dryRun, remediators: null });
  await look(true);
  expect(world.azure.writes).toEqual([]);
  await look(false);
  const own = () =>
    world.azure.writes
      .filter(({ key }) => key === id.key)
      .map(({ method, url, body }) => [method, url, body]);
  const first = own();
  await look(false);
  await look(false);
  expect(own()).toEqual(first);
}

describe('a vault with some of it changed', () => {
  test('is shut with the addresses, keeps every rule, and is left alone afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedJson(vaultDocument), async (document) => {
        const world = estate();
        world.azure.texts.set(vaultId().key, JSON.stringify(document));
        await settles(world, vaultId());
        judgeVaultWrites(world);
        judgeRecords(world, vaultId());
      }),
      run(60),
    );
  });
});

const READ_ONLY = ['id', 'name', 'type', 'etag', 'systemData'];
const READ_ONLY_PROPERTIES = [
  'provisioningState',
  'createdTime',
  'changedTime',
  'version',
  'accessEndpoint',
  'sku',
  'endpointsConfiguration',
];

/** The places where two documents differ. */
function differences(a: Json | undefined, b: Json | undefined, path = ''): readonly string[] {
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) =>
      differences(a[key], b[key], `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
    );
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    const [one, other] = [a as readonly Json[], b as readonly Json[]];
    return Array.from({ length: Math.max(one.length, other.length) }, (_, i) =>
      differences(one[i], other[i], `${path}/${i}`),
    ).flat();
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [path];
}

function judgeWorkflowWrites(world: Estate): void {
  const edits = world.history.flatMap((record) => record.edits);
  for (const { key, method, before, body } of world.azure.writes) {
    if (key !== workflowId().key) continue;
    expect(method).toBe('PUT');
    const [old, sent] = [parsed(before), parsed(body)];
    for (const path of differences(old, sent)) {
      const isReadOnly =
        READ_ONLY.some((name) => path === `/${name}` || path.startsWith(`/${name}/`)) ||
        READ_ONLY_PROPERTIES.some((name) => `${path}/`.startsWith(`/properties/${name}/`)) ||
        /^\/identity\/(principalId|tenantId|userAssignedIdentities)/.test(path);
      const isEdited = edits.some(
        (edit) => `${path}/`.startsWith(`${edit.path}/`) || edit.path.startsWith(`${path}/`),
      );
      expect([path, isReadOnly || isEdited]).toEqual([path, true]);
    }
  }
}

describe('a workflow with some of it changed', () => {
  test('is written at the places of the edits alone, and is left alone afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedJson(workflowDocument), async (document) => {
        const world = estate();
        world.azure.texts.set(workflowId().key, JSON.stringify(document));
        await settles(world, workflowId());
        judgeWorkflowWrites(world);
        judgeRecords(world, workflowId());
      }),
      run(30),
    );
  });
});

describe('a connection with some of it changed', () => {
  test('stops nothing', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedJson(connectionDocument), async (document) => {
        const world = estate();
        world.azure.texts.set(connectionId.key, JSON.stringify(document));
        await world.engine.remediate({ id: connectionId, dryRun: false, remediators: null });
        await settles(world, workflowId());
        judgeWorkflowWrites(world);
      }),
      run(20),
    );
  });
});

describe('what belongs to a vault, with some of it changed', () => {
  const roles: Json = [
    {
      id: `${vaultId().id}/providers/Microsoft.Authorization/roleAssignments/1`,
      name: '1',
      properties: {
        scope: vaultId().id,
        principalId: 'dddddddd-2222-4333-8444-555555555555',
        principalType: 'ServicePrincipal',
        roleDefinitionId:
          '/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/00482a5a-887f-4fb3-b363-3b7fe8e74483',
        condition: null,
      },
    },
  ];
  const settings: Json = [
    {
      id: `${vaultId().id}/providers/microsoft.insights/diagnosticSettings/holdfast-audit`,
      name: 'holdfast-audit',
      properties: {
        logs: [{ category: 'AuditEvent', enabled: false, retentionPolicy: { days: 0, enabled: false } }],
        metrics: [],
        workspaceId: null,
      },
    },
    {
      name: 'other',
      properties: { logs: [{ categoryGroup: 'allLogs', enabled: true }], storageAccountId: '/x' },
    },
  ];
  test('keeps nobody from shutting it', async () => {
    await fc.assert(
      fc.asyncProperty(
        mutatedJson(roles),
        mutatedJson(settings),
        fc.boolean(),
        async (role, setting, usesRoles) => {
          const world = estate();
          const properties = {
            ...(vaultDocument.properties as JsonObject),
            enableRbacAuthorization: usesRoles,
          };
          world.azure.texts.set(vaultId().key, JSON.stringify({ ...vaultDocument, properties }));
          world.azure.lists.set('roleassignments', role as Json[]);
          world.azure.lists.set('diagnosticsettings', setting as Json[]);
          await world.engine.remediate({ id: vaultId(), dryRun: false, remediators: null });
          judgeVaultWrites(world);
          expect(isShut(parsed(world.azure.texts.get(vaultId().key) ?? ''))).toBe(true);
        },
      ),
      run(40),
    );
  });
});

describe('a deleted vault with some of it changed', () => {
  const deleted: Json = {
    id: `/subscriptions/x/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-one`,
    name: 'kv-one',
    properties: {
      vaultId: vaultId().id,
      location: 'westeurope',
      deletionDate: '2026-11-20T00:00:00Z',
      scheduledPurgeDate: '2027-02-18T00:00:00Z',
      tags: { team: 'soc' },
      purgeProtectionEnabled: true,
    },
  };
  test('is recovered as that vault, or left alone', async () => {
    await fc.assert(
      fc.asyncProperty(mutatedJson(deleted), async (document) => {
        const world = estate();
        world.azure.texts.delete(vaultId().key);
        world.azure.lists.set('deletedvaults', [document]);
        await world.engine.remediate({ id: vaultId(), dryRun: false, remediators: null });
        for (const { key, body } of world.azure.writes.slice(0, 1)) {
          expect(key).toBe(vaultId().key);
          expect((parsed(body).properties as JsonObject).createMode).toBe('recover');
        }
      }),
      run(40),
    );
  });
});
