import type { Edit } from '../types/edit.js';
import type { AuditRecord } from '../types/record.js';

const MOST_EDITS = 50;
const MOST_WARNINGS = 10;
const LONGEST = 500;

/** What is left out for the sake of size, the least needed first; each step goes on from the one before. */
const STEPS: readonly { readonly leavesOut: string; readonly cut: (record: AuditRecord) => AuditRecord }[] = [
  {
    leavesOut: 'the values before and after its edits',
    cut: (record) => ({ ...record, edits: record.edits.map(withoutValues) }),
  },
  {
    leavesOut: `the values before and after its edits, and all edits but the first ${MOST_EDITS}`,
    cut: (record) => ({
      ...record,
      edits: record.edits
        .slice(0, MOST_EDITS)
        .map((edit) => ({ ...edit, path: shortened(edit.path), reason: shortened(edit.reason) })),
    }),
  },
  {
    leavesOut: `its edits, all warnings but the first ${MOST_WARNINGS}, and the rest of long texts`,
    cut: ({ actor, error, warnings, ...record }) => ({
      ...record,
      resourceId: shortened(record.resourceId),
      actor: actor && { id: orNull(actor.id), name: orNull(actor.name), ip: orNull(actor.ip) },
      edits: [],
      warnings: warnings.slice(0, MOST_WARNINGS).map(shortened),
      error: orNull(error),
    }),
  },
];

/**
 * A record that a target takes: as it is where it fits, else without what it can be told without, and with a last
 * warning that says so. The audit log has the whole of it under the same id.
 */
export function cutRecord(
  record: AuditRecord,
  target: string,
  fits: (record: AuditRecord) => boolean,
): AuditRecord {
  if (fits(record)) return record;
  let cut = record;
  let told = record;
  for (const step of STEPS) {
    cut = step.cut(cut);
    const warning = `Too large for ${target}, so left out here: ${step.leavesOut}. The audit log has all of it.`;
    told = { ...cut, warnings: [...cut.warnings, warning] };
    if (fits(told)) return told;
  }
  return told;
}

function withoutValues(edit: Edit): Edit {
  return { ...edit, before: null, after: null };
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST).toWellFormed()}…`;
}

function orNull(text: string | null): string | null {
  return text === null ? null : shortened(text);
}
