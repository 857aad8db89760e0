import { isNcrontab } from './ncrontab.js';

export const DEFAULT_SWEEP_SCHEDULE = '0 0 * * * *';

/**
 * The schedule to register the timer with. Never throws: a throw while functions register yields an app with no
 * functions and no error. A schedule that cannot be read is reported by `readSettings` when it is first used.
 */
export function sweepScheduleOf(environment: Readonly<Record<string, string | undefined>>): string {
  const schedule = environment.HOLDFAST_SWEEP_SCHEDULE?.trim() ?? '';
  return isNcrontab(schedule) ? schedule : DEFAULT_SWEEP_SCHEDULE;
}
