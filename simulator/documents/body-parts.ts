import { z } from 'zod';

/** What bodies of many resource types have in common. */

export const Location = z.string().min(1);
/** https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations */
export const Tags = z.record(z.string().max(512), z.string().max(256)).optional();
export const Guid = z.guid();
export const ResourceId = z.string().startsWith('/subscriptions/');
export const HttpsUrl = z.url({ protocol: /^https$/ });
