/** Any JSON value, as `JSON.parse` returns it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads an object's own key without regard to case: ARM accepts and returns keys in the author's case
 * (`AlternativeParameterValues` occurs in published playbooks).
 */
export function getIgnoringCase(object: Json | undefined, key: string): Json | undefined {
  if (!isJsonObject(object)) return undefined;
  const spelled = keyIgnoringCase(object, key);
  return spelled === undefined ? undefined : object[spelled];
}

/** An object's own key, whatever its case, as it is spelled there; as it is asked for before any other. */
export function keyIgnoringCase(object: JsonObject, key: string): string | undefined {
  if (Object.hasOwn(object, key)) return key;
  const wanted = key.toLowerCase();
  // Lower case is as long as what it is made of; \u0130 alone becomes longer, by this mark.
  const mayBeShorter = wanted.includes('\u0307');
  // Most objects do not have the key: nothing is made of their keys to find that out.
  for (const candidate in object) {
    if (candidate.length !== wanted.length && !mayBeShorter) continue;
    if (candidate.toLowerCase() === wanted && Object.hasOwn(object, candidate)) return candidate;
  }
  return undefined;
}
