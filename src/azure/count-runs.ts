import { getIgnoringCase, type JsonObject } from '../types/json.js';
import type { RunCount } from '../types/observation.js';

/** Enough to say how bad it is; a workflow that runs every second has millions. */
const MAX_PAGES = 10;

/**
 * Counts the runs that began in a time, from the list of runs alone (newest first, up to a page limit): when each
 * began and nothing else of it.
 * https://learn.microsoft.com/rest/api/logic/workflow-runs/list
 */
export async function countRuns(
  list: (filter: string) => AsyncIterable<readonly JsonObject[]>,
  from: Date | null,
  to: Date,
): Promise<RunCount> {
  const filter = [
    ...(from === null ? [] : [`startTime ge ${from.toISOString()}`]),
    `startTime le ${to.toISOString()}`,
  ].join(' and ');
  let count = 0;
  let pages = 0;
  let first: string | null = null;
  for await (const page of list(filter)) {
    if (pages === MAX_PAGES) return { count, isAtLeast: true, first };
    pages += 1;
    count += page.length;
    for (const run of page)
      first = earlier(first, getIgnoringCase(getIgnoringCase(run, 'properties'), 'startTime'));
  }
  return { count, isAtLeast: false, first };
}

function earlier(first: string | null, time: unknown): string | null {
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) return first;
  return first === null || Date.parse(time) < Date.parse(first) ? time : first;
}
