import { s, type Attributes } from './element.js';
import { durationText, fullTime } from './time.js';
import type { Bucket } from './timeline.js';

const HEIGHT = 72;
const STEP = 10;
/** The scale of the time to fix: logarithmic. */
const [FASTEST_MS, SLOWEST_MS] = [10, 10 * 86_400_000];

/** How much was repaired and left, step by step. */
export function countsDrawing(buckets: readonly Bucket[]): SVGElement {
  const most = Math.max(1, ...buckets.map(({ repaired, leftOpen }) => repaired + leftOpen));
  const tall = (count: number): number => (count / most) * HEIGHT;
  const sum = (count: (bucket: Bucket) => number): number =>
    buckets.reduce((all, one) => all + count(one), 0);
  const label = `${sum(({ repaired }) => repaired)} repaired, ${sum(({ leftOpen }) => leftOpen)} seen and left`;
  const bars = buckets.map(({ from, repaired, leftOpen }, index) => {
    const x = index * STEP + 1;
    const open = tall(repaired + leftOpen);
    return s(
      'g',
      {},
      s(
        'title',
        {},
        `${fullTime(new Date(from).toISOString())}: ${repaired} repaired, ${leftOpen} left open`,
      ),
      s('rect', { class: 'good', x, width: STEP - 2, y: HEIGHT - tall(repaired), height: tall(repaired) }),
      s('rect', { class: 'wait', x, width: STEP - 2, y: HEIGHT - open, height: tall(leftOpen) }),
    );
  });
  return s('svg', drawn(buckets, label), baseline(buckets), bars);
}

/** The median time to fix of each step, and of all. */
export function paceDrawing(buckets: readonly Bucket[], median: number | null): SVGElement {
  const levelOf = (ms: number): number => {
    const share = Math.log(Math.max(FASTEST_MS, ms) / FASTEST_MS) / Math.log(SLOWEST_MS / FASTEST_MS);
    return (HEIGHT - 2) * (1 - clamp(share)) + 1;
  };
  const level = (ms: number, attributes: Attributes): SVGElement =>
    s('line', { ...attributes, y1: levelOf(ms), y2: levelOf(ms) }, s('title', {}, durationText(ms)));
  const label = `Median time to fix: ${median === null ? 'unknown' : durationText(median)}`;
  return s(
    'svg',
    drawn(buckets, label),
    baseline(buckets),
    median === null ? null : level(median, { class: 'median', x1: 0, x2: buckets.length * STEP }),
    buckets.flatMap(({ median: ms }, index) =>
      ms === null ? [] : [level(ms, { class: 'tick', x1: index * STEP + 1, x2: (index + 1) * STEP - 1 })],
    ),
  );
}

function drawn(buckets: readonly Bucket[], label: string): Attributes {
  const viewBox = `0 0 ${buckets.length * STEP} ${HEIGHT}`;
  return { class: 'timeline', role: 'img', 'aria-label': label, viewBox, preserveAspectRatio: 'none' };
}

function baseline(buckets: readonly Bucket[]): SVGElement {
  return s('line', { class: 'base', x1: 0, x2: buckets.length * STEP, y1: HEIGHT, y2: HEIGHT });
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
