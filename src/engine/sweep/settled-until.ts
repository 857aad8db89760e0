import { getIgnoringCase } from '../../types/json.js';
import { isInScope } from '../../types/scope.js';
import { tryParseResourceId } from '../../types/resource-id.js';
import { isKeyVaultApi } from '../../workflow/connections.js';
import { nextHourOf } from './next-hour-of.js';
import type { Policy } from '../policy.js';
import { isOutdated } from '../observe/observe-surroundings.js';
import { namedConnectionIds } from '../observe/observe-workflow.js';
import type { Seen } from '../observe/observe.js';
import type { ResourcePlan } from '../plan-resource.js';
import { isUnfinished } from '../look/unfinished.js';

const DAY_MS = 24 * 60 * 60_000;

/**
 * Until when a resource that was considered, and had nothing to be written or recorded, need not be considered again
 * while it looks the same; null where it has to be, because something about it rests on time or on what Azure says at
 * the time. At least once a day, each at an hour of its own, which its hash says.
 */
export function settledUntil(
  policy: Policy,
  { observed, document, memory }: Seen,
  plan: ResourcePlan,
  hash: Buffer,
  now: Date,
): Date | null {
  if (getIgnoringCase(document.tags, 'holdfast-exempt') !== undefined || plan.findings.length > 0)
    return null;
  const isAtRest = plan.remediations.every(
    ({ plan: { edits, refusals, isUnknown }, paused = [] }) =>
      edits.length + refusals.length + paused.length === 0 && isUnknown !== true,
  );
  if (!isAtRest || isUnfinished(memory)) return null;
  const daily = nextHourOf(hash, now);
  switch (observed.kind) {
    case 'vault': {
      const isWaiting = memory.ownedRules.some(({ unneededSince }) => unneededSince !== null);
      const { surroundings } = memory;
      if (memory.knownGood === null || isWaiting || surroundings === null) return null;
      if (isOutdated(surroundings, now, DAY_MS)) return null;
      const ends = memory.temporaryRules.map(({ until }) => Date.parse(until));
      return new Date(Math.min(daily.getTime(), Date.parse(surroundings.readAt) + DAY_MS, ...ends));
    }
    case 'workflow': {
      if (memory.exposures.some(({ runs }) => runs === null)) return null;
      const isMoving = policy.modeOf('connection-managed-identity') !== 'off';
      const rests = namedConnectionIds(document).every((connectionId) => {
        const facts = observed.connections.get(connectionId);
        if (facts === undefined) {
          const id = tryParseResourceId(connectionId);
          return id === null || !isInScope(id, policy.scopes);
        }
        const keepsCredentials = facts.signIn === 'user' || facts.signIn === 'application';
        return !(isMoving && keepsCredentials && isKeyVaultApi(facts.apiId));
      });
      return rests ? daily : null;
    }
    case 'deleted-vault':
      return daily;
    case 'connection':
      // Read with all that use it, at each sweep.
      return null;
  }
}
