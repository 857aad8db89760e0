import type { Document } from '../documents/document-type.js';
import { identitiesOf, identityAt } from '../documents/resource-identity.js';
import { isGranted } from '../authorization/is-granted.js';
import { at, textAt } from '../json.js';
import { accountNamed, containerAt, takesKeys } from '../storage/storage-account.js';
import type { World } from '../world.js';

const BLOB_WRITE = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write';

/** Of the runtimes, the versions that Flex Consumption starts: https://learn.microsoft.com/azure/azure-functions/flex-consumption-plan#supported-language-stack-versions */
const NODE_VERSIONS = ['20', '22'];

/**
 * What the host does with its storage, by service:
 * https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
 */
const HOST_STORAGE = [
  { service: 'blob', action: BLOB_WRITE },
  {
    service: 'queue',
    action: 'Microsoft.Storage/storageAccounts/queueServices/queues/messages/process/action',
  },
  {
    service: 'table',
    action: 'Microsoft.Storage/storageAccounts/tableServices/tables/entities/write',
  },
] as const;

/** Why a package cannot be put where the site has its code; null where it can. */
export function packageAccessProblem(world: World, site: Document): string | null {
  const storage = at(site.content.properties, 'functionAppConfig', 'deployment', 'storage');
  const account = containerAt(world, textAt(storage, 'value') ?? '')?.account;
  if (account === undefined) return 'the container is not there';
  const identity = textAt(storage, 'authentication', 'userAssignedIdentityResourceId');
  if (identity === undefined) return takesKeys(account) ? null : KEYS_REFUSED;
  return roleProblem(world, identityAt(world, identity)?.principalId, account, BLOB_WRITE);
}

/** Why the host of a site would not start with these app settings; null where it would. */
export function hostProblem(
  world: World,
  site: Document,
  settings: Readonly<Record<string, string>>,
): string | null {
  const runtime = at(site.content.properties, 'functionAppConfig', 'runtime');
  const version = textAt(runtime, 'version') ?? '';
  if (textAt(runtime, 'name') === 'node' && !NODE_VERSIONS.includes(version)) {
    return `Node.js ${version} is not there`;
  }
  const { AzureWebJobsStorage: connection } = settings;
  if (connection !== undefined) {
    const name = /(?:^|;)AccountName=([^;]+)/i.exec(connection)?.[1] ?? '';
    const account = accountNamed(world, name);
    if (account === undefined) return `there is no storage account '${name}'`;
    return takesKeys(account) ? null : KEYS_REFUSED;
  }
  const principal = hostIdentity(world, site, settings);
  if (principal === undefined) return 'AzureWebJobsStorage names no identity of the site';
  for (const { service, action } of HOST_STORAGE) {
    const uri = settings[`AzureWebJobsStorage__${service}ServiceUri`];
    const account = world.documents.all.find(
      ({ content }) => uri !== undefined && textAt(content.properties, 'primaryEndpoints', service) === uri,
    );
    if (account === undefined) return `AzureWebJobsStorage__${service}ServiceUri is no storage account's`;
    const problem = roleProblem(world, principal, account, action);
    if (problem !== null) return problem;
  }
  return null;
}

/** The principal that the host reaches its storage as: `clientId` says which of a site's identities that is. */
function hostIdentity(
  world: World,
  site: Document,
  settings: Readonly<Record<string, string>>,
): string | undefined {
  if (settings.AzureWebJobsStorage__credential?.toLowerCase() !== 'managedidentity') return undefined;
  return identitiesOf(site.content.identity)
    .map((id) => identityAt(world, id))
    .find((identity) => identity?.clientId === settings.AzureWebJobsStorage__clientId)?.principalId;
}

/** https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent */
const KEYS_REFUSED =
  'KeyBasedAuthenticationNotPermitted: Key based authentication is not permitted on this storage account';

function roleProblem(
  world: World,
  principalId: string | undefined,
  account: Document,
  action: string,
): string | null {
  if (
    principalId !== undefined &&
    isGranted(world, { principalId, action, scope: account.id, isData: true })
  ) {
    return null;
  }
  return `AuthorizationPermissionMismatch: the identity lacks ${action} on ${account.id}`;
}
