import { expect, test } from 'vitest';
import { bucketOf } from '../../src/azure/bucket-of.js';

const ARM = 'https://arm.example';
const SUB = '/subscriptions/11111111-2222-4333-8444-555555555555';
const VAULT = `${SUB}/resourceGroups/RG/providers/Microsoft.KeyVault/vaults/kv`;

test.each([
  ['a read', 'GET', `${VAULT}?api-version=1`, `${SUB.slice(15)} reads`, VAULT],
  ['a write', 'PATCH', VAULT, `${SUB.slice(15)} writes`, VAULT],
  ['a question that is posted counts as a write', 'POST', VAULT, `${SUB.slice(15)} writes`, VAULT],
  ['a deletion', 'DELETE', VAULT, `${SUB.slice(15)} deletes`, VAULT],
  [
    'what belongs to a resource is that resource',
    'PUT',
    `${VAULT}/accessPolicies/replace`,
    `${SUB.slice(15)} writes`,
    VAULT,
  ],
  [
    'an extension, too',
    'GET',
    `${VAULT}/providers/Microsoft.Insights/diagnosticSettings`,
    `${SUB.slice(15)} reads`,
    VAULT,
  ],
  [
    'a list is itself',
    'GET',
    `${SUB}/providers/Microsoft.KeyVault/vaults`,
    `${SUB.slice(15)} reads`,
    `${SUB}/providers/Microsoft.KeyVault/vaults`,
  ],
  [
    'without a subscription it is the tenant',
    'GET',
    '/providers/Microsoft.Web/x',
    'tenant reads',
    '/providers/Microsoft.Web/x',
  ],
  ['an address that cannot be decoded', 'GET', `${SUB}/a%zz`, `${SUB.slice(15)} reads`, `${SUB}/a%zz`],
])('%s', (_name, method, path, bucket, resource) => {
  expect(bucketOf(method, `${ARM}${path}`)).toMatchObject({ bucket, resource: resource.toLowerCase() });
});

test('case does not matter: ARM ignores it', () => {
  expect(bucketOf('GET', `${ARM}${VAULT.toUpperCase()}`)).toEqual(bucketOf('GET', `${ARM}${VAULT}`));
});
