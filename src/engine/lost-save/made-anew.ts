import type { JsonObject } from '../../types/json.js';
import { propertiesOf } from '../../types/observation.js';
import type { AuditRecord } from '../../types/record.js';
import { isAfter, type VersionMark } from './lost-save.js';

/**
 * The records of a workflow's PUT, with a warning where the workflow was made after what it was planned from was
 * changed last: somebody had deleted it, and a PUT of what is not there makes it.
 */
export function withMadeAnew(
  records: readonly AuditRecord[],
  base: VersionMark,
  live: JsonObject,
): readonly AuditRecord[] {
  const { createdTime } = propertiesOf(live);
  const isAnew =
    typeof createdTime === 'string' &&
    !Number.isNaN(Date.parse(createdTime)) &&
    isAfter({ version: null, changedTime: createdTime }, base);
  return isAnew
    ? records.map((record) => ({ ...record, warnings: [...record.warnings, MADE_ANEW] }))
    : records;
}

const MADE_ANEW =
  'Somebody deleted the workflow between Holdfast’s read and its write, and the write made it again, with new URLs for its triggers and a new identity where it has one of its own: delete it if it was meant to be gone, else grant its identity what it needs.';
