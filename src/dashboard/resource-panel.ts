import type { AuditRecord, Finding, Kind, RemediatorId, Resource, Standing } from './answers.js';
import { resourceDeeds } from './deeds.js';
import type { Doing } from './doing.js';
import { h, type Child } from './element.js';
import { findingItem, findingsOf } from './findings-view.js';
import { flowSection } from './flow-section.js';
import { historyView } from './history-view.js';
import type { Listed } from './load-list.js';
import { mark } from './mark.js';
import { PRACTICES, practiceTitle, STANDING_WORDS } from './practices.js';
import { whereLine } from './where-line.js';

/** A resource: how it stands, what is open, what can be done, and what was. */
export function resourcePanel(
  doing: Doing,
  resource: Resource,
  listed: Listed<Finding>,
  open: (record: AuditRecord) => void,
): readonly Child[] {
  const { resourceId, remediators, kind, accepted } = resource;
  const own = findingsOf(resourceId, listed.items);
  const { high, medium, low } = resource.findings;
  const missing = listed.state === 'all' ? 0 : high + medium + low - own.length;
  const standings = Object.entries(remediators) as [RemediatorId, Standing][];
  return [
    whereLine(doing, resourceId),
    h(
      'section',
      {},
      h('h3', {}, 'How it stands'),
      standings.length === 0
        ? h('p', {}, 'No practice is watched on it.')
        : h(
            'table',
            {},
            h('caption', { class: 'unseen' }, 'Practices'),
            h(
              'tbody',
              {},
              standings.map(([id, standing]) =>
                h(
                  'tr',
                  {},
                  h('th', { scope: 'row' }, practiceTitle(id)),
                  h('td', {}, mark(STANDING_WORDS[standing]), countText(id, own)),
                  h('td', { class: 'reason wide' }, PRACTICES[id].safe),
                ),
              ),
            ),
          ),
    ),
    h(
      'section',
      {},
      h('h3', {}, 'What stands open'),
      missing > 0 ? h('p', {}, missingText(missing, listed)) : null,
      own.length === 0
        ? missing > 0
          ? null
          : h('p', {}, accepted === 0 ? 'Nothing.' : `Nothing but what was accepted (${accepted}).`)
        : h(
            'ul',
            { class: 'findings' },
            own.map((finding) => findingItem(doing, finding, null)),
          ),
    ),
    resourceDeeds(doing, resourceId, applicable(doing, kind)),
    kind === 'workflow' ? flowSection(doing, resourceId) : null,
    historyView(doing.api, resourceId, null, open),
  ];
}

/** What has not drifted is not safe for that, where something of it is left to a person. */
function countText(id: RemediatorId, own: readonly Finding[]): string {
  const count = own.filter(({ remediator }) => remediator === id).length;
  return count === 0 ? '' : `, ${count} ${count === 1 ? 'finding' : 'findings'}`;
}

/** A resource says how many findings there are, also where the list of them is not here. */
function missingText(missing: number, { state, why }: Listed<Finding>): string {
  const what = `${missing} ${missing === 1 ? 'finding' : 'findings'}`;
  return state === 'failed' ? `${what} cannot be shown: ${why ?? ''}` : `${what} more, still coming …`;
}

/** Those that a kind of resource can have; by the first word of their ids. */
function applicable({ policy }: Doing, kind: Kind): readonly RemediatorId[] {
  const ids = Object.keys(policy?.modes ?? {}) as RemediatorId[];
  return ids.filter((id) => id.startsWith(kind));
}
