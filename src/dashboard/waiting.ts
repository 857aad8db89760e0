import type { AuditRecord, Mode, RemediatorId, Resource } from './answers.js';
import type { Listed } from './load-list.js';

/**
 * Plans of remediators that wait for approval: the latest of each resource and practice, if nothing came after it. One
 * whose drift somebody else has put right, or whose resource is gone, waits no more, and no record says so.
 */
export function waitingRecords(
  records: readonly AuditRecord[],
  modes: Readonly<Record<RemediatorId, Mode>> | null,
  resources: Listed<Resource>,
): readonly AuditRecord[] {
  const latest = new Map<string, AuditRecord>();
  for (const record of records) {
    const key = `${record.resourceId.toLowerCase()} ${record.remediator}`;
    if (!latest.has(key)) latest.set(key, record);
  }
  const known = new Map(resources.items.map((one) => [one.resourceId.toLowerCase(), one]));
  return [...latest.values()].filter(({ outcome, remediator, resourceId }) => {
    if (outcome !== 'planned' || modes?.[remediator] !== 'approve') return false;
    const resource = known.get(resourceId.toLowerCase());
    return resource === undefined
      ? resources.state !== 'all'
      : resource.remediators[remediator] !== 'compliant';
  });
}
