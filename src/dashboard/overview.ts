import type { AuditRecord } from './answers.js';
import { editSummary } from './diff.js';
import { fill, h, named } from './element.js';
import type { Estate } from './estate.js';
import { headlineOf, type Headline } from './headline.js';
import { headlineView } from './headline-view.js';
import type { Listed } from './load-list.js';
import { mark } from './mark.js';
import { createPostureView } from './posture-view.js';
import { outcomeWord, practiceTitle } from './practices.js';
import { resourceLink } from './resource-link.js';
import { timeElement } from './time.js';
import { createTimelineView } from './timeline-view.js';
import { byWhom } from './who.js';

export interface Overview {
  readonly element: HTMLElement;
  readonly show: (estate: Estate) => void;
}

const LATEST = 8;

/** What happened, what stands open and what to do; below it how the practices are kept, and drift over time. */
export function createOverview(open: Open, openResource: (resourceId: string) => void): Overview {
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
        fill(three, ...headlineView(next, open, openResource));
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

function latestItem(record: AuditRecord, open: Open): HTMLElement {
  const { remediator, resourceId, time, edits } = record;
  return h(
    'li',
    {},
    timeElement(time),
    ' ',
    mark(outcomeWord(record)),
    ' ',
    resourceLink(resourceId, () => {
      open(record);
    }),
    h(
      'small',
      {},
      practiceTitle(remediator),
      edits[0] === undefined ? '' : [' · ', named(editSummary(edits[0]))],
      ' · ',
      named(byWhom(record)),
    ),
  );
}
