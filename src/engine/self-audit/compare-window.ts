import { ArmError } from '../arm-error.js';
import type { EngineDeps } from '../engine-deps.js';
import type { AuditRecord } from '../../types/record.js';
import { notCompared, unknownWrite, unrecordedWrite } from './alarms.js';
import { compare, MARGIN_MS } from './compare.js';
import { ownOperations, type OwnOperation } from './own-operations.js';
import { ownIdsIn } from './own-ids.js';
import type { ActivityEvent, Alarm, OwnIds, TimeRange } from './ports.js';
import { mayBeSent, recordedWrites, repeatedAsRecorded, type RecordedWrite } from './recorded-writes.js';
import type { Pass, Window } from './windows.js';

/** As much of the audit log as is read at once. */
const PAGE = 1000;

/** One subscription, on behalf of an identity that has these ids, or had them. */
export interface Compared {
  readonly subscriptionId: string;
  readonly own: OwnIds;
  readonly signal: AbortSignal;
}

type Deps = Pick<EngineDeps, 'activityLog' | 'audit' | 'policy' | 'selfAudits' | 'now'>;

/** What is to be said of one stretch of time in one subscription. Throws what keeps it from being compared. */
export async function compareWindow(
  deps: Deps,
  compared: Compared,
  window: Window,
  pass: Pass,
): Promise<readonly Alarm[]> {
  const { subscriptionId } = compared;
  const around = widened(window, MARGIN_MS);
  const own = ownIdsIn(compared.own, window);
  const operations = ownOperations(await ownEvents(deps, compared, own, around), own);
  // A write at the edge of what was read may have been recorded beyond it.
  const writes = await writesIn(deps, widened(around, MARGIN_MS));
  const { unrecorded, unknown } = compare(operations, writes);
  const now = deps.now();
  return [
    ...(window.lost === null ? [] : [notCompared(window.lost, subscriptionId, now)]),
    ...unrecorded
      .filter((operation) => isIn(window, operation))
      .map((operation) => unrecordedWrite(operation, subscriptionId, now)),
    ...unknown
      .filter((write) => pass === 'settled' && isIn(window, { at: new Date(write.from) }))
      .filter((write) => isOf(write, subscriptionId))
      .flatMap((write) => unknownWrite(write, subscriptionId, now) ?? []),
  ];
}

/** Only those of Holdfast's identity are kept: a subscription may have very many others. */
async function ownEvents(
  deps: Deps,
  { subscriptionId, signal }: Compared,
  own: ReadonlySet<string>,
  range: TimeRange,
): Promise<readonly ActivityEvent[]> {
  const found: ActivityEvent[] = [];
  const read = async (group: string | null): Promise<void> => {
    for await (const page of deps.activityLog.events(subscriptionId, group, range, signal)) {
      found.push(...page.filter(({ callers }) => callers.some((id) => own.has(id))));
    }
  };
  const scopes = deps.policy.scopes.filter((scope) => scope.subscriptionId === subscriptionId);
  try {
    await read(null);
  } catch (error) {
    const groups = scopes.flatMap(({ resourceGroup }) => resourceGroup ?? []);
    const isByGroup = error instanceof ArmError && error.details.kind === 'unauthorized';
    if (!isByGroup || groups.length < scopes.length) throw error;
    // Whoever has a role on resource groups alone may perhaps ask for those.
    for (const group of new Set(groups)) await read(group);
  }
  return found;
}

async function writesIn(deps: Deps, range: TimeRange): Promise<readonly RecordedWrite[]> {
  const records: AuditRecord[] = [];
  let continuationToken: string | undefined;
  do {
    const page = await deps.audit.query({
      since: range.from.toISOString(),
      until: range.to.toISOString(),
      limit: PAGE,
      continuationToken,
    });
    // A first sweep may have planned a hundred thousand changes in this time: only what was sent stays in memory.
    records.push(...page.records.filter(mayBeSent));
    continuationToken = page.continuationToken ?? undefined;
  } while (continuationToken !== undefined);
  return [...recordedWrites(records), ...(await repeatedIn(deps, range))];
}

/** What went over records of an earlier time is recorded as long as those are there. */
async function repeatedIn(deps: Deps, range: TimeRange): Promise<readonly RecordedWrite[]> {
  const writes: RecordedWrite[] = [];
  for (const write of await deps.selfAudits.repeatedWrites(range)) {
    const records = await Promise.all(write.recordIds.map((id) => deps.audit.find(id)));
    if (records.some((record) => record !== null)) writes.push(repeatedAsRecorded(write));
  }
  return writes;
}

/** What begins a window ends the one before: an event that has no time is in each. */
function isIn({ from, to }: TimeRange, { at }: Pick<OwnOperation, 'at'>): boolean {
  return at === null || (at >= from && at < to);
}

function isOf({ resources }: RecordedWrite, subscriptionId: string): boolean {
  return resources.some((id) => id.startsWith(`/subscriptions/${subscriptionId}/`));
}

function widened({ from, to }: TimeRange, byMs: number): TimeRange {
  return { from: new Date(from.getTime() - byMs), to: new Date(to.getTime() + byMs) };
}
