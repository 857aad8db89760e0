import { badRequest } from '../arm/arm-error.js';
import { at, entriesOf, isObject, listOf, textAt } from '../json.js';
import { arrayText, itemsOf, membersOf, objectText } from '../raw-json.js';

export type AccessPolicyOperation = 'add' | 'replace' | 'remove';

const MAX_POLICIES = 1024;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const CRUD = ['get', 'list', 'delete', 'backup', 'restore', 'recover', 'purge', 'all'];

/** The permissions of the specification (2023-07-01; 2026-02-01 has the same). */
const PERMISSIONS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'keys',
    [
      ...CRUD,
      'encrypt',
      'decrypt',
      'wrapkey',
      'unwrapkey',
      'sign',
      'verify',
      'create',
      'update',
      'import',
      'release',
      'rotate',
      'getrotationpolicy',
      'setrotationpolicy',
    ],
  ],
  ['secrets', [...CRUD, 'set']],
  [
    'certificates',
    [
      ...CRUD,
      'create',
      'update',
      'import',
      'managecontacts',
      'getissuers',
      'listissuers',
      'setissuers',
      'deleteissuers',
      'manageissuers',
    ],
  ],
  ['storage', [...CRUD, 'set', 'update', 'regeneratekey', 'setsas', 'listsas', 'getsas', 'deletesas']],
]);

/** Throws what a wrong list of access policies gets. */
export function checkAccessPolicies(value: unknown, tenantId: string): void {
  if (!Array.isArray(value)) throw badRequest('Invalid value found at properties.accessPolicies.');
  const policies = listOf(value);
  if (policies.length > MAX_POLICIES) {
    throw badRequest(
      `Invalid value found at properties.accessPolicies: a vault can have at most ${MAX_POLICIES} access policies, and ${policies.length} were given.`,
    );
  }
  policies.forEach((policy, i) => {
    checkPolicy(policy, `properties.accessPolicies[${i}]`, tenantId);
  });
}

function checkPolicy(policy: unknown, path: string, tenantId: string): void {
  const tenant = textAt(policy, 'tenantId') ?? '';
  if (!GUID.test(tenant)) throw badRequest(`Invalid value found at ${path}.tenantId: ${tenant}`);
  if (tenant.toLowerCase() !== tenantId.toLowerCase()) {
    throw badRequest(`Invalid value found at ${path}.tenantId: it must be the tenant id of the vault.`);
  }
  const objectId = textAt(policy, 'objectId') ?? '';
  if (objectId === '') throw badRequest(`Invalid value found at ${path}.objectId: ${objectId}`);
  const permissions = at(policy, 'permissions');
  if (!isObject(permissions)) throw badRequest(`Invalid value found at ${path}.permissions.`);
  for (const [kind, granted] of entriesOf(permissions)) {
    const known = PERMISSIONS.get(kind.toLowerCase());
    if (known === undefined) continue;
    if (granted !== null && !Array.isArray(granted)) {
      throw badRequest(`Invalid value found at ${path}.permissions.${kind}.`);
    }
    for (const permission of listOf(granted)) {
      if (typeof permission === 'string' && known.includes(permission.toLowerCase())) continue;
      throw badRequest(`Invalid value found at ${path}.permissions.${kind}: ${JSON.stringify(permission)}`);
    }
  }
}

/** The vault's list after `accessPolicies/{operation}` with the list given; entries it does not name stay as they are. */
export function changedAccessPolicies(
  storedText: string,
  givenText: string,
  operation: AccessPolicyOperation,
  removal: 'listed-permissions' | 'whole-entry',
): string {
  let items: readonly string[] = itemsOf(storedText);
  for (const given of itemsOf(givenText)) {
    const key = keyOf(given);
    const present = items.find((item) => keyOf(item) === key);
    if (present === undefined) {
      if (operation !== 'remove') items = [...items, given];
      continue;
    }
    const changed = operation === 'replace' ? given : merged(present, given, operation, removal);
    items = items.flatMap((item) => (item === present ? (changed === null ? [] : [changed]) : [item]));
  }
  return arrayText(items);
}

/** Null for an entry that has nothing left. */
function merged(
  present: string,
  given: string,
  operation: 'add' | 'remove',
  removal: 'listed-permissions' | 'whole-entry',
): string | null {
  const listed = entriesOf(at(JSON.parse(given), 'permissions'));
  if (operation === 'remove' && (removal === 'whole-entry' || listed.length === 0)) return null;
  const members = membersOf(present);
  const permissionsKey = [...members.keys()].find((key) => key.toLowerCase() === 'permissions');
  const permissions = membersOf(members.get(permissionsKey ?? '') ?? '{}');
  for (const [kind, list] of listed) {
    const key = [...permissions.keys()].find((name) => name.toLowerCase() === kind.toLowerCase()) ?? kind;
    const before = namesIn(JSON.parse(permissions.get(key) ?? '[]'));
    const named = namesIn(list);
    const isNamed = (name: string) => named.some((other) => other.toLowerCase() === name.toLowerCase());
    const isPresent = (name: string) => before.some((other) => other.toLowerCase() === name.toLowerCase());
    const after =
      operation === 'add'
        ? [...before, ...named.filter((name) => !isPresent(name))]
        : before.filter((name) => !isNamed(name));
    permissions.set(key, JSON.stringify(after));
  }
  const isEmpty = [...permissions.values()].every((list) => namesIn(JSON.parse(list)).length === 0);
  if (operation === 'remove' && isEmpty) return null;
  members.set(permissionsKey ?? 'permissions', objectText(permissions));
  return objectText(members);
}

function namesIn(list: unknown): readonly string[] {
  return listOf(list).filter((name) => typeof name === 'string');
}

/** One entry per tenant, object and application. */
function keyOf(item: string): string {
  const policy: unknown = JSON.parse(item);
  return ['tenantId', 'objectId', 'applicationId']
    .map((name) => (textAt(policy, name) ?? '').toLowerCase())
    .join('|');
}
