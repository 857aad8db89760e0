import { z } from 'zod';
import { listOf } from './list-of.js';

export const principals = z
  .string()
  .default('')
  .transform((text, context) => {
    const ids = listOf(text).map((id) => id.toLowerCase());
    for (const id of ids) {
      if (!z.guid().safeParse(id).success) context.addIssue(`"${id}" is not an object id (a GUID).`);
    }
    return new Set(ids);
  });

/** https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftoperationalinsights */
const WORKSPACE =
  /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/resourcegroups\/[\p{L}\p{N}._()-]{1,90}\/providers\/microsoft\.operationalinsights\/workspaces\/[a-z0-9][a-z0-9-]{2,61}[a-z0-9]$/iu;

export const workspace = z
  .string()
  .regex(
    WORKSPACE,
    'must be the resource id of a Log Analytics workspace: /subscriptions/{id}/resourceGroups/{name}/providers/Microsoft.OperationalInsights/workspaces/{name}.',
  )
  .optional();

export const logIngestionRule = z
  .string()
  .regex(/^dcr-[0-9a-f]{32}$/i, 'must be the immutable id of a data collection rule: dcr- and 32 hex digits.')
  .optional();
