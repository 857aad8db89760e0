import type { JournalledChange } from '../../simulator/journal.js';
import { valueAt } from '../../src/types/apply-edits.js';
import type { Edit } from '../../src/types/edit.js';
import type { Json } from '../../src/types/json.js';
import type { AuditRecord } from '../../src/types/record.js';
import { canonical, memberKey, type Difference } from './json-diff.js';
import { parsed } from './own-writes.js';

/** Where a record says that a version of a workflow was taken up again which a write had gone over. */
const VERSION = '/properties/version';

/** The version that a write takes up again, by its records; null where it takes up none. */
export function takenUpBy(records: readonly AuditRecord[], changes: readonly JournalledChange[]): Json {
  const edit = records.flatMap(({ edits }) => edits).find(({ path }) => path === VERSION);
  if (edit === undefined) return null;
  // Switched on or off, it stays the same version.
  const found = changes.findLast(({ after }) => valueAt(parsed(after), VERSION) === edit.after);
  return parsed(found?.after);
}

export function namesVersion({ edits }: AuditRecord): boolean {
  return edits.some(isVersionEdit);
}

/** Whether an edit names a version instead of changing something. */
export function isVersionEdit({ path }: Pick<Edit, 'path'>): boolean {
  return path === VERSION;
}

/** Whether these records say that the version was taken up again in which somebody had saved this. */
export function isTakenUp(saved: Json, records: readonly AuditRecord[]): boolean {
  const version = valueAt(saved, VERSION);
  return records.some(({ edits }) => edits.some((edit) => isVersionEdit(edit) && edit.after === version));
}

/** What a version of a workflow holds of it. */
const HELD = ['definition', 'parameters', 'state', 'accessControl', 'integrationAccount'].map(
  (name) => `/properties/${name}`,
);

/** Whether the version history shows what stands at this place, so that a save that was gone over can be taken up there. */
export function isHeldByVersions(path: string): boolean {
  return [...HELD, '/tags'].some((held) => path === held || path.startsWith(`${held}/`));
}

/** Whether a difference makes the resource as the version that was taken up has it. */
export function isOfVersion(version: Json, difference: Difference): boolean {
  if (version === null) return false;
  const there = valueAt(version, difference.path) ?? null;
  if (difference.kind === 'value') return canonical(there) === canonical(difference.after);
  const members = Array.isArray(there) ? (there as readonly Json[]) : [];
  const isThere = members.some((member) => memberKey(member) === memberKey(difference.member));
  return isThere === (difference.kind === 'added');
}
