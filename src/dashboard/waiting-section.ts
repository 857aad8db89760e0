import type { AuditRecord } from './answers.js';
import { h } from './element.js';
import { practiceTitle } from './practices.js';
import { resourceLink } from './resource-link.js';

/** Plans that wait for approval, each with the way to its drawer. */
export function waitingSection(
  waiting: readonly AuditRecord[],
  open: (record: AuditRecord) => void,
): HTMLElement {
  return h(
    'section',
    {},
    h('h2', {}, 'Waiting for approval'),
    h(
      'ul',
      { class: 'findings' },
      waiting.map((record) =>
        h(
          'li',
          { class: 'finding' },
          h(
            'p',
            { class: 'lead' },
            resourceLink(record.resourceId, () => {
              open(record);
            }),
            ` ${practiceTitle(record.remediator)}`,
          ),
        ),
      ),
    ),
  );
}
