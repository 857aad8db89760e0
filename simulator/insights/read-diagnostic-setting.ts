import { at, listOf, textAt } from '../json.js';
import type { DiagnosticCategories } from './diagnostic-categories.js';
import type { DiagnosticCategory, DiagnosticProperties } from './diagnostic-settings.js';
import { insightsBadRequest } from './insights-error.js';

/** Where logs can go, by the property that names it. */
export const SINKS = [
  'workspaceId',
  'storageAccountId',
  'eventHubAuthorizationRuleId',
  'serviceBusRuleId',
  'marketplacePartnerId',
] as const;

/**
 * The properties that a PUT of version 2021-05-01-preview sends, as they are kept. The codes are sure; of the
 * wordings only those with a source beside them.
 */
export function readDiagnosticSetting(body: string, known: DiagnosticCategories): DiagnosticProperties {
  const sent = at(JSON.parse(body), 'properties');
  const text = (name: string): string | null => {
    const value = textAt(sent, name);
    return value === undefined || value === '' ? null : value;
  };
  const properties: DiagnosticProperties = {
    storageAccountId: text('storageAccountId'),
    serviceBusRuleId: text('serviceBusRuleId'),
    workspaceId: text('workspaceId'),
    eventHubAuthorizationRuleId: text('eventHubAuthorizationRuleId'),
    eventHubName: text('eventHubName'),
    marketplacePartnerId: text('marketplacePartnerId'),
    logAnalyticsDestinationType: text('logAnalyticsDestinationType'),
    logs: listOf(at(sent, 'logs')).map((entry) => readCategory(entry, known.logs, known.groups)),
    metrics: listOf(at(sent, 'metrics')).map((entry) => readCategory(entry, known.metrics, {})),
  };
  if (SINKS.every((sink) => properties[sink] === null)) {
    throw insightsBadRequest('At least one data sink needs to be specified.');
  }
  if (![...properties.logs, ...properties.metrics].some(({ enabled }) => enabled)) {
    throw insightsBadRequest('At least one log or metric category must be enabled.');
  }
  checkTwice([...properties.logs, ...properties.metrics]);
  return properties;
}

function readCategory(
  entry: unknown,
  known: readonly string[],
  groups: Readonly<Record<string, readonly string[]>>,
): DiagnosticCategory {
  const category = textAt(entry, 'category');
  const group = textAt(entry, 'categoryGroup');
  const named = [category, group].filter((name) => name !== undefined && name !== '');
  if (named.length !== 1) {
    throw insightsBadRequest('Each log and metric must have either a category or a category group.');
  }
  const spelled = spelledAs(category ?? '', known);
  const spelledGroup = spelledAs(group ?? '', Object.keys(groups));
  if (spelled === null && spelledGroup === null) {
    // https://github.com/hashicorp/terraform-provider-azurerm/issues/2985 has the wording for a category.
    throw insightsBadRequest(
      category === undefined
        ? `Category group '${group ?? ''}' is not supported.`
        : `Category '${category}' is not supported.`,
    );
  }
  if (at(entry, 'retentionPolicy', 'enabled') === true) {
    // https://github.com/hashicorp/terraform-provider-azurerm/issues/23051
    throw insightsBadRequest('Diagnostic settings does not support retention for new diagnostic settings.');
  }
  return {
    category: spelled,
    categoryGroup: spelledGroup,
    enabled: at(entry, 'enabled') === true,
    retentionPolicy: { enabled: false, days: 0 },
  };
}

function spelledAs(name: string, known: readonly string[]): string | null {
  return known.find((candidate) => candidate.toLowerCase() === name.toLowerCase()) ?? null;
}

function checkTwice(entries: readonly DiagnosticCategory[]): void {
  const names = entries.map(({ category, categoryGroup }) => category ?? categoryGroup ?? '');
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw insightsBadRequest(`Category '${twice}' is given more than once.`);
}
