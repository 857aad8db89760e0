import type { Expression } from '../expression.js';
import { constant, UNKNOWN } from '../folded.js';
import { announcesCredential } from './credential-names.js';
import { referencesIn, type Names, type Reference } from './references.js';

/** What an expression takes from somewhere. */
export interface Taken {
  readonly reference: Reference;
  /** The text that stands right before it in the text that it is a part of; empty where there is none. */
  readonly before: string;
  /** Whether that text says that a credential follows. */
  readonly isAnnounced: boolean;
}

/** Null for an expression in which a name depends on the workflow that it stands in. */
const known = new WeakMap<Expression, readonly Taken[] | null>();

/** Everything that an expression reads. Nearly every one says it by itself, and is asked once. */
export function takenBy(expression: Expression, names: Names): readonly Taken[] {
  const before = known.get(expression);
  if (before !== undefined) return before ?? read(expression, names);
  const unsettled: Expression[] = [];
  const written: Names = {
    foldExpression: (name) => {
      if (name.kind === 'literal') return constant(name.value);
      if (name.kind === 'number') return UNKNOWN; // no name
      unsettled.push(name);
      return UNKNOWN;
    },
  };
  const taken = read(expression, written);
  const isSettled = unsettled.length === 0;
  known.set(expression, isSettled ? taken : null);
  return isSettled ? taken : read(expression, names);
}

function read(expression: Expression, names: Names): readonly Taken[] {
  if (expression.kind !== 'interpolation') {
    return referencesIn(expression, names).map((reference) => ({
      reference,
      before: '',
      isAnnounced: false,
    }));
  }
  const taken: Taken[] = [];
  let before = '';
  for (const part of expression.parts) {
    if (part.kind === 'literal') before = String(part.value);
    else {
      const isAnnounced = announcesCredential(before);
      for (const reference of referencesIn(part, names)) taken.push({ reference, before, isAnnounced });
      before = '';
    }
  }
  return taken;
}
