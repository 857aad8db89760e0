import { SELF_AUDIT, type FindingSource } from '../types/remediator-id.js';
import { tryParseResourceId } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import type { EngineDeps } from './engine-deps.js';
import type { Alarm } from './self-audit/ports.js';
import { InvalidContinuationTokenError } from './ports/audit-log.js';
import type { Acceptance, OpenFinding } from './ports/standings.js';

export interface FindingsQuery {
  readonly resourceId?: string | undefined;
  readonly remediator?: FindingSource | undefined;
  readonly severity?: OpenFinding['severity'] | undefined;
  /** Those that somebody has accepted, or those that nobody has. */
  readonly accepted: boolean;
  readonly limit: number;
  readonly continuationToken?: string | undefined;
}

export interface ListedFinding extends Omit<OpenFinding, 'about' | 'remediator'> {
  readonly remediator: FindingSource | null;
  /** Of a finding of the comparison with Azure's activity log, any resource, or a subscription. */
  readonly resourceId: string;
  /** Null until somebody accepts it. */
  readonly accepted: Acceptance | null;
}

export interface FindingsPage {
  /** The worst first, and of those the oldest. */
  readonly findings: readonly ListedFinding[];
  /** Null on the last page. */
  readonly continuationToken: string | null;
}

type Listing = Pick<EngineDeps, 'standings' | 'selfAudits' | 'policy'>;

/** What stands open now, from what is remembered; nothing is asked of Azure. */
export async function listFindings(deps: Listing, query: FindingsQuery): Promise<FindingsPage> {
  const after = query.continuationToken === undefined ? null : readToken(query.continuationToken);
  const all = await allFindings(deps);
  const wanted = all
    .filter((finding) => matches(finding, query))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .filter((finding) => after === null || keyOf(finding) > after);
  const findings = wanted.slice(0, query.limit);
  const last = findings.at(-1);
  const hasMore = wanted.length > findings.length && last !== undefined;
  return { findings, continuationToken: hasMore ? writeToken(keyOf(last)) : null };
}

export type Accepting = 'accepted' | 'unknown' | 'busy';

/**
 * Remembers that somebody has looked at a finding and takes responsibility for it; it is listed as accepted for as long
 * as it stands. Changes nothing in Azure.
 */
export async function acceptFinding(
  deps: Listing & Pick<EngineDeps, 'leases' | 'now'>,
  findingId: string,
  reason: string,
): Promise<Accepting> {
  const alarm = (await alarmsInScope(deps)).find(({ id }) => id === findingId);
  if (alarm !== undefined) {
    const acceptance = { at: deps.now().toISOString(), reason, severity: alarm.severity };
    return (await deps.selfAudits.accept(alarm, acceptance)) ? 'accepted' : 'busy';
  }
  const found = (await allFindings(deps)).find(({ id }) => id === findingId);
  const id = found === undefined ? null : tryParseResourceId(found.resourceId);
  if (id === null) return 'unknown';
  const held = await deps.leases.withLease(id, async (): Promise<Accepting> => {
    const standing = await deps.standings.read(id);
    const open = standing?.findings.find((finding) => finding.id === findingId);
    if (standing === null || open === undefined) return 'unknown';
    const acceptance: Acceptance = { at: deps.now().toISOString(), reason, severity: open.severity };
    const accepted = { ...standing.accepted, [findingId]: acceptance };
    await deps.standings.write(id, { ...standing, accepted });
    return 'accepted';
  });
  return held.kind === 'busy' ? 'busy' : held.value;
}

async function allFindings(deps: Listing): Promise<readonly ListedFinding[]> {
  const { standings, policy } = deps;
  const [all, alarms] = await Promise.all([standings.readAll(), alarmsInScope(deps)]);
  const ofResources = [...all.values()].flatMap(({ resourceId, findings, accepted }) => {
    const id = tryParseResourceId(resourceId);
    if (id === null || !isInScope(id, policy.scopes)) return [];
    return findings.map(({ id: findingId, remediator, severity, reason, step, since }) => ({
      id: findingId,
      resourceId,
      remediator,
      severity,
      reason,
      step,
      since,
      accepted: accepted[findingId] ?? null,
    }));
  });
  return [...ofResources, ...alarms.map(asFinding)];
}

/** Whoever has Holdfast's identity may be at any resource of a subscription, wherever Holdfast's own scopes end. */
async function alarmsInScope({ selfAudits, policy }: Listing): Promise<readonly Alarm[]> {
  const subscriptions = new Set(policy.scopes.map(({ subscriptionId }) => subscriptionId));
  return (await selfAudits.alarms()).filter(({ subscriptionId }) => subscriptions.has(subscriptionId));
}

function asFinding({ id, resourceId, severity, reason, step, since, accepted }: Alarm): ListedFinding {
  return { id, resourceId, remediator: SELF_AUDIT, severity, reason, step, since, accepted };
}

function matches(finding: ListedFinding, query: FindingsQuery): boolean {
  return (
    (query.resourceId === undefined || query.resourceId.toLowerCase() === finding.resourceId.toLowerCase()) &&
    (query.remediator === undefined || query.remediator === finding.remediator) &&
    (query.severity === undefined || query.severity === finding.severity) &&
    query.accepted === (finding.accepted !== null)
  );
}

const RANK = { high: 0, medium: 1, low: 2 } as const;

/** Sorts as text, and tells every finding from every other. */
function keyOf({ severity, since, id }: Pick<ListedFinding, 'severity' | 'since' | 'id'>): string {
  return `${RANK[severity]} ${since} ${id}`;
}

function writeToken(key: string): string {
  return Buffer.from(key, 'utf8').toString('base64url');
}

function readToken(token: string): string {
  const key = Buffer.from(token, 'base64url').toString('utf8');
  if (!/^[0-2] \S+ [0-9a-f]+$/.test(key)) {
    throw new InvalidContinuationTokenError('The continuation token is not one that this list gave.');
  }
  return key;
}
