import { REMEDIATORS } from './remediators/index.js';
import type { Remediator } from './remediators/remediator.js';
import { OPTIONAL_REMEDIATOR_IDS, type RemediatorId } from './types/remediator-id.js';

/**
 * The ARM actions that Holdfast's identity needs, e.g. `Microsoft.KeyVault/vaults/read`, sorted: what the custom roles of
 * the installation are made of. No data action is among them: nothing in here opens what is inside a vault.
 */
export interface Permissions {
  /** In every scope, whatever the mode. */
  readonly read: readonly string[];
  /** In every scope where something is written. */
  readonly write: readonly string[];
  /** Beside `write`, where one of the remediators writes that are off unless they are named. */
  readonly optional: Readonly<Partial<Record<RemediatorId, readonly string[]>>>;
  /** Of `read`, what a scope that is a resource group does not give: Azure lists this by subscription alone. */
  readonly subscription: readonly string[];
  /** On the Log Analytics workspace that vaults' audit events go to, and nowhere else. */
  readonly logWorkspace: { readonly audit: readonly string[]; readonly enforce: readonly string[] };
}

/** What a sweep asks beside what the remediators are about: connections may be listed by resource group only. */
const SWEEP = ['Microsoft.Resources/subscriptions/resourceGroups/read'];

/** What the comparison of Holdfast's records with the activity log asks of a subscription. */
const SELF_AUDIT = ['Microsoft.Insights/eventtypes/values/read'];

/**
 * Asking a workspace needs one action for the query and one for each table
 * (https://learn.microsoft.com/azure/azure-monitor/logs/manage-access#custom-roles). `caller-log.ts` has the tables.
 */
const QUERY = [
  'Microsoft.OperationalInsights/workspaces/query/read',
  'Microsoft.OperationalInsights/workspaces/query/AZKVAuditLogs/read',
  'Microsoft.OperationalInsights/workspaces/query/AzureDiagnostics/read',
];

/** https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/list-deleted */
const ON_SUBSCRIPTION = ['Microsoft.KeyVault/deletedVaults/read'];

const ON_WORKSPACE = /^Microsoft\.OperationalInsights\/workspaces\//i;

export function permissionsOf(remediators: readonly Remediator[] = REMEDIATORS): Permissions {
  const isOptional = ({ id }: Remediator): boolean => OPTIONAL_REMEDIATOR_IDS.includes(id);
  const written = remediators.filter((remediator) => !isOptional(remediator)).flatMap(writesOf);
  const write = sorted(written.filter((action) => !ON_WORKSPACE.test(action)));
  const optional = remediators
    .filter(isOptional)
    .map(
      (remediator) =>
        [remediator.id, sorted(writesOf(remediator).filter((action) => !write.includes(action)))] as const,
    );
  // An optional remediator that is off still says what it sees.
  const read = sorted([
    ...SWEEP,
    ...SELF_AUDIT,
    ...remediators.flatMap(({ permissions }) => permissions.read),
  ]);
  return {
    read,
    write,
    optional: Object.fromEntries(optional),
    subscription: read.filter((action) => ON_SUBSCRIPTION.includes(action)),
    logWorkspace: {
      audit: sorted(QUERY),
      enforce: sorted([...QUERY, ...written.filter((action) => ON_WORKSPACE.test(action))]),
    },
  };
}

function writesOf({ permissions }: Remediator): readonly string[] {
  return permissions.write;
}

function sorted(actions: readonly string[]): readonly string[] {
  return [...new Set(actions)].sort();
}
