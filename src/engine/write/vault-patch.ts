import { isSameJson } from '../../types/apply-edits.js';
import { isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { propertiesOf } from '../../types/observation.js';
import { UNSET_NETWORK_ACLS } from '../../vault/network-rules.js';

/**
 * The PATCH that takes a vault from `before` to `intended`: only the properties that differ, each whole.
 *
 * PATCH leaves omitted properties alone but replaces lists, and what it does to an omitted key inside
 * `networkAcls` is not documented, so `networkAcls` is always complete. Soft delete goes with purge protection,
 * which has no effect without it. Tags are never sent.
 */
export function vaultPatch(before: JsonObject, intended: JsonObject): string {
  const old = propertiesOf(before);
  const changed = Object.entries(propertiesOf(intended)).filter(
    ([key, value]) => !isSameJson(value, old[key]),
  );
  const properties: Record<string, Json | undefined> = Object.fromEntries(changed);
  if (isJsonObject(properties.networkAcls)) properties.networkAcls = complete(properties.networkAcls);
  if (properties.enablePurgeProtection === true) properties.enableSoftDelete = true;
  return JSON.stringify({ properties });
}

function complete(networkAcls: JsonObject): JsonObject {
  return { ...UNSET_NETWORK_ACLS, ...withoutNull(networkAcls) };
}

/** A null list would be sent as null; the default says the same and is accepted. */
function withoutNull(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));
}
