import { createHash } from 'node:crypto';
import { isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { propertiesOf, type Observation } from '../../types/observation.js';

/** SHA-256 (hex) of a value, the same whatever the order of its objects' keys. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(canonical(value) ?? 'undefined')
    .digest('hex');
}

/**
 * What of a resource tells whose write it was: all that a write can set, nothing that ARM sets by itself. A
 * workflow's versions hold the definition and the parameters, so these two are compared for workflows.
 */
export function evidenceDigest(kind: Observation['kind'], document: JsonObject): string {
  const properties = propertiesOf(document);
  return kind === 'workflow'
    ? digestOf({ definition: properties.definition, parameters: properties.parameters ?? null })
    : digestOf({ ...properties, provisioningState: null });
}

function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, inner: Json) =>
    isJsonObject(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}
