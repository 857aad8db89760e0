import type { RemediatorId } from '../types/remediator-id.js';
import type { ResourceId } from '../types/resource-id.js';
import type { Scope } from '../types/scope.js';

/** What the operator decided: the part of the settings that the engine follows. */
export interface Policy {
  readonly scopes: readonly Scope[];
  readonly modeOf: (id: RemediatorId) => 'off' | 'audit' | 'enforce';
  /** The remediators that a resource is lastingly exempt from. */
  readonly exemptions: (id: ResourceId) => ReadonlySet<RemediatorId>;
  readonly ipRetireAfterMs: number;
}
