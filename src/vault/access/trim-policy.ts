import { getIgnoringCase, isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import type { VaultPermission } from '../../types/observation.js';
import { PERMISSION_KINDS, type AccessPolicy, type PermissionKind } from './access-policies.js';

/**
 * The entry with what is in `uses` and nothing else of it, every other member kept. It gains nothing: a use that it
 * did not hold before stays away. A permission keeps its spelling; one that only `all` gave comes in lower case, as
 * https://learn.microsoft.com/azure/key-vault/general/assign-access-policy has it.
 */
export function trimPolicy(policy: AccessPolicy, uses: ReadonlySet<VaultPermission>): JsonObject {
  return mapMember(policy.json, 'permissions', (permissions) =>
    isJsonObject(permissions)
      ? PERMISSION_KINDS.reduce<JsonObject>(
          (trimmed, kind) => mapMember(trimmed, kind, (words) => trimWords(words, kind, uses)),
          permissions,
        )
      : permissions,
  );
}

function trimWords(words: Json, kind: PermissionKind, uses: ReadonlySet<VaultPermission>): Json {
  if (!Array.isArray(words)) return words;
  const listed = (words as readonly Json[]).filter((word) => typeof word === 'string');
  const kept = listed.filter((word) => uses.has(`${kind}/${word.toLowerCase()}`));
  if (!listed.some((word) => word.toLowerCase() === 'all')) return kept;
  const present = new Set(kept.map((word) => word.toLowerCase()));
  const named = [...uses]
    .filter((use) => use.startsWith(`${kind}/`))
    .map((use) => use.slice(kind.length + 1))
    .sort();
  return [...kept, ...named.filter((word) => !present.has(word))];
}

/** The object with one member changed where it has it, whatever the case of its key; the keys keep their order. */
function mapMember(object: JsonObject, key: string, change: (value: Json) => Json): JsonObject {
  const value = getIgnoringCase(object, key);
  if (value === undefined) return object;
  const wanted = Object.hasOwn(object, key)
    ? key
    : Object.keys(object).find((name) => name.toLowerCase() === key.toLowerCase());
  return Object.fromEntries(
    Object.entries(object).map(([name, old]) => (name === wanted ? [name, change(value)] : [name, old])),
  );
}
