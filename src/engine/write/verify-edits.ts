import { valueAt } from '../../types/apply-edits.js';
import type { Edit } from '../../types/edit.js';
import { isJsonObject, type Json, type JsonObject } from '../../types/json.js';
import { isSameRange, parseRange } from '../../vault/ip-range.js';
import { UNSET_NETWORK_ACLS } from '../../vault/network-rules.js';
import { isSamePolicy } from '../../vault/access/access-policies.js';
import { isVersionEdit } from '../lost-save/version-edit.js';
import { ACCESS_POLICIES, DIAGNOSTIC_SETTINGS } from './write-target.js';

/**
 * The edits that a document does not show. ARM answers in its own spelling (`1.2.3.4` comes back as
 * `1.2.3.4/32`, subnet ids in lower case) and may add keys of its own to what was sent. `intended` tells how many
 * equal members a list may still hold after one was removed; without it none may be left.
 */
export function unconfirmedEdits(
  document: JsonObject,
  edits: readonly Edit[],
  intended: JsonObject | null = null,
): readonly Edit[] {
  const shown = withOpenFirewall(document);
  return edits.filter((edit) => {
    // It names what was taken up; ARM gives each write a version of its own.
    if (isVersionEdit(edit)) return false;
    if (edit.op === 'set') {
      // Azure adds the categories that are off to the list of those that were sent.
      const isSetting = edit.path.startsWith(DIAGNOSTIC_SETTINGS);
      return !holds(valueAt(shown, edit.path), edit.after, isSetting ? 'contains' : 'equals');
    }
    const isPolicy = edit.path === ACCESS_POLICIES;
    const count = (of: JsonObject | null, member: Json): number =>
      of === null
        ? 0
        : membersOf(of, edit.path).filter((one) =>
            isPolicy ? isSamePolicy(one, member) : holds(one, member),
          ).length;
    return edit.op === 'add'
      ? count(document, edit.after) === 0
      : count(document, edit.before) > count(intended, edit.before);
  });
}

/** With the `networkAcls` that a vault has which comes back without any. */
function withOpenFirewall(document: JsonObject): JsonObject {
  const { properties } = document;
  if (!isJsonObject(properties) || (properties.networkAcls ?? null) !== null) return document;
  return { ...document, properties: { ...properties, networkAcls: UNSET_NETWORK_ACLS } };
}

function membersOf(document: JsonObject, path: string): readonly Json[] {
  const value = valueAt(document, path);
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

/** Whether `actual` says at least what `expected` says; of lists, whether they are equal or the one holds the other. */
function holds(
  actual: Json | undefined,
  expected: Json | undefined,
  lists: 'equals' | 'contains' = 'equals',
): boolean {
  if (isJsonObject(expected)) {
    return (
      isJsonObject(actual) &&
      Object.entries(expected).every(([key, value]) => holds(actual[key], value, lists))
    );
  }
  if (Array.isArray(expected) && lists === 'contains') {
    const members = Array.isArray(actual) ? (actual as readonly Json[]) : [];
    return (expected as readonly Json[]).every((member) => members.some((one) => holds(one, member, lists)));
  }
  if (Array.isArray(expected)) {
    return (
      Array.isArray(actual) &&
      actual.length === expected.length &&
      expected.every((member, i) => holds(actual[i] as Json, member as Json))
    );
  }
  if (typeof expected === 'string' && typeof actual === 'string') {
    return actual.toLowerCase() === expected.toLowerCase() || isSameAddress(actual, expected);
  }
  return actual === expected;
}

function isSameAddress(a: string, b: string): boolean {
  const [left, right] = [parseRange(a), parseRange(b)];
  return left !== null && right !== null && isSameRange(left, right);
}
