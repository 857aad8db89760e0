import type { AuditRecord } from './answers.js';
import { h, named } from './element.js';
import { practiceTitle } from './practices.js';
import { resourceName } from './resource-name.js';

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
            h(
              'button',
              {
                type: 'button',
                class: 'link name',
                onclick: () => {
                  open(record);
                },
              },
              named(resourceName(record.resourceId).name),
            ),
            ` ${practiceTitle(record.remediator)}`,
          ),
        ),
      ),
    ),
  );
}
