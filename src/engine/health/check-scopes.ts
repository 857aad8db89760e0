import type { ArmError } from '../arm-error.js';
import type { Scope } from '../../types/scope.js';
import { CHECK_MS, type Check, type HealthDeps } from './check.js';

/** Asked at one time: three small requests each. Where there are more, the next ones are asked at the next time. */
const AT_ONCE = 20;
/** Before the check as a whole has taken too long. */
const SCOPE_MS = CHECK_MS - 1000;
const MOST_SHOWN = 20;

interface Asked {
  readonly scope: string;
  readonly problems: readonly ArmError[];
}

/** Whether each scope can be read: those asked now, and the others as they were when they were asked last. */
export function createCheckScopes({
  policy,
  probeScope,
}: Pick<HealthDeps, 'policy' | 'probeScope'>): () => Promise<Check> {
  const known = new Map<string, Asked>();
  let next = 0;

  return async () => {
    const { scopes } = policy;
    const turn = Array.from(
      { length: Math.min(AT_ONCE, scopes.length) },
      (_, i) => (next + i) % scopes.length,
    );
    next = scopes.length === 0 ? 0 : (next + AT_ONCE) % scopes.length;
    const signal = AbortSignal.timeout(SCOPE_MS);
    await Promise.all(
      turn.map(async (i) => {
        const scope = scopes[i];
        if (scope === undefined) return;
        const name = nameOf(scope);
        known.set(name, { scope: name, problems: await probeScope(scope, signal) });
      }),
    );
    return scopesCheck([...known.values()], scopes.length);
  };
}

/** `count`: how many scopes there are. */
export function scopesCheck(asked: readonly Asked[], count: number): Check {
  const open = asked
    .map(({ scope, problems }) => ({ scope, problems: problems.filter(isOfScope) }))
    .filter(({ problems }) => problems.length > 0);
  const missing = open.map(({ scope, problems }) => ({
    scope,
    // One reason is enough where it is the same for all kinds.
    problems: [...new Set(problems.map(({ message }) => message))],
  }));
  const about = { asked: asked.length, of: count, missing: missing.slice(0, MOST_SHOWN) };
  if (open.length === 0) {
    const some = asked.length < count ? ` so far (${asked.length} of ${count} have been asked)` : '';
    return { name: 'scopes', status: 'healthy', detail: `Every scope can be read${some}.`, ...about };
  }
  const status = open.length === asked.length ? 'unhealthy' : 'degraded';
  const first = missing[0]?.problems[0] ?? '';
  const detail = `${open.length} of the ${asked.length} scopes that were asked cannot be read. ${first}`;
  return { name: 'scopes', status, detail, ...about };
}

/** That ARM takes no more requests for now says nothing of the scope. */
function isOfScope({ details }: ArmError): boolean {
  return details.kind !== 'throttled';
}

function nameOf({ subscriptionId, resourceGroup }: Scope): string {
  const group = resourceGroup === null ? '' : `/resourceGroups/${resourceGroup}`;
  return `/subscriptions/${subscriptionId}${group}`;
}
