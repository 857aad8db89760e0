import { actorDid } from '../types/by-hand.js';
import type { AuditRecord } from './answers.js';
import { editSummary } from './diff.js';
import { fill, h, named } from './element.js';
import type { Estate } from './estate.js';
import { headlineOf, type Headline } from './headline.js';
import type { Listed } from './load-list.js';
import { mark } from './mark.js';
import { createPostureView } from './posture-view.js';
import { outcomeWord, practiceTitle } from './practices.js';
import { resourceName } from './resource-name.js';
import { agoText, timeElement } from './time.js';
import { createTimelineView } from './timeline-view.js';

export interface Overview {
  readonly element: HTMLElement;
  readonly show: (estate: Estate) => void;
}

const LATEST = 8;

/** What happened, what stands open and what to do; below it how the practices are kept, and drift over time. */
export function createOverview(open: Open, openResource: OpenResource): Overview {
  const three = h('div', { class: 'three' }, h('p', {}, 'Loading …'));
  const posture = createPostureView();
  const timeline = createTimelineView();
  const latest = h('section', { 'aria-labelledby': 'latest-title' });
  let headline: Headline | null = null;
  let seen: Partial<Estate> = {};
  return {
    element: h(
      'div',
      {},
      three,
      h('div', { class: 'halves' }, posture.element, h('div', {}, timeline.element, latest)),
    ),
    show(estate) {
      const next = headlineOf(estate, Date.now());
      // What says the same stays: somebody may be on it with the keyboard while more is loaded.
      if (next !== null && JSON.stringify(next) !== JSON.stringify(headline)) {
        fill(three, ...threeOf(next, open, openResource));
        headline = next;
      }
      if (seen.posture !== estate.posture) posture.show(estate.posture);
      if (seen.records !== estate.records) {
        timeline.show(estate.records);
        showLatest(latest, estate.records, seen.records, open);
      }
      seen = estate;
    },
  };
}

type Open = (record: AuditRecord) => void;
type OpenResource = (resourceId: string) => void;

function showLatest(
  latest: HTMLElement,
  { items, state }: Listed<AuditRecord>,
  before: Listed<AuditRecord> | undefined,
  open: Open,
): void {
  const isSame = items.slice(0, LATEST).every((record, index) => record === before?.items[index]);
  if (isSame && items.length > 0) return;
  fill(
    latest,
    h('h2', { id: 'latest-title' }, 'Latest records'),
    h(
      'ol',
      { class: 'history' },
      items.slice(0, LATEST).map((record) => latestItem(record, open)),
    ),
    items.length === 0 && state === 'all' ? h('p', {}, 'None.') : null,
  );
}

function threeOf(
  { happened, latest, open: openText, todo, tone }: Headline,
  open: Open,
  openResource: OpenResource,
): readonly HTMLElement[] {
  const now = Date.now();
  return [
    h('section', {}, h('h2', {}, 'What happened'), h('p', {}, happened), latestText(latest, now, open)),
    h(
      'section',
      { class: tone },
      h('h2', {}, 'What stands open'),
      h('p', {}, openText),
      tone === 'good'
        ? null
        : h(
            'small',
            {},
            h('a', { href: '#findings' }, 'All findings'),
            ' · ',
            h('a', { href: '#resources' }, 'the resources, the worst first'),
          ),
    ),
    h(
      'section',
      {},
      h('h2', {}, 'What to do'),
      h(
        'ol',
        {},
        todo.map(({ text, resourceId }) =>
          h(
            'li',
            {},
            named(text),
            resourceId === null
              ? null
              : [
                  ' ',
                  pressLink('Show', text, () => {
                    openResource(resourceId);
                  }),
                ],
          ),
        ),
      ),
    ),
  ];
}

function latestText(latest: AuditRecord | null, now: number, open: Open): HTMLElement | null {
  if (latest === null) return null;
  const { resourceId, remediator, time, actor } = latest;
  const name = actor?.name ?? actor?.id ?? 'somebody';
  const did = {
    approved: `, which ${name} approved`,
    ran: `, which ${name} had done on the command line`,
    wrote: ` after ${name} had written to it`,
  };
  const who = actor === null ? '' : did[actorDid(latest)];
  return h(
    'small',
    {},
    'Last: ',
    named(`${practiceTitle(remediator)} of ${resourceName(resourceId).name}`),
    named(who),
    `, ${agoText(Date.parse(time), now)}. `,
    pressLink('Show', `the last repair`, () => {
      open(latest);
    }),
  );
}

/** `about` is for who hears the links without what stands around them. */
function pressLink(label: string, about: string, onPress: () => void): HTMLElement {
  return h(
    'button',
    { type: 'button', class: 'link', onclick: onPress },
    label,
    h('span', { class: 'unseen' }, `: ${about}`),
  );
}

function latestItem(record: AuditRecord, open: (record: AuditRecord) => void): HTMLElement {
  const { remediator, resourceId, time, edits, actor, trigger } = record;
  return h(
    'li',
    {},
    timeElement(time),
    ' ',
    mark(outcomeWord(record)),
    ' ',
    h(
      'button',
      {
        type: 'button',
        class: 'link name',
        onclick: () => {
          open(record);
        },
      },
      named(resourceName(resourceId).name),
    ),
    h(
      'small',
      {},
      practiceTitle(remediator),
      edits[0] === undefined ? '' : [' · ', named(editSummary(edits[0]))],
      ' · ',
      named(actor?.name ?? actor?.id ?? trigger),
    ),
  );
}
