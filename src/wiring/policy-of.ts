import type { Policy } from '../engine/policy.js';
import type { Settings } from '../settings/settings.js';

/** What the operator decided, for the engine. */
export function policyOf(settings: Omit<Settings, 'storage'>): Policy {
  return {
    scopes: settings.scopes,
    modeOf: (id) => settings.modes[id],
    exemptions: (id) => settings.exempt.get(id.key) ?? new Set(),
    ipRetireAfterMs: settings.ipRetireAfterMs,
    maxChanges: settings.maxChanges,
    contestedAfter: settings.contestedAfter,
    keepPrincipals: settings.keepPrincipals,
    logWorkspace: settings.logWorkspace,
  };
}
