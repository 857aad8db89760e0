import type { AuditRecord } from './answers.js';
import { editSummary } from './diff.js';
import { h, named } from './element.js';
import type { Listed } from './load-list.js';
import { mark } from './mark.js';
import { createPagedTable } from './paged-table.js';
import { OUTCOME_WORDS, outcomeWord, PRACTICES, practiceTitle } from './practices.js';
import { resourceLink } from './resource-link.js';
import { resourceName } from './resource-name.js';
import { shortened } from './shortened.js';
import { timeElement } from './time.js';
import { byWhom } from './who.js';

export interface RecordsView {
  readonly element: HTMLElement;
  readonly show: (records: Listed<AuditRecord>) => void;
}

const LONGEST_ERROR = 160;

/** Every record that is loaded: what was done, planned and refused, found by any word in it. */
export function createRecordsView(open: (record: AuditRecord) => void, loadOlder: () => void): RecordsView {
  const table = createPagedTable<AuditRecord>({
    caption: 'Records, the newest first',
    noun: 'records',
    none: 'Nothing is recorded yet. A resource that is as it should be writes no record.',
    columns: [
      {
        head: 'resource',
        cell: (record) => [
          resourceLink(record.resourceId, () => {
            open(record);
          }),
          h('small', {}, named(resourceName(record.resourceId).group)),
        ],
      },
      { head: 'outcome', cell: (record) => mark(outcomeWord(record)) },
      { head: 'practice', cell: ({ remediator }) => practiceTitle(remediator), isWideOnly: true },
      {
        head: 'change',
        cell: ({ edits, error }) => summary(edits, error),
        isWideOnly: true,
        className: 'change',
      },
      {
        head: 'by',
        cell: (record) => named(byWhom(record)),
        isWideOnly: true,
      },
      { head: 'time', cell: ({ time }) => timeElement(time), className: 'time' },
    ],
    choices: [
      {
        label: 'Outcome',
        options: Object.entries(OUTCOME_WORDS)
          .filter(([id]) => id !== 'compliant')
          .map(([value, { text }]) => ({ value, text })),
        matches: ({ outcome }, value) => outcome === value,
      },
      {
        label: 'Practice',
        options: Object.entries(PRACTICES)
          .filter(([id]) => id !== 'self-audit')
          .map(([value, { title }]) => ({ value, text: title })),
        matches: ({ remediator }, value) => remediator === value,
      },
    ],
    haystack,
  });
  const older = h('button', { type: 'button', onclick: loadOlder }, 'Load older records');
  const element = h('div', {}, table.element, h('p', {}, older));
  return {
    element,
    show(listed) {
      const { items, state } = listed;
      // Where some of them did not come, it goes on from there.
      older.hidden = state !== 'more' && !(state === 'failed' && items.length > 0);
      table.show(listed);
    },
  };
}

/** The whole of it stands in the drawer. */
function summary(edits: AuditRecord['edits'], error: string | null): HTMLElement {
  const [first] = edits;
  if (first === undefined)
    return h('span', { class: 'reason' }, named(shortened(error ?? '', LONGEST_ERROR)));
  return h('span', {}, named(editSummary(first)), edits.length > 1 ? ` and ${edits.length - 1} more` : '');
}

function haystack(record: AuditRecord): string {
  const { id, resourceId, remediator, outcome, trigger, actor, edits, error, correlationId, time } = record;
  return [
    ...[
      id,
      resourceId,
      remediator,
      practiceTitle(remediator),
      outcome,
      outcomeWord(record).text,
      trigger,
      time,
    ],
    ...[correlationId, error ?? '', actor?.name ?? '', actor?.id ?? '', actor?.ip ?? ''],
    ...edits.slice(0, 20).map(editSummary),
  ]
    .join(' ')
    .toLowerCase();
}
