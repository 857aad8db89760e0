import { valueAt } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import { isJsonObject, type Json } from '../../src/types/json.js';
import { WHOLE } from './of-resource.js';
import { canonical, memberKey, type Difference } from './json-diff.js';

/** Whether a recorded edit says that this difference was made. */
export function explains(edit: Edit, difference: Difference): boolean {
  switch (edit.op) {
    case 'set': {
      const rest = below(edit.path, difference.path);
      if (rest === null) return false;
      const wanted = valueAt(edit.after, rest);
      if (difference.kind === 'value') return canonical(wanted ?? null) === canonical(difference.after);
      const members = Array.isArray(wanted) ? (wanted as readonly Json[]) : [];
      const isThere = members.some((member) => memberKey(member) === memberKey(difference.member));
      return isThere === (difference.kind === 'added');
    }
    case 'add':
      return isMember(edit.path, edit.after, difference, 'added');
    case 'remove':
      return isMember(edit.path, edit.before, difference, 'removed');
  }
}

function isMember(path: string, member: Json, difference: Difference, kind: 'added' | 'removed'): boolean {
  return (
    difference.kind === kind && difference.path === path && memberKey(difference.member) === memberKey(member)
  );
}

/** The rest of a path below another one; null where it lies elsewhere. */
function below(path: string, longer: string): string | null {
  if (longer === path) return '';
  return longer.startsWith(`${path}/`) ? longer.slice(path.length) : null;
}

/** Whether a document is as an edit would have it. */
export function holds(edit: Edit, document: Json): boolean {
  const there = valueAt(document, edit.path) ?? null;
  switch (edit.op) {
    case 'set':
      // Azure adds its own to a resource that is made.
      if (edit.path === WHOLE) return saysAtLeast(there, edit.after);
      return canonical(there) === canonical(edit.after);
    case 'add':
      return membersOf(there).some((member) => memberKey(member) === memberKey(edit.after));
    case 'remove':
      return !membersOf(there).some((member) => memberKey(member) === memberKey(edit.before));
  }
}

function membersOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** Whether an object has everything that another one has, and as it has it. */
function saysAtLeast(document: Json, wanted: Json): boolean {
  if (!isJsonObject(wanted)) return canonical(document) === canonical(wanted);
  return (
    isJsonObject(document) &&
    Object.entries(wanted).every(([key, value]) => saysAtLeast(document[key] ?? null, value ?? null))
  );
}
