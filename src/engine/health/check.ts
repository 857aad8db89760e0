import type { EngineDeps } from '../engine-deps.js';

export const HEALTH_STATUSES = ['healthy', 'degraded', 'unhealthy'] as const;
export type HealthStatus = (typeof HEALTH_STATUSES)[number];

/** What one check came to. What it lists beside is for a person to read. */
export interface Check {
  readonly name:
    'settings' | 'identity' | 'storage' | 'scopes' | 'sweep' | 'backlog' | 'delivery' | 'self-audit';
  readonly status: HealthStatus;
  /** What was found and, where it is not healthy, what to do. Without a secret. */
  readonly detail: string;
  readonly [more: string]: unknown;
}

export type HealthDeps = Pick<
  EngineDeps,
  | 'policy'
  | 'ownIdentity'
  | 'probeStorage'
  | 'probeScope'
  | 'sweeps'
  | 'sweepTotals'
  | 'sweepFirings'
  | 'readBacklog'
  | 'readDeliveries'
  | 'selfAudits'
  | 'codeVersion'
  | 'now'
>;

/** The longest that a check may take; all run at once. */
export const CHECK_MS = 5000;
