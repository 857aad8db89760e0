/** An archive's blobs by name: a day (UTC) and a number within it. In the order of their names they make the chain. */
const NAME = /^audit-(\d{4}-\d{2}-\d{2})-(\d{4})\.jsonl$/;

/** Before all days. It holds one line, the genesis: so there is one place alone where a chain can begin. */
export const GENESIS_BLOB = 'audit-0000-00-00-0000.jsonl';

export function isArchiveBlob(name: string): boolean {
  return NAME.test(name);
}

/**
 * The blob after this one: today's first, or one more of the same day, also where this clock is still at an earlier day
 * than the clock of who made the last one.
 */
export function blobAfter(name: string, now: Date): string {
  if (isOfEarlierDay(name, now)) return `audit-${dayAt(now)}-0000.jsonl`;
  const number = Number(NAME.exec(name)?.[2] ?? 0) + 1;
  return `audit-${dayOf(name)}-${String(number).padStart(4, '0')}.jsonl`;
}

/** Whether the day of a blob is over. */
export function isOfEarlierDay(name: string, now: Date): boolean {
  return dayOf(name) < dayAt(now);
}

function dayAt(now: Date): string {
  return now.toISOString().slice(0, 10);
}

function dayOf(name: string): string {
  return NAME.exec(name)?.[1] ?? '';
}
