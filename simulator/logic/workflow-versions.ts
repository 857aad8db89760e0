/** .NET counts ticks of 100 ns since the year 1; this is 1970. */
const EPOCH_TICKS = 621_355_968_000_000_000n;
const MAX_TICKS = 9_223_372_036_854_775_807n;

/**
 * A version number as the service makes them: what is left of time, in ticks and 20 digits, so that a newer one is
 * smaller (08586677515911718341 was made in August 2018). It is always smaller than the one before.
 */
export function nextVersion(now: number, before: string | undefined): string {
  const byTime = MAX_TICKS - (EPOCH_TICKS + BigInt(Math.round(now)) * 10_000n);
  const limit = before === undefined || !/^\d+$/.test(before) ? undefined : BigInt(before) - 1n;
  const version = limit !== undefined && limit < byTime ? limit : byTime;
  return version.toString().padStart(20, '0');
}
