import type { Json } from '../types/json.js';

/**
 * What can be told of a value before the workflow runs: all of it; a text of which some parts are not known
 * (`https://kv.vault.azure.net/secrets/` and then something); or nothing.
 */
export type Folded =
  | { readonly kind: 'constant'; readonly value: Json }
  | { readonly kind: 'pattern'; readonly text: string }
  | { readonly kind: 'unknown' };

/** Stands in a pattern for a part that is not known. A private-use character: it is in no URL or name. */
export const HOLE = '\uE000';

/** Stands for an unknown part that is URL-encoded, and so holds no `/`, `?` or `#`. */
export const ENCODED_HOLE = '\uE001';

const HOLES = /[\uE000\uE001]/;

/** As long as the longest expression that Azure takes; whatever grows past it is no vault's address. */
const MAX_LENGTH = 8192;

export const UNKNOWN: Folded = { kind: 'unknown' };

/** A value as it stands in the definition. */
export function constant(value: Json): Folded {
  if (typeof value === 'string' && (value.length > MAX_LENGTH || HOLES.test(value))) return UNKNOWN;
  return { kind: 'constant', value };
}

/** A text that was put together, holes included. */
export function fromText(text: string): Folded {
  if (text.length > MAX_LENGTH) return UNKNOWN;
  if (!HOLES.test(text)) return { kind: 'constant', value: text };
  return { kind: 'pattern', text: text.replace(/\uE000{2,}/g, HOLE) };
}

/** The text of a value within a longer text; a hole where it cannot be told how the service writes it. */
export function textOf(folded: Folded): string {
  if (folded.kind === 'pattern') return folded.text;
  if (folded.kind === 'unknown') return HOLE;
  const { value } = folded;
  if (typeof value === 'string') return value;
  if (value === null) return '';
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : HOLE;
}

/** The texts one after the other. It stops as soon as they are too long, however many follow. */
export function joined(parts: Iterable<Folded>): Folded {
  let text = '';
  for (const part of parts) {
    text += textOf(part);
    if (text.length > MAX_LENGTH) return UNKNOWN;
  }
  return fromText(text);
}

/** Whether part of a text is not known. */
export function hasHole(text: string): boolean {
  return HOLES.test(text);
}
