import { SELF_AUDIT, type FindingSource, type RemediatorId } from '../types/remediator-id.js';
import { tryParseResourceId } from '../types/resource-id.js';
import { isInScope, scopeText, type Scope } from '../types/scope.js';
import type { EngineDeps } from './engine-deps.js';
import { learnedAt } from './sweep/learned-at.js';
import type { Alarm } from './self-audit/ports.js';
import type { OpenFinding, ResourceStanding, Standing } from './ports/standings.js';

export interface RemediatorPosture extends Readonly<Record<Standing, number>> {
  /** Findings that nobody has accepted. */
  readonly findings: Readonly<Record<OpenFinding['severity'], number>>;
}

export interface ScopePosture {
  /** `/subscriptions/{id}` or `/subscriptions/{id}/resourceGroups/{name}`, in lower case. */
  readonly scope: string;
  readonly resources: number;
  readonly remediators: Readonly<Partial<Record<FindingSource, RemediatorPosture>>>;
}

export interface Posture {
  /** When the whole of the scopes was last read without a gap, RFC 3339; null if never. */
  readonly sweptAt: string | null;
  readonly scopes: readonly ScopePosture[];
}

/** How the resources stand, by scope and remediator, from what is remembered; nothing is asked of Azure. */
export async function postureOf(
  deps: Pick<EngineDeps, 'standings' | 'selfAudits' | 'policy' | 'readers'>,
): Promise<Posture> {
  const { scopes } = deps.policy;
  const [all, learned, alarms] = await Promise.all([
    deps.standings.readAll(),
    deps.readers.learned(scopes),
    deps.selfAudits.alarms(),
  ]);
  const standings = [...all.values()];
  return {
    sweptAt: learnedAt(learned)?.toISOString() ?? null,
    scopes: scopes.map((scope) => inScope(scope, standings, alarms)),
  };
}

function inScope(
  scope: Scope,
  standings: readonly ResourceStanding[],
  alarms: readonly Alarm[],
): ScopePosture {
  const own = standings.filter(({ resourceId }) => {
    const id = tryParseResourceId(resourceId);
    return id !== null && isInScope(id, [scope]);
  });
  const ids = new Set(
    own.flatMap((one) => [...Object.keys(one.remediators), ...remediatorsWithFindings(one)]),
  );
  return {
    scope: scopeText(scope),
    resources: own.length,
    remediators: {
      ...Object.fromEntries([...ids].sort().map((id) => [id, withRemediator(id as RemediatorId, own)])),
      ...withSelfAudit(alarms.filter(({ subscriptionId }) => subscriptionId === scope.subscriptionId)),
    },
  };
}

function remediatorsWithFindings({ findings }: ResourceStanding): readonly string[] {
  return findings.flatMap(({ remediator }) => remediator ?? []);
}

function withRemediator(id: RemediatorId, standings: readonly ResourceStanding[]): RemediatorPosture {
  const count = (standing: Standing): number =>
    standings.filter(({ remediators }) => remediators[id] === standing).length;
  const open = standings.flatMap(({ findings, accepted }) =>
    findings.filter((finding) => finding.remediator === id && !Object.hasOwn(accepted, finding.id)),
  );
  return {
    compliant: count('compliant'),
    drifted: count('drifted'),
    exempt: count('exempt'),
    refused: count('refused'),
    findings: bySeverity(open),
  };
}

/** What the comparison with the activity log found in a subscription counts in each of its scopes. */
function withSelfAudit(alarms: readonly Alarm[]): ScopePosture['remediators'] {
  const open = alarms.filter(({ accepted }) => accepted === null);
  if (open.length === 0) return {};
  const findings = bySeverity(open);
  return { [SELF_AUDIT]: { compliant: 0, drifted: 0, exempt: 0, refused: 0, findings } };
}

function bySeverity(
  open: readonly Pick<OpenFinding, 'severity'>[],
): Readonly<Record<OpenFinding['severity'], number>> {
  const count = (severity: OpenFinding['severity']): number =>
    open.filter((finding) => finding.severity === severity).length;
  return { high: count('high'), medium: count('medium'), low: count('low') };
}
