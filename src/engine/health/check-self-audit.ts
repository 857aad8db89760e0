import type { BegunComparison } from '../self-audit/ports.js';
import type { Check, HealthDeps } from './check.js';

/** The timer fires once an hour: one run may be missed, and the one after it may be late. */
const LATE_MS = 3 * 60 * 60_000;

/** Whether anybody still compares Azure's activity log with the records. What a comparison finds is a finding. */
export async function checkSelfAudit({
  selfAudits,
  now,
}: Pick<HealthDeps, 'selfAudits' | 'now'>): Promise<Check> {
  return selfAuditCheck(await selfAudits.lastBegun(), now());
}

/** Degrades and does no more: nothing is left undone for it. */
export function selfAuditCheck(last: BegunComparison | null, now: Date): Check {
  const begunAt = last?.at.toISOString() ?? null;
  const isLate = last !== null && now.getTime() - last.at.getTime() > LATE_MS;
  const detail =
    begunAt === null
      ? 'The records have not been compared with the activity log yet.'
      : `The records were last compared with the activity log at ${begunAt}.`;
  return {
    name: 'self-audit',
    status: isLate ? 'degraded' : 'healthy',
    detail: isLate ? `${detail} ${STANDING_STILL}` : detail,
    begunAt,
  };
}

const STANDING_STILL =
  'Whoever writes with the identity meanwhile is not told of: see that the function selfAudit is not disabled, and what its log says.';
