import type { AuditRecord } from './answers.js';
import type { Listed } from './load-list.js';
import { fill, h, refill } from './element.js';
import { mark } from './mark.js';
import type { Word } from './practices.js';
import { durationText, fullTime } from './time.js';
import { bucketsOf, PERIODS, type Bucket, type Period } from './timeline.js';
import { countsDrawing, paceDrawing } from './timeline-drawing.js';
import { fixesOf, medianFix } from './time-to-fix.js';

export interface TimelineView {
  readonly element: HTMLElement;
  readonly show: (records: Listed<AuditRecord>) => void;
}

/** Drift and repair over time, with the median time to fix: drawn, and as a table. */
export function createTimelineView(): TimelineView {
  let records: Listed<AuditRecord> | null = null;
  let isChosen = false;
  let isTableOpen = false;
  const choice = h(
    'select',
    {
      'aria-label': 'Period',
      onchange: () => {
        isChosen = true;
        draw();
      },
    },
    PERIODS.map(({ name }, index) => h('option', { value: index, selected: index === 1 }, name)),
  );
  const body = h('div', {}, h('p', {}, 'Loading …'));
  const element = h(
    'section',
    { 'aria-labelledby': 'timeline-title' },
    h('div', { class: 'tools spread' }, h('h2', { id: 'timeline-title' }, 'Drift and repair'), choice),
    body,
  );

  function draw(): void {
    const period = PERIODS[Number(choice.value)];
    if (records === null || period === undefined) return;
    const now = Date.now();
    const all = fixesOf(records.items);
    const fixes = all.filter(({ at }) => now - at < period.ms);
    const buckets = bucketsOf(records.items, all, period, now);
    const median = medianFix(fixes);
    const unknown = fixes.filter(({ ms }) => ms === null).length;
    // Drawn anew with each page of records: who reads the table, or is on what opens it, stays there.
    const table = h('details', { open: isTableOpen }, h('summary', {}, 'As a table'), asTable(buckets));
    table.addEventListener('toggle', () => {
      isTableOpen = table.open;
    });
    refill(
      body,
      table.firstElementChild as HTMLElement,
      h(
        'dl',
        { class: 'figures' },
        figure('median time to fix', median === null ? 'unknown' : durationText(median)),
        figure('repaired', fixes.length.toLocaleString('en')),
        figure(
          'seen and left',
          buckets.reduce((sum, { leftOpen }) => sum + leftOpen, 0).toLocaleString('en'),
        ),
      ),
      h('p', { class: 'key' }, mark(REPAIRED), mark(LEFT), h('span', { class: 'reason' }, 'how many')),
      countsDrawing(buckets),
      h(
        'p',
        { class: 'key' },
        h('span', { class: 'reason' }, 'median time to fix, from 10 ms to 10 days (logarithmic)'),
      ),
      paceDrawing(buckets, median),
      h(
        'p',
        { class: 'axis', 'aria-hidden': 'true' },
        h('span', {}, fullTime(new Date(now - period.ms).toISOString())),
        h('span', {}, 'now'),
      ),
      h(
        'p',
        { class: 'reason' },
        'From when Holdfast first saw the drift to when Azure answered that it is put right. When a drift began is not recorded',
        unknown === 0 ? '.' : `; of ${unknown} it is unknown how long they took.`,
        reachText(records, period, now),
      ),
      table,
    );
  }

  return {
    element,
    show(given) {
      records = given;
      // Where all there is happened within the hour, a day would show one bar of it.
      if (!isChosen) choice.value = isOfLastHour(given) ? '0' : '1';
      if (given.state === 'loading' && given.items.length === 0) return;
      if (given.state === 'failed' && given.items.length === 0)
        fill(body, h('p', { class: 'problem' }, given.why ?? ''));
      else draw();
    },
  };
}

const REPAIRED: Word = { text: 'repaired', tone: 'good', meaning: 'written, and seen in Azure’s answer' };
const LEFT: Word = {
  text: 'seen and left',
  tone: 'wait',
  meaning: 'planned, refused, failed or contested',
};

function isOfLastHour({ items, state }: Listed<AuditRecord>): boolean {
  const [hour] = PERIODS;
  const oldest = items.at(-1);
  return (
    state === 'all' &&
    hour !== undefined &&
    oldest !== undefined &&
    Date.now() - Date.parse(oldest.time) < hour.ms
  );
}

function figure(name: string, value: string): HTMLElement {
  return h('div', {}, h('dt', {}, name), h('dd', {}, value));
}

/** Whether all that happened in a period has come. */
function reachText({ items, state }: Listed<AuditRecord>, { ms }: Period, now: number): string {
  const oldest = items.at(-1);
  const isWhole = state === 'all' || (oldest !== undefined && now - Date.parse(oldest.time) >= ms);
  if (isWhole) return '';
  const from = oldest === undefined ? '' : ` Older than ${fullTime(oldest.time)}:`;
  return state === 'loading'
    ? ' Older records are still coming.'
    : `${from} not loaded; ask for older ones under Records.`;
}

function asTable(buckets: readonly Bucket[]): HTMLElement {
  const busy = buckets.filter(({ repaired, leftOpen }) => repaired + leftOpen > 0).reverse();
  return h(
    'table',
    {},
    h('caption', { class: 'unseen' }, 'Drift and repair by time'),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        ['from', 'repaired', 'left open', 'median time to fix'].map((head) =>
          h('th', { scope: 'col' }, head),
        ),
      ),
    ),
    h(
      'tbody',
      {},
      busy.map(({ from, repaired, leftOpen, median }) =>
        h(
          'tr',
          {},
          h('th', { scope: 'row' }, fullTime(new Date(from).toISOString())),
          [repaired, leftOpen].map((count) => h('td', {}, count)),
          h('td', {}, median === null ? (repaired === 0 ? '' : 'unknown') : durationText(median)),
        ),
      ),
    ),
  );
}
