import { tryParseResourceId, type ResourceKind } from '../types/resource-id.js';
import { isInScope } from '../types/scope.js';
import type { EngineDeps } from './engine-deps.js';
import type { OpenFinding, ResourceStanding, Standing } from './ports/standings.js';

export interface ResourcesQuery {
  readonly kind?: ResourceKind | undefined;
  /** Those that stand so with at least one remediator. */
  readonly standing?: Standing | undefined;
  /** 1 to 1000. */
  readonly limit: number;
  readonly continuationToken?: string | undefined;
}

export interface ListedResource extends Pick<ResourceStanding, 'resourceId' | 'remediators'> {
  readonly kind: ResourceKind;
  /** Findings that nobody has accepted. */
  readonly findings: Readonly<Record<OpenFinding['severity'], number>>;
  readonly accepted: number;
}

export interface ResourcesPage {
  /** In no order that means anything; may be fewer than asked for, or none, with more to come. */
  readonly resources: readonly ListedResource[];
  /** Null on the last page. */
  readonly continuationToken: string | null;
}

/** Every resource that is known, and how it stands with each remediator, from what is remembered. */
export async function listResources(
  { standings, policy }: Pick<EngineDeps, 'standings' | 'policy'>,
  query: ResourcesQuery,
): Promise<ResourcesPage> {
  const page = await standings.page(query.limit, query.continuationToken ?? null);
  const resources = page.standings.flatMap((standing): readonly ListedResource[] => {
    const id = tryParseResourceId(standing.resourceId);
    if (id === null || !isInScope(id, policy.scopes)) return [];
    const listed = asListed(id.kind, standing);
    return matches(listed, query) ? [listed] : [];
  });
  return { resources, continuationToken: page.continuationToken };
}

function asListed(
  kind: ResourceKind,
  { resourceId, remediators, findings, accepted }: ResourceStanding,
): ListedResource {
  const open = findings.filter(({ id }) => !Object.hasOwn(accepted, id));
  const count = (severity: OpenFinding['severity']): number =>
    open.filter((finding) => finding.severity === severity).length;
  return {
    resourceId,
    kind,
    remediators,
    findings: { high: count('high'), medium: count('medium'), low: count('low') },
    accepted: findings.length - open.length,
  };
}

function matches({ kind, remediators }: ListedResource, query: ResourcesQuery): boolean {
  return (
    (query.kind === undefined || query.kind === kind) &&
    (query.standing === undefined || Object.values(remediators).includes(query.standing))
  );
}
