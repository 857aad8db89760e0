import type { JsonObject } from '../../types/json.js';
import type { AuditRecord } from '../../types/record.js';
import { markOf } from '../lost-save/lost-save.js';
import { isVersionEdit } from '../lost-save/version-edit.js';
import type { WriteEvidence } from '../ports/audit-log.js';
import { evidenceDigest } from '../record/record-digest.js';

/**
 * Whether a version of a workflow, or the workflow as it is, is what a write was to leave behind. The digest is of the
 * definition and the parameters: of a write that changes something else (an identity) it tells nothing, and the version
 * that the write was planned from is none of its own, whatever is the same in both.
 */
export function isVersionOf(
  records: readonly AuditRecord[],
  evidence: WriteEvidence | null,
  version: JsonObject,
): boolean {
  if (evidence === null || evidenceDigest('workflow', version) !== evidence.digest) return false;
  const isTold = records.every(({ edits }) =>
    edits.every((edit) => isVersionEdit(edit) || TOLD.some((place) => edit.path.startsWith(place))),
  );
  const base = evidence.version ?? null;
  return isTold && (base === null || markOf(version).version !== base);
}

const TOLD = ['/properties/definition/', '/properties/parameters/'];
