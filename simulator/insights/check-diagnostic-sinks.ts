import { ArmFailure, resourceNotFound } from '../arm/arm-error.js';
import type { ArmCall } from '../arm/arm-call.js';
import type { DiagnosticCategories } from './diagnostic-categories.js';
import type { DiagnosticProperties, DiagnosticSetting } from './diagnostic-settings.js';
import { insightsBadRequest, insightsFailure } from './insights-error.js';
import { SINKS } from './read-diagnostic-setting.js';

type Sink = (typeof SINKS)[number];

/**
 * Whoever sends logs somewhere must be allowed to get the keys of that place. Seen for workspaces in
 * https://github.com/JimGBritt/AzurePolicy/issues/17 and for event hubs in CDCgov/prime-reportstream#7678; for
 * storage in https://github.com/MicrosoftDocs/azure-docs/issues/80159.
 */
const LINKED: Partial<Record<Sink, string>> = {
  workspaceId: 'Microsoft.OperationalInsights/workspaces/sharedKeys/action',
  storageAccountId: 'Microsoft.Storage/storageAccounts/listKeys/action',
  eventHubAuthorizationRuleId: 'Microsoft.EventHub/namespaces/authorizationRules/listkeys/action',
  serviceBusRuleId: 'Microsoft.ServiceBus/namespaces/authorizationRules/listkeys/action',
};

/** https://learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings#destination-limitations */
const MAX_SETTINGS = 5;

/** Throws where a sink is not there, may not be used, or gets the same logs from another setting already. */
export function checkDiagnosticSinks(
  call: ArmCall,
  sent: DiagnosticProperties,
  others: readonly DiagnosticSetting[],
  isNew: boolean,
  known: DiagnosticCategories,
): void {
  for (const sink of SINKS) {
    const id = sent[sink];
    if (id === null) continue;
    checkSink(call, sink, id);
    checkReuse(call, sink, id, sent, others, known);
  }
  // The limit is documented; code and wording are not.
  if (isNew && others.length >= MAX_SETTINGS) {
    throw insightsBadRequest(`The number of diagnostic settings exceeds the limit of ${MAX_SETTINGS}.`);
  }
}

function checkSink(call: ArmCall, sink: Sink, id: string): void {
  const { world, principal, operation } = call;
  const [, , , , group = '', , namespace = '', type = '', name = ''] = id.split('/');
  if (!/^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+/i.test(id)) {
    // ARM's own, of any property that links to another resource.
    throw new ArmFailure(
      400,
      'LinkedInvalidPropertyId',
      `Property id '${id}' at path 'properties.${sink}' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.`,
    );
  }
  const action = LINKED[sink];
  if (action !== undefined && world.switches.values.linkedAccess !== 'off') {
    world.permissions.demandLinked(principal, operation.action, operation.scope, action, id);
  }
  // Of all that can be a sink the simulator knows workspaces only.
  if (sink !== 'workspaceId' || world.logs.workspace(id) !== undefined) return;
  throw resourceNotFound(`${namespace}/${type}`, name, group);
}

/** The wording: https://github.com/Azure/terraform-azurerm-avm-ptn-aiml-landing-zone/issues/19 */
function checkReuse(
  { world }: ArmCall,
  sink: Sink,
  id: string,
  sent: DiagnosticProperties,
  others: readonly DiagnosticSetting[],
  known: DiagnosticCategories,
): void {
  const isExpanded = world.switches.values.diagnosticCategoryOverlap === 'expanded';
  const wanted = categoriesOf(sent, known, isExpanded);
  for (const other of others) {
    if (other.properties[sink]?.toLowerCase() !== id.toLowerCase()) continue;
    const taken = categoriesOf(other.properties, known, isExpanded);
    const twice = wanted.find((category) => taken.includes(category));
    if (twice === undefined) continue;
    throw insightsFailure(
      409,
      'Conflict',
      `Data sink '${id}' is already used in diagnostic setting '${other.name}' for category '${twice}'. Data sinks can't be reused in different settings on the same category for the same resource.`,
    );
  }
}

function categoriesOf(
  { logs, metrics }: DiagnosticProperties,
  known: DiagnosticCategories,
  isExpanded: boolean,
): readonly string[] {
  return [...logs, ...metrics]
    .filter(({ enabled }) => enabled)
    .flatMap(({ category, categoryGroup }) => {
      if (categoryGroup === null) return category ?? [];
      return isExpanded ? (known.groups[categoryGroup] ?? []) : [categoryGroup];
    });
}
