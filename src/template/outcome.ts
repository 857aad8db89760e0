import type { Json } from '../types/json.js';
import { HOLE } from '../workflow/folded.js';

/**
 * What can be told of a value before a template is deployed. What is not known of a text is a hole in it, and what is not
 * known at all is a hole alone.
 */
export interface Outcome {
  readonly value: Json;
  readonly isKnown: boolean;
  /** The parameters whose default values it rests on: a deployment may give others. */
  readonly defaults: readonly string[];
  /** What is secret in it, in words: `the secure parameter "password"`, `listKeys()`. */
  readonly secrets: readonly string[];
}

export const UNKNOWN: Outcome = { value: HOLE, isKnown: false, defaults: [], secrets: [] };

export function known(value: Json): Outcome {
  return { value, isKnown: true, defaults: [], secrets: [] };
}

export function secret(what: string): Outcome {
  return { ...UNKNOWN, secrets: [what] };
}

/** A value that was made of others, and rests on what they rest on. It is known if they are, unless it is said. */
export function madeOf(parts: readonly Outcome[], value: Json, isKnown = areKnown(parts)): Outcome {
  return {
    value,
    isKnown,
    defaults: [...new Set(parts.flatMap(({ defaults }) => defaults))],
    secrets: [...new Set(parts.flatMap(({ secrets }) => secrets))],
  };
}

export function areKnown(outcomes: readonly Outcome[]): boolean {
  return outcomes.every(({ isKnown }) => isKnown);
}

/** A value that is not known, of parts that may have been secret. */
export function unknownOf(parts: readonly Outcome[]): Outcome {
  return madeOf(parts, HOLE, false);
}

/** In UTF-16 units. No text that a template makes is as long, and one that doubles itself must end. */
export const MAX_TEXT = 1_000_000;

/** The texts one after the other, with holes where a part is not known. */
export function joinedText(parts: readonly Outcome[]): Outcome {
  let text = '';
  for (const { value } of parts) {
    text += textOf(value);
    if (text.length > MAX_TEXT) return unknownOf(parts);
  }
  return madeOf(parts, text);
}

/** As a template writes a value within a text. */
function textOf(value: Json): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null ? '' : JSON.stringify(value);
}
