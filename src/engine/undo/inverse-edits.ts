import { applyEdits, pointerKeys, toPointer, valueAt } from '../../types/apply-edits.js';
import type { Edit } from '../../types/edit.js';
import { isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { UNSET_FIREWALL_SETTINGS } from '../../vault/network-rules.js';
import { isVersionEdit } from '../lost-save/version-edit.js';
import { unconfirmedEdits } from '../write/verify-edits.js';
import type { NotUndone } from './undo.js';

/** The edits that take others back on a resource as it is now. */
export interface InverseEdits {
  readonly edits: readonly Edit[];
  /** What is neither as the change left it nor as it was before: then nothing is to be taken back. */
  readonly changed: readonly string[];
  /** What no edit takes back, and why. */
  readonly cannotUndo: readonly NotUndone[];
}

/** What Azure takes for a key that is not set. */
const UNSET: Readonly<Record<string, string>> = {
  ...UNSET_FIREWALL_SETTINGS,
  // A PUT without an identity is not documented to take it away; that of the type None does.
  '/identity/type': 'None',
};

const NO_COMMAND = 'Holdfast writes no such change; run the command that is shown for it.';

/**
 * Takes edits back at their very places, the last one first. What others have put there since stays; what is already as it
 * was needs nothing.
 */
export function inverseEdits(
  document: JsonObject,
  recorded: readonly Edit[],
  reason: string,
  isOutOfReach: (path: string) => boolean,
): InverseEdits {
  const edits: Edit[] = [];
  const changed: string[] = [];
  const cannotUndo: NotUndone[] = [];
  let now = document;
  for (const edit of recorded.toReversed()) {
    if (isVersionEdit(edit) || isOutOfReach(edit.path)) {
      cannotUndo.push({ path: edit.path, why: NO_COMMAND });
      continue;
    }
    const inverse = inverseOf(now, edit, reason);
    if (inverse === 'changed') changed.push(edit.path);
    else if (inverse === 'unset') cannotUndo.push({ path: edit.path, why: NO_COMMAND });
    else if (inverse !== 'as-it-was') {
      edits.push(inverse);
      now = applyEdits(now, [inverse]);
    }
  }
  return { edits, changed, cannotUndo };
}

/** `unset`: it would have to go altogether, which no edit says. */
function inverseOf(now: JsonObject, edit: Edit, reason: string): Edit | 'as-it-was' | 'changed' | 'unset' {
  const { path } = edit;
  const isShown = unconfirmedEdits(now, [edit]).length === 0;
  switch (edit.op) {
    case 'set': {
      const before = edit.before ?? unsetValue(edit);
      const isBefore = unconfirmedEdits(now, [{ ...edit, after: before ?? null }]).length === 0;
      if (isBefore && before !== null) return 'as-it-was';
      if (!isShown) return valueAt(now, path) === undefined && edit.before === null ? 'as-it-was' : 'changed';
      if (before === null) return 'unset';
      return { op: 'set', path, before: valueAt(now, path) ?? null, after: before, reason };
    }
    case 'add': {
      const member = memberLike(now, edit);
      if (member === undefined) return 'as-it-was';
      return withoutEmptied(now, { op: 'remove', path, before: member, after: null, reason });
    }
    case 'remove': {
      if (!isShown) return 'as-it-was';
      return { op: 'add', path, before: null, after: edit.before, reason };
    }
  }
}

function unsetValue({ path, after }: Edit): Json {
  if (path === '/identity' && isJsonObject(after)) return { type: 'None' };
  return UNSET[path] ?? null;
}

/** The member that was added, as ARM spells it now. */
function memberLike(now: JsonObject, edit: Edit): Json | undefined {
  const members = valueAt(now, edit.path);
  if (!Array.isArray(members)) return undefined;
  return (members as readonly Json[]).find((member) => {
    const alone: Edit = { op: 'set', path: edit.path, before: null, after: [member], reason: '' };
    return unconfirmedEdits(applyEdits(now, [alone]), [edit]).length === 0;
  });
}

/**
 * The list, and what holds nothing but it, may have been made for the member: of an action's settings, what is empty
 * then goes with it.
 */
function withoutEmptied(now: JsonObject, removal: Edit): Edit {
  const keys = pointerKeys(removal.path);
  const at = keys.lastIndexOf('runtimeConfiguration');
  const rest = valueAt(applyEdits(now, [removal]), removal.path);
  if (at < 0 || !Array.isArray(rest) || rest.length > 0) return removal;
  const path = toPointer(keys.slice(0, at + 1));
  const before = valueAt(now, path);
  if (!isJsonObject(before)) return removal;
  return { op: 'set', path, before, after: pruned(before, keys.slice(at + 1)), reason: removal.reason };
}

function pruned(object: JsonObject, [key = '', ...rest]: readonly string[]): JsonObject {
  const inner = object[key];
  const left = rest.length > 0 && isJsonObject(inner) ? pruned(inner, rest) : {};
  const others = Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
  return Object.keys(left).length === 0 ? others : { ...others, [key]: left };
}
