import { z } from 'zod';
import { ArmFailure } from '../arm/arm-error.js';
import { Location, Tags } from '../documents/body-parts.js';
import { defineType } from '../documents/define-type.js';
import type { Document, DocumentCall } from '../documents/document-type.js';
import { at, textAt } from '../json.js';
import type { World } from '../world.js';
import { demandUnprotectedAccount } from './worm-protection.js';

const SERVICES = ['blob', 'queue', 'table', 'file', 'dfs', 'web'] as const;

/**
 * https://learn.microsoft.com/azure/templates/microsoft.storage/2023-05-01/storageaccounts
 * Of the properties those that say who may come in, and how.
 */
export const STORAGE_ACCOUNT = defineType({
  type: 'Microsoft.Storage/storageAccounts',
  apiVersions: ['2023-05-01'],
  name: /^[a-z0-9]{3,24}$/,
  body: z.strictObject({
    location: Location,
    tags: Tags,
    kind: z.enum(['StorageV2', 'Storage', 'BlobStorage', 'FileStorage', 'BlockBlobStorage']),
    sku: z.strictObject({
      name: z.enum([
        'Standard_LRS',
        'Standard_GRS',
        'Standard_RAGRS',
        'Standard_ZRS',
        'Premium_LRS',
        'Premium_ZRS',
        'Standard_GZRS',
        'Standard_RAGZRS',
      ]),
    }),
    properties: z
      .strictObject({
        accessTier: z.enum(['Hot', 'Cool', 'Cold', 'Premium']).optional(),
        allowSharedKeyAccess: z.boolean().optional(),
        defaultToOAuthAuthentication: z.boolean().optional(),
        allowBlobPublicAccess: z.boolean().optional(),
        allowCrossTenantReplication: z.boolean().optional(),
        minimumTlsVersion: z.enum(['TLS1_0', 'TLS1_1', 'TLS1_2', 'TLS1_3']).optional(),
        supportsHttpsTrafficOnly: z.boolean().optional(),
        publicNetworkAccess: z.enum(['Enabled', 'Disabled', 'SecuredByPerimeter']).optional(),
      })
      .optional(),
  }),
  check: checkNameIsFree,
  demandDeletable: demandUnprotectedAccount,
  generated: ({ place: { name } }) => ({
    provisioningState: 'Succeeded',
    primaryEndpoints: Object.fromEntries(
      SERVICES.map((service) => [
        service,
        // A static website's host also names a zone, which nothing here needs.
        `https://${name}.${service}.core.windows.net/`,
      ]),
    ),
  }),
});

/** Storage accounts have names that are unique in the whole cloud. */
function checkNameIsFree({ world, place }: DocumentCall): void {
  const taken = accountNamed(world, place.name);
  if (taken === undefined || taken.key === place.key) return;
  throw new ArmFailure(
    409,
    'StorageAccountAlreadyTaken',
    `The storage account named ${place.name} is already taken.`,
  );
}

export function accountNamed(world: World, name: string): Document | undefined {
  return world.documents.ofType(STORAGE_ACCOUNT).find((account) => account.name === name.toLowerCase());
}

/** Whether the account takes its keys: it does unless it says otherwise. */
export function takesKeys(account: Document): boolean {
  return at(account.content.properties, 'allowSharedKeyAccess') !== false;
}

/** The account and the container that a blob URL names; undefined for any other URL. */
export function containerAt(
  world: World,
  url: string,
): { readonly account: Document; readonly containerId: string } | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin, pathname } = new URL(url);
  const account = world.documents
    .ofType(STORAGE_ACCOUNT)
    .find(({ content }) => textAt(content.properties, 'primaryEndpoints', 'blob') === `${origin}/`);
  const name = pathname.slice(1);
  if (account === undefined || name === '' || name.includes('/')) return undefined;
  return { account, containerId: `${account.id}/blobServices/default/containers/${name}` };
}
