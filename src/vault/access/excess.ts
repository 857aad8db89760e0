import type { VaultPermission } from '../../types/observation.js';

/** What is held beyond `uses`, in order. `all` is always more than what is used. */
export function excessOf(
  held: ReadonlySet<VaultPermission>,
  uses: ReadonlySet<VaultPermission>,
): readonly VaultPermission[] {
  return [...held].filter((permission) => !uses.has(permission)).sort();
}

/** Gives nothing secret away and changes nothing. */
const HARMLESS =
  /\/(?:list|listissuers|getissuers|getrotationpolicy|listsas)$|^(?:keys|certificates|storage)\/get$/;

export function severityOfExcess(excess: readonly VaultPermission[]): 'low' | 'medium' | 'high' {
  if (excess.some((permission) => /\/(?:all|purge)$/.test(permission))) return 'high';
  return excess.every((permission) => HARMLESS.test(permission)) ? 'low' : 'medium';
}
