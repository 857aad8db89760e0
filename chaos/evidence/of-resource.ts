import type { AuditRecord } from '../../src/types/record.js';

/**
 * A record as one of the resource that was written. A connection's record names at `/connections/{name}` the whole
 * connection beside it that is made; of every other resource the edits are its own, and of another than the one that a
 * record is about they are nowhere.
 */
export function ofResource(record: AuditRecord, resourceId: string): AuditRecord {
  const [about, written] = [record.resourceId, resourceId].map((id) => id.toLowerCase());
  if (about === written) return record;
  const edits = record.edits.map((edit) => {
    const name = /^\/connections\/([^/]+)$/.exec(edit.path)?.[1];
    const beside = name === undefined ? null : besideOf(record.resourceId, name).toLowerCase();
    return { ...edit, path: beside === written ? WHOLE : `${ELSEWHERE}${edit.path}` };
  });
  return { ...record, edits };
}

/** The place of a whole resource. */
export const WHOLE = '';
/** A place that no document has. */
const ELSEWHERE = '/elsewhere';

function besideOf(connectionId: string, name: string): string {
  return connectionId.slice(0, connectionId.lastIndexOf('/') + 1) + name;
}
