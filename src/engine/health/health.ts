import { within } from '../within.js';
import { CHECK_MS, HEALTH_STATUSES, type Check, type HealthDeps, type HealthStatus } from './check.js';
import { checkBacklog } from './check-backlog.js';
import { checkDelivery } from './check-delivery.js';
import { checkIdentity } from './check-identity.js';
import { createCheckScopes } from './check-scopes.js';
import { checkSelfAudit } from './check-self-audit.js';
import { checkStorage } from './check-storage.js';
import { checkSweeps } from './check-sweeps.js';

export interface Health {
  /** The worst of the checks'. */
  readonly status: HealthStatus;
  readonly checks: readonly Check[];
  /** Tells this code from any other. */
  readonly version: string;
  /** RFC 3339, UTC. */
  readonly checkedAt: string;
}

/** However often somebody asks, Azure and the storage account are asked no more often than this. */
const FRESH_MS = 15_000;
const VERSION_LENGTH = 12;

/** How this installation is; never rejects, and answers within seconds whatever is down. */
export function createHealth(deps: HealthDeps): () => Promise<Health> {
  const checkScopes = createCheckScopes(deps);
  const checks: Readonly<Record<Exclude<Check['name'], 'settings'>, () => Promise<Check>>> = {
    identity: () => checkIdentity(deps),
    storage: () => checkStorage(deps),
    scopes: checkScopes,
    sweep: () => checkSweeps(deps),
    backlog: () => checkBacklog(deps),
    delivery: () => checkDelivery(deps),
    'self-audit': () => checkSelfAudit(deps),
  };
  let last: { readonly health: Promise<Health>; readonly at: number } | null = null;

  async function look(): Promise<Health> {
    const names = Object.keys(checks) as (keyof typeof checks)[];
    const done = await Promise.all(names.map((name) => inTime(name, checks[name])));
    return healthOf([USABLE, ...done], deps.codeVersion(), deps.now());
  }

  return () => {
    const now = deps.now().getTime();
    if (last === null || now - last.at >= FRESH_MS || now < last.at) last = { health: look(), at: now };
    return last.health;
  };
}

/** The settings stand first: without them there is nothing else to check. */
const USABLE: Check = { name: 'settings', status: 'healthy', detail: 'All settings can be used.' };

/** How an installation is whose settings cannot be used. `why` names them. */
export function healthWithoutSettings(why: string, version: string, now: Date): Health {
  return healthOf([{ name: 'settings', status: 'unhealthy', detail: why }], version, now);
}

function healthOf(checks: readonly Check[], version: string, now: Date): Health {
  const worst = Math.max(...checks.map(({ status }) => HEALTH_STATUSES.indexOf(status)));
  return {
    status: HEALTH_STATUSES[worst] ?? 'unhealthy',
    checks,
    version: version.slice(0, VERSION_LENGTH),
    checkedAt: now.toISOString(),
  };
}

/** A check that comes to no answer says so; what an unknown error says may hold anything, and is not passed on. */
async function inTime(name: Check['name'], check: () => Promise<Check>): Promise<Check> {
  try {
    const done = await within(check(), CHECK_MS);
    const detail = `No answer within ${CHECK_MS / 1000} seconds.`;
    return done ?? { name, status: 'unhealthy', detail };
  } catch (error) {
    const what = error instanceof Error ? error.name : 'an unknown failure';
    return { name, status: 'unhealthy', detail: `It could not be checked (${what}).` };
  }
}
