import { z } from 'zod';
import { ArmFailure } from '../arm/arm-error.js';
import { defineType } from '../documents/define-type.js';
import type { Document } from '../documents/document-type.js';
import { at, listOf, textAt } from '../json.js';

const TYPES = ['string', 'int', 'long', 'real', 'boolean', 'datetime', 'guid', 'dynamic'];
/** Columns that every table has, whatever it says: https://learn.microsoft.com/azure/azure-monitor/logs/create-custom-table */
const RESERVED = ['_resourceid', '_subscriptionid', 'id', 'tenantid', 'type', 'uniqueid', 'title'];

const Column = z.strictObject({
  name: z.string().regex(/^[a-z]\w{0,44}$/i),
  // Microsoft's pages write dateTime and datetime; both are taken.
  type: z.string().refine((type) => TYPES.includes(type.toLowerCase()), `must be one of ${TYPES.join(', ')}`),
  description: z.string().optional(),
  displayName: z.string().optional(),
});

/** https://learn.microsoft.com/azure/templates/microsoft.operationalinsights/2022-10-01/workspaces/tables */
export const LOG_TABLE = defineType({
  type: 'Microsoft.OperationalInsights/workspaces/tables',
  apiVersions: ['2022-10-01'],
  name: /^[a-z][a-z0-9_]{0,59}_CL$/i,
  body: z.strictObject({
    properties: z.strictObject({
      plan: z.enum(['Analytics', 'Basic', 'Auxiliary']).optional(),
      retentionInDays: z.int().min(4).max(730).optional(),
      totalRetentionInDays: z.int().min(4).max(4383).optional(),
      schema: z.strictObject({
        name: z.string(),
        displayName: z.string().optional(),
        description: z.string().optional(),
        columns: z.array(Column),
      }),
    }),
  }),
  check({ place }, { properties: { schema } }) {
    if (schema.name !== place.name) {
      throw invalidTable(`Table name '${schema.name}' in the schema is not the table's name '${place.name}'`);
    }
    const time = schema.columns.find(({ name }) => name === 'TimeGenerated');
    if (time?.type.toLowerCase() !== 'datetime') {
      throw invalidTable("The table has no column 'TimeGenerated' of type datetime");
    }
    const reserved = schema.columns.find(({ name }) => RESERVED.includes(name.toLowerCase()));
    if (reserved !== undefined) throw invalidTable(`The column name '${reserved.name}' is reserved`);
    const names = schema.columns.map(({ name }) => name.toLowerCase());
    if (new Set(names).size < names.length) throw invalidTable('Two columns have the same name');
  },
  generated: () => ({ provisioningState: 'Succeeded' }),
});

/** What a table's columns are called, and of which type, in lower case. */
export function columnsOf(table: Document): ReadonlyMap<string, string> {
  return new Map(
    listOf(at(table.content.properties, 'schema', 'columns')).map((column) => [
      textAt(column, 'name') ?? '',
      (textAt(column, 'type') ?? '').toLowerCase(),
    ]),
  );
}

/** That Azure refuses it: https://github.com/hashicorp/terraform-provider-azurerm/issues/21897. Its codes differ by what is wrong. */
function invalidTable(message: string): ArmFailure {
  return new ArmFailure(400, 'InvalidParameter', `${message}.`);
}
