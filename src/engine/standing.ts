import type { Finding, Refusal } from '../remediators/remediator.js';
import type { RemediatorId } from '../types/remediator-id.js';
import { isJsonObject, type JsonObject } from '../types/json.js';
import type { ResourceId } from '../types/resource-id.js';
import type { EngineDeps } from './engine-deps.js';
import { contestedFindings } from './contested/contested-texts.js';
import { planResource, type Observed, type PlannedRemediation, type ResourcePlan } from './plan-resource.js';
import { fromMemory } from './observe/observe-vault.js';
import type { OpenFinding, ResourceStanding, Standing } from './ports/standings.js';
import type { ResourceMemory } from './ports/memory.js';
import { digestOf } from './record/record-digest.js';

/**
 * Remembers how a resource stands, as it is now, with every remediator that is on, whoever asked for which. Under the
 * resource's lease. Writes nothing where nothing has changed.
 */
export async function noteStanding(
  deps: Pick<EngineDeps, 'policy' | 'standings' | 'now'>,
  observed: Observed,
  live: JsonObject,
  memory: ResourceMemory,
): Promise<void> {
  const before = await deps.standings.read(observed.id);
  const next = standingOf(deps, observed, live, memory, before);
  if (digestOf(next) !== digestOf(before)) await deps.standings.write(observed.id, next);
}

/** How a resource stands, planned from the document as it is now. */
export function standingOf(
  deps: Pick<EngineDeps, 'policy' | 'now'>,
  observed: Observed,
  live: JsonObject,
  memory: ResourceMemory,
  before: ResourceStanding | null,
): ResourceStanding {
  const plan = planResource(
    asItIs(observed, live, memory, deps.now()),
    deps.policy,
    null,
    deps.now(),
    memory.editHistory,
  );
  return standingFrom(plan, observed.id, before, deps.now());
}

/** The same, where it is planned already: for all remediators, and for nobody who asked by name. */
export function standingFrom(
  plan: ResourcePlan,
  id: ResourceId,
  before: ResourceStanding | null,
  now: Date,
): ResourceStanding {
  const findings = openFindings(id, plan, before, now);
  const accepted = Object.entries(before?.accepted ?? {}).filter(([key, acceptance]) =>
    findings.some((finding) => finding.id === key && RANK[finding.severity] <= RANK[acceptance.severity]),
  );
  return {
    resourceId: id.id,
    remediators: Object.fromEntries(plan.remediations.flatMap(standingWith)),
    findings,
    accepted: Object.fromEntries(accepted),
  };
}

/** That somebody asked for it by name allows a write today; how it stands does not rest on that. */
function asItIs(observed: Observed, live: JsonObject, memory: ResourceMemory, now: Date): Observed {
  switch (observed.kind) {
    case 'vault': {
      const { knownGood, ownedRules } = memory;
      const remembered = fromMemory(memory, memory.surroundings, now);
      return { ...observed, ...remembered, knownGood, ownedRules, vault: live };
    }
    case 'deleted-vault':
      return observed;
    case 'workflow':
      return { ...observed, workflow: live, askedForByName: false, exposures: memory.exposures };
    case 'connection':
      return { ...observed, connection: live, successor: madeBeside(live) ?? observed.successor };
  }
}

/** The connection that a write of this look put beside the one that was looked at. */
function madeBeside(live: JsonObject): JsonObject | null {
  const made = isJsonObject(live.connections) ? Object.values(live.connections) : [];
  return made.find(isJsonObject) ?? null;
}

function standingWith({
  remediator,
  disposition,
  plan,
  paused = [],
}: PlannedRemediation): readonly (readonly [RemediatorId, Standing])[] {
  if (disposition === 'watch' || disposition === 'off' || plan.isUnknown === true) return [];
  const isDrifted = plan.edits.length + paused.length > 0;
  if (disposition === 'exempt') {
    return [[remediator, isDrifted || plan.refusals.length > 0 ? 'exempt' : 'compliant']];
  }
  if (plan.refusals.length > 0) return [[remediator, 'refused']];
  return [[remediator, isDrifted ? 'drifted' : 'compliant']];
}

const RANK = { low: 0, medium: 1, high: 2 } as const;

function openFindings(
  id: ResourceId,
  plan: ResourcePlan,
  before: ResourceStanding | null,
  now: Date,
): readonly OpenFinding[] {
  const since = new Map(before?.findings.map((finding) => [finding.id, finding.since]));
  const open = (remediator: RemediatorId | null, finding: Finding): OpenFinding => {
    const key = findingId(id, remediator, finding);
    return { ...finding, id: key, remediator, since: since.get(key) ?? now.toISOString() };
  };
  const all = [
    ...plan.remediations
      .filter(({ disposition }) => disposition !== 'exempt')
      .flatMap(({ remediator, plan: { findings, refusals }, paused = [] }) =>
        [...findings, ...refusals.map(refusalAsFinding), ...contestedFindings(remediator, paused)].map(
          (finding) => open(remediator, finding),
        ),
      ),
    ...plan.findings.map((finding) => open(null, finding)),
    // What cannot be told now is as it was.
    ...(before?.findings ?? []).filter(({ remediator }) =>
      plan.remediations.some((one) => one.remediator === remediator && one.plan.isUnknown === true),
    ),
  ];
  return [...new Map(all.map((finding) => [finding.id, finding])).values()];
}

/** What Holdfast will not change by itself stands open until somebody does something about it. */
function refusalAsFinding({ reason, edits }: Refusal): Finding {
  const places = [...new Set(edits.map(({ path }) => path))];
  const step =
    places.length === 0
      ? 'Put right what the reason names.'
      : `Put right what the reason names, or make the change by hand at ${places.join(', ')}.`;
  return { severity: 'medium', about: `refusal:${reason}`, reason, step };
}

function findingId(id: ResourceId, remediator: RemediatorId | null, { about, reason }: Finding): string {
  return digestOf([id.key, remediator, about ?? reason]).slice(0, 32);
}
