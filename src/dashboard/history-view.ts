import type { Api } from './api.js';
import type { AuditRecord, RecordsPage } from './answers.js';
import { sorry } from './doing.js';
import { editSummary } from './diff.js';
import { fill, h, named } from './element.js';
import { mark } from './mark.js';
import { outcomeWord, practiceTitle } from './practices.js';
import { linkButton } from './press.js';
import { timeElement } from './time.js';
import { byWhom } from './who.js';

const SHOWN = 50;

/** All that is recorded of a resource, the newest first; the record that is being looked at is marked. */
export function historyView(
  api: Api,
  resourceId: string,
  current: string | null,
  open: (record: AuditRecord) => void,
): HTMLElement {
  const body = h('div', { role: 'status' }, h('p', {}, 'Loading …'));
  const load = async (): Promise<void> => {
    const answer = await api.get<RecordsPage>('audit', { resourceId, limit: SHOWN });
    if (answer.kind !== 'ok') {
      fill(body, sorry(answer));
      return;
    }
    const { records, continuationToken } = answer.body;
    fill(
      body,
      records.length === 0 ? h('p', {}, 'Nothing is recorded of it: it has been as it should be.') : null,
      h(
        'ol',
        { class: 'history' },
        records.map((record) => item(record, record.id === current, open)),
      ),
      continuationToken === null
        ? null
        : h('p', { class: 'reason' }, `The newest ${SHOWN}; older ones under Records.`),
    );
  };
  void load();
  return h('section', {}, h('h3', {}, 'History of this resource'), body);
}

function item(record: AuditRecord, isCurrent: boolean, open: (record: AuditRecord) => void): HTMLElement {
  const { time, remediator, edits } = record;
  return h(
    'li',
    {},
    timeElement(time),
    ' ',
    mark(outcomeWord(record)),
    ' ',
    isCurrent
      ? h('strong', { 'aria-current': 'true' }, practiceTitle(remediator))
      : linkButton(practiceTitle(remediator), () => {
          open(record);
        }),
    ' ',
    h(
      'span',
      { class: 'reason' },
      named(edits[0] === undefined ? '' : editSummary(edits[0])),
      edits.length > 1 ? ` and ${edits.length - 1} more` : '',
      ' · ',
      named(byWhom(record)),
    ),
  );
}
