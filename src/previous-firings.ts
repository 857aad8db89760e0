import { valuesOf } from './ncrontab.js';

const DAY_MS = 86_400_000;
/** The 29th of February can be eight years away, around 2100. */
const MOST_DAYS = 8 * 366;

/**
 * The last times at which a timer on this schedule fired, up to `until`, the latest first; fewer where there were fewer
 * within eight years. In UTC, which is the Functions host's time zone unless WEBSITE_TIME_ZONE says otherwise. Both day
 * fields must match (https://github.com/atifaziz/NCrontab/wiki/Crontab-Expression).
 */
export function previousFirings(schedule: string, until: Date, count: number): readonly Date[] {
  const [seconds, minutes, hours, days, months, weekdays] = valuesOf(schedule);
  const found: Date[] = [];
  let midnight = Math.floor(until.getTime() / DAY_MS) * DAY_MS;
  for (let day = 0; day < MOST_DAYS && found.length < count; day += 1, midnight -= DAY_MS) {
    const date = new Date(midnight);
    const isDay =
      months?.has(date.getUTCMonth() + 1) === true &&
      days?.has(date.getUTCDate()) === true &&
      weekdays?.has(date.getUTCDay()) === true;
    if (!isDay) continue;
    for (const time of timesOfDay(hours, minutes, seconds)) {
      if (midnight + time > until.getTime()) continue;
      found.push(new Date(midnight + time));
      if (found.length === count) break;
    }
  }
  return found;
}

type Values = ReadonlySet<number> | undefined;

/** In milliseconds since midnight, the latest first. */
function* timesOfDay(hours: Values, minutes: Values, seconds: Values): Generator<number> {
  for (const hour of descending(hours)) {
    for (const minute of descending(minutes)) {
      for (const second of descending(seconds)) yield ((hour * 60 + minute) * 60 + second) * 1000;
    }
  }
}

function descending(values: Values): readonly number[] {
  return [...(values ?? [])].sort((a, b) => b - a);
}
