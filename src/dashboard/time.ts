import { h } from './element.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in words, two digits at most: `240 ms`, `3.2 s`, `5 min`, `2 h`, `3 days`. */
export function durationText(ms: number): string {
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 9.95 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < 1.5 * HOUR) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} days`;
}

export function agoText(then: number, now: number): string {
  const ms = now - then;
  return ms < MINUTE ? 'just now' : `${durationText(ms)} ago`;
}

const local = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });
const hours = new Intl.DateTimeFormat('sv-SE', { timeStyle: 'medium' });

/** A time of this browser's clock and zone; who points at it gets UTC, as Azure's logs have it. */
export function timeElement(iso: string): HTMLElement {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return h('span', {}, iso);
  const isToday = new Date().toDateString() === time.toDateString();
  return h('time', { datetime: iso, title: `${iso} (UTC)` }, (isToday ? hours : local).format(time));
}

export function fullTime(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : local.format(time);
}
