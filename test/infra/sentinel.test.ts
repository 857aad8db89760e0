import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadTemplate } from '../../simulator/template/load-template.js';
import { AUDIT_COLUMNS, AUDIT_TABLE } from '../../src/delivery/audit-columns.js';
import { membersBelow, objectAt, textOf, type JsonObject } from './changed-template.js';
import { HOME, installation } from './installation.js';
import { queryReader } from './kusto.js';
import { modelsOf, type Models } from './microsoft-models.js';
import { problemsWith } from './model-problems.js';

/* What goes into Microsoft Sentinel: each query against the tables that there are, each rule against Microsoft's model. */

const ROOT = join(__dirname, '../..');
const TEXT = readFileSync(join(ROOT, 'infra/sentinel/azuredeploy.json'), 'utf8');
const IDENTITY = '77777777-7777-4777-8777-777777777777';

const read = queryReader({
  // Every table has the columns that begin with `_`: https://learn.microsoft.com/azure/azure-monitor/logs/log-standard-columns
  [AUDIT_TABLE]: AUDIT_COLUMNS.map(({ name, type }) => `${name}:${type}`).join(', '),
  // https://learn.microsoft.com/azure/azure-monitor/reference/tables/azureactivity
  AzureActivity:
    'TimeGenerated:datetime, OperationNameValue:string, CategoryValue:string, ActivityStatusValue:string, Caller:string, CallerIpAddress:string, Claims:string, HTTPRequest:string, CorrelationId:string, _ResourceId:string',
  // https://learn.microsoft.com/azure/azure-monitor/reference/tables/apptraces
  AppTraces: 'TimeGenerated:datetime, SeverityLevel:int, Message:string',
  // https://learn.microsoft.com/azure/azure-monitor/app/data-model-complete; as Application Insights shows it
  customMetrics:
    'timestamp:datetime, name:string, valueSum:real, valueMin:real, valueMax:real, customDimensions:dynamic',
});

const { resources, unresolved } = loadTemplate(TEXT, {
  subscriptionId: HOME,
  resourceGroup: 'rg-holdfast',
  location: 'westeurope',
  tenantId: '22222222-2222-4222-8222-222222222222',
  parameters: { workspace: 'log-holdfast', principalId: IDENTITY },
});
const bodies = resources.map(({ type, text }) => ({ type, body: JSON.parse(text) as JsonObject }));
const rules = bodies
  .filter(({ type }) => type.endsWith('/alertRules'))
  .map(({ body: { kind, properties } }) => ({ kind, properties }) as unknown as Rule);
const ofWorkbook = bodies.find(({ type }) => type === 'Microsoft.Insights/workbooks')?.body ?? {};
const workbook = JSON.parse(textOf(objectAt(ofWorkbook, ['properties']).serializedData)) as Workbook;

interface Rule {
  readonly kind: string;
  readonly properties: {
    readonly displayName: string;
    readonly query: string;
    readonly queryFrequency: string;
    readonly queryPeriod: string;
    readonly entityMappings: readonly {
      readonly fieldMappings: readonly { readonly columnName: string }[];
    }[];
  };
}
interface Workbook {
  readonly items: readonly { readonly name: string; readonly content: { readonly query?: string } }[];
  readonly fallbackResourceIds: readonly string[];
}

const queries: readonly (readonly [string, string])[] = [
  ...rules.map(({ properties }) => [properties.displayName, properties.query] as const),
  ...workbook.items.flatMap(({ name, content: { query } }) =>
    // https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-time: a comparison takes its place.
    query === undefined ? [] : [[name, query.replace('{TimeRange}', '> ago(7d)')] as const],
  ),
];

it('the template comes to two rules and a workbook, with nothing in it left open', () => {
  expect(unresolved).toEqual([]);
  expect(bodies.map(({ type }) => type)).toEqual([
    'Microsoft.OperationalInsights/workspaces/providers/alertRules',
    'Microsoft.OperationalInsights/workspaces/providers/alertRules',
    'Microsoft.Insights/workbooks',
  ]);
  expect(rules[0]?.properties.query).toContain(IDENTITY);
  expect(rules.map(({ properties }) => properties.query).join()).not.toMatch(/\{\w+\}/);
  expect(workbook.fallbackResourceIds).toEqual([
    `/subscriptions/${HOME}/resourceGroups/rg-holdfast/providers/Microsoft.OperationalInsights/workspaces/log-holdfast`,
  ]);
});

describe('a query', () => {
  it.each(queries)('is read by Microsoft’s parser, with the columns that are sent: %s', (_name, query) => {
    expect(read(query).problems).toEqual([]);
    expect(read(query).columns.length).toBeGreaterThan(1);
  });

  it('with any column of the records misspelled is not', () => {
    const unnoticed = queries.flatMap(([name, query]) =>
      AUDIT_COLUMNS.filter((column) => new RegExp(`\\b${column.name}\\b`).test(query))
        .filter((column) => read(query.replace(column.name, `${column.name}x`)).problems.length === 0)
        .map((column) => `${name}: ${column.name}`),
    );
    expect(unnoticed).toEqual([]);
  });

  it('asks when a row came in before rows are put together: after that nobody knows', () => {
    // https://learn.microsoft.com/kusto/query/ingestion-time-function: null where there is no row of a table.
    const late = queries.filter(([, query]) => /\|\s*summarize\b[^;]*ingestion_time\(\)/.test(query));
    expect(late.map(([name]) => name)).toEqual([]);
  });

  it('says that something is not put right by the last record of it, not by any', () => {
    const [, query = ''] = queries.find(([name]) => name === 'Not put right by its last record') ?? [];
    const last = query.lastIndexOf('summarize arg_max(TimeGenerated, *) by ResourceId, Remediator');
    expect(last).toBeGreaterThan(-1);
    expect(query.indexOf('where Outcome')).toBeGreaterThan(last);
  });

  it('of DurationMs claims no time since the drift: a record has that from the look on', () => {
    const of = workbook.items.filter(({ content: { query = '' } }) => query.includes('DurationMs'));
    expect(of.map(({ name }) => name)).toEqual(["From an event's look to the outcome, in seconds"]);
  });

  it.each(
    globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT }).flatMap((document) =>
      [...readFileSync(join(ROOT, document), 'utf8').matchAll(/```kusto\n([\s\S]*?)```/g)].map(
        ([, query = '']) => [document, query] as const,
      ),
    ),
  )('of the documents is one, too: %s', (_document, query) => {
    expect(read(query).problems).toEqual([]);
  });
});

describe('a rule', () => {
  let models: Models;
  beforeAll(async () => {
    models = await modelsOf('arm-securityinsight');
  });
  const body = ({ kind, properties }: Rule): JsonObject => ({ kind, properties }) as unknown as JsonObject;

  it.each(rules.map((rule) => [rule.properties.displayName, rule] as const))(
    'is what Microsoft’s model of it takes: %s',
    (_name, rule) => {
      expect(problemsWith(models, 'ScheduledAlertRule', body(rule))).toEqual([]);
      for (const path of membersBelow(body(rule))) {
        const misspelled = structuredClone(body(rule));
        const parent = objectAt(misspelled, path.slice(0, -1));
        const name = String(path.at(-1));
        parent[`${name}x`] = parent[name] ?? null;
        Reflect.deleteProperty(parent, name);
        expect(problemsWith(models, 'ScheduledAlertRule', misspelled), path.join('/')).not.toEqual([]);
      }
    },
  );

  it.each(rules.map(({ properties }) => [properties.displayName, properties] as const))(
    'names who and what by columns that its query has: %s',
    (_name, { query, entityMappings }) => {
      const named = entityMappings.flatMap(({ fieldMappings }) =>
        fieldMappings.map(({ columnName }) => columnName),
      );
      expect(named).toContain('ResourceId');
      expect(named.filter((column) => !read(query).columns.includes(column))).toEqual([]);
    },
  );

  it('looks at everything once: what one run leaves off, the next one begins with', () => {
    const [unrecorded, notPutRight] = rules.map(({ properties }) => properties);
    expect(unrecorded).toMatchObject({ queryFrequency: 'PT2H', queryPeriod: 'P3D' });
    expect(unrecorded?.query).toContain('between (ago(3h) .. ago(1h))');
    expect(notPutRight).toMatchObject({ queryFrequency: 'PT1H', queryPeriod: 'P3D' });
    expect(notPutRight?.query).toContain('ingestion_time() > ago(1h)');
  });
});

it('the workspace’s table is the one that the installation makes', () => {
  expect(JSON.stringify(installation().resources)).toContain(`/${AUDIT_TABLE}`);
});
