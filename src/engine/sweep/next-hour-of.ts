const DAY_MS = 24 * 60 * 60_000;

/** The next time of day that is this resource's own, by its hash: spread over the day, so that not all come at once. */
export function nextHourOf(hash: Buffer, now: Date): Date {
  const share = hash.readUInt32LE(4) / 2 ** 32;
  const midnight = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  const today = midnight + Math.floor(share * DAY_MS);
  return new Date(today > now.getTime() ? today : today + DAY_MS);
}
