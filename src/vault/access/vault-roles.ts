import type { VaultPermission } from '../../types/observation.js';

/** A built-in role, and what it lets do with a vault. */
export interface VaultRole {
  readonly name: string;
  /** In the words of access policies; `secrets/*` stands for all of a kind, `*` for everything. */
  readonly grants: readonly string[];
  /** Whether it manages the vault (its firewall, its permissions) or who holds a role; null where neither. */
  readonly manages: 'vault' | 'roles' | null;
}

export const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
const READER = '21090545-7ca7-4776-b22c-e363652d74d2';

const METADATA = ['secrets/list', 'keys/get', 'keys/list', 'certificates/get', 'certificates/list'];
const ISSUERS = ['certificates/getissuers', 'certificates/listissuers', 'storage/get', 'storage/list'];
const CRYPTO = ['encrypt', 'decrypt', 'wrapkey', 'unwrapkey', 'sign', 'verify', 'update', 'backup'];

const data = (name: string, ...grants: readonly string[]): VaultRole => ({ name, grants, manages: null });
const management = (name: string, manages: VaultRole['manages']): VaultRole => ({
  name,
  grants: [],
  manages,
});

/**
 * By id, the narrowest first. What they grant is in https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
 * and, in the words of access policies, in https://learn.microsoft.com/azure/key-vault/general/rbac-migration.
 * Below them are roles that Logic Apps often have and that do nothing with a vault, so that they are not taken for
 * custom ones: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles.
 */
const ROLES: ReadonlyMap<string, VaultRole> = new Map([
  [READER, data('Key Vault Reader', ...METADATA, ...ISSUERS)],
  [SECRETS_USER, data('Key Vault Secrets User', 'secrets/get', 'secrets/list')],
  ['db79e9a7-68ee-4b58-9aeb-b90e7c24fcba', data('Key Vault Certificate User', 'secrets/get', ...METADATA)],
  [
    'e147488a-f6f5-4113-8e2d-b22465e65bf6',
    data(
      'Key Vault Crypto Service Encryption User',
      'keys/get',
      'keys/list',
      'keys/wrapkey',
      'keys/unwrapkey',
    ),
  ],
  ['08bbd89e-9f13-488c-ac41-acfcb10c90ab', data('Key Vault Crypto Service Release User', 'keys/release')],
  [
    '12338af0-0e69-4776-bea7-57ae8d297424',
    data('Key Vault Crypto User', 'keys/get', 'keys/list', ...CRYPTO.map((word) => `keys/${word}`)),
  ],
  ['b86a8fe4-44ce-4948-aee5-eccb2c155cd7', data('Key Vault Secrets Officer', 'secrets/*')],
  ['a4417e6f-fecd-4de8-b567-7b0420556985', data('Key Vault Certificates Officer', 'certificates/*')],
  ['14b46e9e-c2b7-41b4-b07b-48a6ebf60603', data('Key Vault Crypto Officer', 'keys/*')],
  ['00482a5a-887f-4fb3-b363-3b7fe8e74483', data('Key Vault Administrator', '*')],
  ['f25e0fa2-a7c8-4377-a976-54943a77a395', management('Key Vault Contributor', 'vault')],
  ['b24988ac-6180-42a0-ab88-20f7382dd24c', management('Contributor', 'vault')],
  ['8b54135c-b56d-4d72-a534-26097cfdc8d8', management('Key Vault Data Access Administrator', 'roles')],
  ['f58310d9-a9f6-439a-9e8d-f62e7b41a168', management('Role Based Access Control Administrator', 'roles')],
  ['18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', management('User Access Administrator', 'roles')],
  ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', management('Owner', 'roles')],
  ['acdd72a7-3385-48ef-bd42-f606fba81ae7', data('Reader')],
  ['73c42c96-874c-492b-b04d-ab87d138a893', data('Log Analytics Reader')],
  ['8d289c81-5878-46d4-8554-54e1e3d8b5cb', data('Microsoft Sentinel Reader')],
  ['3e150937-b8fe-4cfb-8069-0eaf05ecd056', data('Microsoft Sentinel Responder')],
  ['ab8e14d6-4a74-4a29-9ba8-549422addade', data('Microsoft Sentinel Contributor')],
]);

/** Null for a role that is custom or not known here. `roleId` in lower case. */
export function vaultRoleOf(roleId: string): VaultRole | null {
  return ROLES.get(roleId) ?? null;
}

export function roleGrants(role: VaultRole, use: VaultPermission): boolean {
  const [kind = ''] = use.split('/');
  return role.grants.some((grant) => grant === '*' || grant === use || grant === `${kind}/*`);
}

/** Whether a role gives more than reading secrets, and is not the narrowest one for any of the uses. */
export function isWiderThanUsed(roleId: string, uses: ReadonlySet<VaultPermission>): boolean {
  const role = vaultRoleOf(roleId);
  if (role === null || roleId === SECRETS_USER || roleId === READER) return false;
  if (role.grants.length === 0) return role.manages !== null;
  return ![...uses].some((use) => narrowestFor(use) === roleId);
}

function narrowestFor(use: VaultPermission): string | null {
  for (const [id, role] of ROLES) if (roleGrants(role, use)) return id;
  return null;
}
