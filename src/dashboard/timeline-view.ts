import type { AuditRecord } from './answers.js';
import type { Listed } from './estate.js';
import { fill, h, s } from './element.js';
import { durationText, fullTime } from './time.js';
import { bucketsOf, PERIODS, type Bucket, type Period } from './timeline.js';
import { fixesOf, medianFix } from './time-to-fix.js';

export interface TimelineView {
  readonly element: HTMLElement;
  readonly show: (records: Listed<AuditRecord>) => void;
}

/** Drift and repair over time, with the median time to fix: drawn, and as a table. */
export function createTimelineView(): TimelineView {
  let records: Listed<AuditRecord> | null = null;
  const choice = h(
    'select',
    {
      'aria-label': 'Period',
      onchange: () => {
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
    fill(
      body,
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
      drawing(buckets, median),
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
      h('details', {}, h('summary', {}, 'As a table'), asTable(buckets)),
    );
  }

  return {
    element,
    show(given) {
      records = given;
      if (given.state === 'loading' && given.items.length === 0) return;
      if (given.state === 'failed' && given.items.length === 0)
        fill(body, h('p', { class: 'problem' }, given.why ?? ''));
      else draw();
    },
  };
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

const [HEIGHT, GAP] = [72, 28];
/** The scale of the time to fix: logarithmic, from 10 ms to 10 days. */
const [FASTEST, SLOWEST] = [1, Math.log10(10 * 86_400_000)];

function drawing(buckets: readonly Bucket[], median: number | null): SVGElement {
  const most = Math.max(1, ...buckets.map(({ repaired, leftOpen }) => repaired + leftOpen));
  const width = buckets.length * 10;
  const tall = (count: number): number => (count / most) * HEIGHT;
  const bars = buckets.flatMap(({ from, repaired, leftOpen }, index) => {
    const x = index * 10 + 1;
    const title = s(
      'title',
      {},
      `${fullTime(new Date(from).toISOString())}: ${repaired} repaired, ${leftOpen} left open`,
    );
    return [
      s(
        'g',
        {},
        title,
        s('rect', { class: 'good', x, width: 8, y: HEIGHT - tall(repaired), height: tall(repaired) }),
        s('rect', {
          class: 'wait',
          x,
          width: 8,
          y: HEIGHT - tall(repaired + leftOpen),
          height: tall(leftOpen),
        }),
      ),
    ];
  });
  const levelOf = (ms: number): number =>
    HEIGHT + GAP + HEIGHT * (1 - clamp((Math.log10(Math.max(1, ms)) - FASTEST) / (SLOWEST - FASTEST)));
  const ticks = buckets.flatMap(({ median: ms }, index) => {
    if (ms === null) return [];
    const y = levelOf(ms);
    return [
      s(
        'line',
        { class: 'tick', x1: index * 10 + 1, x2: index * 10 + 9, y1: y, y2: y },
        s('title', {}, durationText(ms)),
      ),
    ];
  });
  const label = `${buckets.reduce((sum, { repaired }) => sum + repaired, 0)} repaired; median time to fix ${median === null ? 'unknown' : durationText(median)}`;
  return s(
    'svg',
    {
      class: 'timeline',
      role: 'img',
      'aria-label': label,
      viewBox: `0 0 ${width} ${2 * HEIGHT + GAP}`,
      preserveAspectRatio: 'none',
    },
    s('line', { class: 'base', x1: 0, x2: width, y1: HEIGHT, y2: HEIGHT }),
    bars,
    s('line', { class: 'base', x1: 0, x2: width, y1: 2 * HEIGHT + GAP, y2: 2 * HEIGHT + GAP }),
    median === null
      ? null
      : s('line', { class: 'median', x1: 0, x2: width, y1: levelOf(median), y2: levelOf(median) }),
    ticks,
  );
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
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
