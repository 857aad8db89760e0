import { z } from 'zod';
import { defineType } from '../documents/define-type.js';
import { demandUnprotectedContainer } from './worm-protection.js';

/** https://learn.microsoft.com/azure/templates/microsoft.storage/2023-05-01/storageaccounts/blobservices */
export const BLOB_SERVICE = defineType({
  type: 'Microsoft.Storage/storageAccounts/blobServices',
  apiVersions: ['2023-05-01'],
  name: /^default$/,
  body: z.strictObject({
    properties: z
      .strictObject({
        isVersioningEnabled: z.boolean().optional(),
        deleteRetentionPolicy: retention().optional(),
        containerDeleteRetentionPolicy: retention().optional(),
      })
      .optional(),
  }),
});

/**
 * https://learn.microsoft.com/azure/templates/microsoft.storage/2023-05-01/storageaccounts/blobservices/containers
 * https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata#container-names
 */
export const BLOB_CONTAINER = defineType({
  type: 'Microsoft.Storage/storageAccounts/blobServices/containers',
  apiVersions: ['2023-05-01'],
  name: /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/,
  demandDeletable: demandUnprotectedContainer,
  body: z.strictObject({
    properties: z
      .strictObject({
        publicAccess: z.enum(['None', 'Blob', 'Container']).optional(),
        metadata: z.record(z.string(), z.string()).optional(),
        defaultEncryptionScope: z.string().optional(),
        denyEncryptionScopeOverride: z.boolean().optional(),
      })
      .optional(),
  }),
});

function retention() {
  return z.strictObject({
    enabled: z.boolean().optional(),
    days: z.int().min(1).max(365).optional(),
    allowPermanentDelete: z.boolean().optional(),
  });
}
