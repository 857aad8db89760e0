import { valueAt } from '../../src/types/apply-edits.js';
import type { Json } from '../../src/types/json.js';
import { canonical, memberKey, type Difference } from './json-diff.js';
import type { OwnWrite } from './own-writes.js';

/**
 * What a vault is that has no `networkAcls`, or not these of them: ARM shows none of a vault that stands open without rules
 * (https://github.com/hashicorp/terraform-provider-azurerm/issues/2164), and a write sends them whole.
 */
const ABSENT: Readonly<Record<string, Json>> = {
  '/properties/networkAcls/defaultAction': 'Allow',
  '/properties/networkAcls/bypass': 'AzureServices',
};

/**
 * Whether a write made this difference only by putting things back to how it had read them: somebody else changed them
 * between the read and the write. A vault has no ETag by which that could be kept from happening (FACTS of its API:
 * no If-Match); what is demanded of Holdfast is that the write holds nothing but what it read, and its edits: of a list, as often as it was read, and as the edits say.
 */
export function wasPutBack({ read, before, after, records }: OwnWrite, difference: Difference): boolean {
  if (read === null) return false;
  const shown = (document: Json): Json =>
    valueAt(document, difference.path) ?? ABSENT[difference.path] ?? null;
  const then = shown(read.document);
  if (canonical(then) === canonical(shown(before))) return false;
  if (difference.kind === 'value') return canonical(then) === canonical(difference.after);
  // A list may hold the same twice.
  const times = (list: Json): number =>
    membersOf(list).filter((member) => memberKey(member) === memberKey(difference.member)).length;
  const edits = records.flatMap((record) => record.edits).filter((edit) => edit.path === difference.path);
  const added = times(edits.flatMap((edit) => (edit.op === 'add' ? [edit.after] : [])));
  const removed = times(edits.flatMap((edit) => (edit.op === 'remove' ? [edit.before] : [])));
  return times(then) + added - removed === times(valueAt(after, difference.path) ?? null);
}

function membersOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
