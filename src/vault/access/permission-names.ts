import type { VaultPermission } from '../../types/observation.js';

const MOST = 40;

/** Permissions for a sentence, e.g. `secrets get, list; keys all`. Somebody else may have written the words. */
export function permissionNames(permissions: Iterable<VaultPermission>): string {
  const all = [...permissions];
  const byKind = new Map<string, string[]>();
  for (const permission of all.slice(0, MOST)) {
    const [kind = '', ...words] = permission.split('/');
    byKind.set(kind, [...(byKind.get(kind) ?? []), plain(words.join('/'))]);
  }
  const names = [...byKind].map(([kind, words]) => `${kind} ${words.join(', ')}`).join('; ');
  return all.length > MOST ? `${names} and ${all.length - MOST} more` : names;
}

/** An id as it is where it is a GUID, else quoted, so that it cannot forge a line. */
export function plainId(id: string): string {
  return /^[0-9a-f-]{1,40}$/i.test(id) ? id : JSON.stringify(id.slice(0, 100));
}

function plain(word: string): string {
  return /^[a-z]{1,30}$/.test(word) ? word : JSON.stringify(word.slice(0, 30));
}
