/** The resources Holdfast watches. */
export type ResourceKind = 'vault' | 'workflow' | 'connection';

/** A resource id that has been parsed: safe to put into a URL, to compare and to store. */
export interface ResourceId {
  readonly kind: ResourceKind;
  /** The id in ARM's own spelling: names as they were given, fixed segments in canonical case. */
  readonly id: string;
  /** The id in lower case. ARM ids do not differ by case, so this is what is compared and stored by. */
  readonly key: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** A text that is not the id of a resource Holdfast can handle. The message says what is wrong with it. */
export class InvalidResourceIdError extends Error {
  override readonly name = 'InvalidResourceIdError';
}

const TYPES: Record<ResourceKind, string> = {
  vault: 'Microsoft.KeyVault/vaults',
  workflow: 'Microsoft.Logic/workflows',
  connection: 'Microsoft.Web/connections',
};

/**
 * Names by https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules. Each name
 * holds at least one letter or digit, so that `.` and `..` never are one.
 */
const NAMES: Record<ResourceKind, RegExp> = {
  vault: /^[a-z][a-z0-9-]{1,22}[a-z0-9]$/i,
  workflow: /^(?=.*[a-z0-9])[a-z0-9._()-]{1,80}$/i,
  connection: /^(?=.*[a-z0-9])[a-z0-9._()-]{1,80}$/i,
};
const RESOURCE_GROUP = /^(?=.*[\p{L}\p{N}])[\p{L}\p{N}._()-]{1,89}[\p{L}\p{N}_()-]$|^[\p{L}\p{N}]$/u;
const SUBSCRIPTION = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Longer than any id that ARM gives: 90 for the group, 80 for the name, the fixed parts, and room to spare. */
const MAX_LENGTH = 400;

/** ARM's type of a kind of resource, e.g. `Microsoft.KeyVault/vaults`. */
export function armTypeOf(kind: ResourceKind): string {
  return TYPES[kind];
}

/**
 * Parses the id of one vault, workflow or connection, and nothing else: no full URL, no child resource, no
 * encoded character, no other provider. Case does not matter. Throws {@link InvalidResourceIdError}.
 */
export function parseResourceId(text: string): ResourceId {
  const read = readResourceId(text);
  if (typeof read === 'string') throw new InvalidResourceIdError(read);
  return read;
}

/** Like {@link parseResourceId}, for ids that come from Azure or from a definition; null where it is not one. */
export function tryParseResourceId(text: string): ResourceId | null {
  const read = readResourceId(text);
  return typeof read === 'string' ? null : read;
}

/** The id, or what is wrong with it. */
function readResourceId(text: string): ResourceId | string {
  if (text.length > MAX_LENGTH) return `The resource id is longer than ${MAX_LENGTH} characters.`;
  const [
    empty,
    subscriptions,
    subscriptionId,
    groups,
    resourceGroup,
    providers,
    namespace,
    type,
    name,
    ...rest
  ] = text.split('/');
  if (
    empty !== '' ||
    subscriptions?.toLowerCase() !== 'subscriptions' ||
    groups?.toLowerCase() !== 'resourcegroups' ||
    providers?.toLowerCase() !== 'providers' ||
    name === undefined
  ) {
    return 'The resource id must read /subscriptions/{id}/resourceGroups/{name}/providers/{provider}/{type}/{name}.';
  }
  if (rest.length > 0)
    return 'The resource id names a child resource or ends in a slash; name the resource itself.';
  if (subscriptionId === undefined || !SUBSCRIPTION.test(subscriptionId))
    return 'The subscription id in the resource id must be a GUID.';
  if (resourceGroup === undefined || !RESOURCE_GROUP.test(resourceGroup))
    return 'The resource group in the resource id is not a valid name.';
  const kind = kindOf(`${namespace ?? ''}/${type ?? ''}`);
  if (kind === null) return `The resource id must be of the type ${Object.values(TYPES).join(', ')}.`;
  if (!NAMES[kind].test(name)) return `The ${kind}'s name in the resource id is not valid.`;
  const id = `/subscriptions/${subscriptionId.toLowerCase()}/resourceGroups/${resourceGroup}/providers/${TYPES[kind]}/${name}`;
  return {
    kind,
    id,
    key: id.toLowerCase(),
    subscriptionId: subscriptionId.toLowerCase(),
    resourceGroup,
    name,
  };
}

function kindOf(type: string): ResourceKind | null {
  const wanted = type.toLowerCase();
  const found = (Object.keys(TYPES) as ResourceKind[]).find((kind) => TYPES[kind].toLowerCase() === wanted);
  return found ?? null;
}
