import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readChangeEvent } from '../../src/engine/change-event.js';

const SUB = '11111111-2222-4333-8444-555555555555';
const vault = `/subscriptions/${SUB}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-one`;
const workflow = `/subscriptions/${SUB}/resourceGroups/rg/providers/Microsoft.Logic/workflows/play`;
const connection = `/subscriptions/${SUB}/resourceGroups/rg/providers/Microsoft.Web/connections/keyvault`;
const WRITE = 'Microsoft.Resources.ResourceWriteSuccess';

describe('where an event says to look', () => {
  test.each([
    ['a vault write', vault, vault],
    ['an access policy write', `${vault}/accessPolicies/add`, vault],
    ['a tag write on a vault', `${vault}/providers/Microsoft.Resources/tags/default`, vault],
    ['a workflow write', workflow, workflow],
    ["a write to a workflow's child", `${workflow}/triggers/manual`, workflow],
    ['a connection write', connection, connection],
  ])('%s', (_name, resourceUri, expected) => {
    expect(readChangeEvent(WRITE, { resourceUri })?.id.id).toBe(expected);
  });

  test('case varies in everything', () => {
    const event = readChangeEvent('MICROSOFT.RESOURCES.RESOURCEWRITESUCCESS', {
      resourceUri: vault.toUpperCase(),
    });
    expect(event?.id.key).toBe(vault.toLowerCase());
  });

  test('an action counts, as the disabling of a workflow', () => {
    expect(
      readChangeEvent('Microsoft.Resources.ResourceActionSuccess', { resourceUri: workflow }),
    ).not.toBeNull();
  });

  test('the deletion of a vault counts, because it can be recovered', () => {
    const event = readChangeEvent('Microsoft.Resources.ResourceDeleteSuccess', { resourceUri: vault });
    expect(event?.id.key).toBe(vault.toLowerCase());
  });

  test.each([
    ['a role assignment', '/providers/Microsoft.Authorization/roleAssignments/a', true],
    ['a diagnostic setting', '/PROVIDERS/microsoft.insights/diagnosticsettings/a', true],
    ['an access policy', '/accessPolicies/add', false],
    ['tags', '/providers/Microsoft.Resources/tags/default', false],
  ])('%s of a vault is of the vault; whether it is of its surroundings is said', (_name, child, expected) => {
    const event = readChangeEvent(WRITE, { resourceUri: vault + child });
    expect(event?.id.key).toBe(vault.toLowerCase());
    expect(event?.isOfSurroundings).toBe(expected);
  });
});

describe('events that concern nothing', () => {
  test.each([
    [
      'a resource of another type',
      WRITE,
      { resourceUri: vault.replace('KeyVault/vaults', 'Storage/storageAccounts') },
    ],
    ['a write to a group', WRITE, { resourceUri: `/subscriptions/${SUB}/resourceGroups/rg` }],
    ['a failure', 'Microsoft.Resources.ResourceWriteFailure', { resourceUri: vault }],
    ['the deletion of a workflow', 'Microsoft.Resources.ResourceDeleteSuccess', { resourceUri: workflow }],
    ['no resource', WRITE, {}],
    ['no data', WRITE, null],
    ['data that is a text', WRITE, 'x'],
    ['a type that is a number', 7, { resourceUri: vault }],
  ])('%s', (_name, type, data) => {
    expect(readChangeEvent(type, data)).toBeNull();
  });

  test('whatever comes, it does not throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (data, uri) => {
        readChangeEvent(WRITE, data);
        readChangeEvent(WRITE, { resourceUri: uri, claims: data, httpRequest: data, correlationId: data });
      }),
    );
  });
});

describe('who made the write', () => {
  const claims = {
    'http://schemas.microsoft.com/identity/claims/objectidentifier': 'oid-1',
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'alice@example.com',
    ipaddr: '203.0.113.7',
    appid: 'app-1',
  };
  test.each([
    ['a person', { claims }, { id: 'oid-1', name: 'alice@example.com', ip: '203.0.113.7' }],
    ['an app', { claims: { appid: 'app-1' } }, { id: 'app-1', name: 'app-1', ip: null }],
    [
      'the address of the request before the one in the claims',
      { claims, httpRequest: { clientIpAddress: '198.51.100.1' } },
      { id: 'oid-1', name: 'alice@example.com', ip: '198.51.100.1' },
    ],
    ['nobody, where the event does not say', {}, null],
    ['nobody, where claims are no map', { claims: 'x' }, null],
    ['nobody, where a claim is no text', { claims: { appid: 7 } }, null],
  ])('%s', (_name, data, actor) => {
    expect(readChangeEvent(WRITE, { resourceUri: vault, ...data })?.actor).toEqual(actor);
  });
});
