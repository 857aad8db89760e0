import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { propertiesOf, type VaultDocument, type VaultPermission } from '../../types/observation.js';

export const ACCESS_POLICIES_PATH = '/properties/accessPolicies';

/** Why nothing is planned for a vault that {@link readAccessPolicies} cannot read. */
export const UNREADABLE_POLICIES =
  'The vault as Azure returned it has no readable properties.accessPolicies, so they are left alone.';

export const PERMISSION_KINDS = ['keys', 'secrets', 'certificates', 'storage'] as const;
export type PermissionKind = (typeof PERMISSION_KINDS)[number];

/** One member of `accessPolicies`. All ids are in lower case. */
export interface AccessPolicy {
  /** As the vault has it. */
  readonly json: JsonObject;
  readonly tenantId: string | null;
  readonly objectId: string;
  /** Set where only that application, on behalf of `objectId`, holds the permissions (a compound identity). */
  readonly applicationId: string | null;
  /** `all` is kept as it is, e.g. `secrets/all`. */
  readonly permissions: ReadonlySet<VaultPermission>;
}

/** Whether roles decide who may read the vault. Null and absent mean access policies: updates never switch. */
export function usesRoles(vault: VaultDocument): boolean {
  return getIgnoringCase(propertiesOf(vault), 'enableRbacAuthorization') === true;
}

/** The tenant whose identities the vault accepts, in lower case; null where the document does not say. */
export function tenantOf(vault: VaultDocument): string | null {
  return lowerCase(getIgnoringCase(propertiesOf(vault), 'tenantId'));
}

/** The entries that name somebody; null where the list is none. */
export function readAccessPolicies(vault: VaultDocument): readonly AccessPolicy[] | null {
  if (!isJsonObject(vault.properties)) return null;
  const entries = getIgnoringCase(vault.properties, 'accessPolicies') ?? [];
  if (!Array.isArray(entries)) return null;
  return (entries as readonly Json[]).flatMap(readEntry);
}

/** Whether these permissions hold one; `all` of its kind holds it, too. */
export function holds(permissions: ReadonlySet<VaultPermission>, wanted: VaultPermission): boolean {
  const [kind = ''] = wanted.split('/');
  return permissions.has(wanted) || permissions.has(`${kind}/all` as VaultPermission);
}

/** Whether two entries give the same principal the same, however ARM spells it: a list's order, `[]` for none. */
export function isSamePolicy(a: Json, b: Json): boolean {
  const [left, right] = [readEntry(a)[0], readEntry(b)[0]];
  if (left === undefined || right === undefined) return false;
  return (
    left.objectId === right.objectId &&
    left.tenantId === right.tenantId &&
    left.applicationId === right.applicationId &&
    left.permissions.size === right.permissions.size &&
    [...left.permissions].every((permission) => right.permissions.has(permission))
  );
}

function readEntry(json: Json): readonly AccessPolicy[] {
  const objectId = lowerCase(getIgnoringCase(json, 'objectId'));
  if (!isJsonObject(json) || objectId === null) return [];
  return [
    {
      json,
      objectId,
      tenantId: lowerCase(getIgnoringCase(json, 'tenantId')),
      applicationId: lowerCase(getIgnoringCase(json, 'applicationId')),
      permissions: readPermissions(getIgnoringCase(json, 'permissions')),
    },
  ];
}

function readPermissions(json: Json | undefined): ReadonlySet<VaultPermission> {
  const read = new Set<VaultPermission>();
  for (const kind of PERMISSION_KINDS) {
    const words = getIgnoringCase(json, kind);
    if (!Array.isArray(words)) continue;
    for (const word of words) {
      if (typeof word === 'string') read.add(`${kind}/${word.toLowerCase()}`);
    }
  }
  return read;
}

function lowerCase(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.toLowerCase() : null;
}
