import type { MaxChanges } from '../types/max-changes.js';
import type { RemediatorId } from '../types/remediator-id.js';
import type { ResourceId } from '../types/resource-id.js';
import type { Scope } from '../types/scope.js';

/** What the operator decided: the part of the settings that the engine follows. */
export interface Policy {
  readonly scopes: readonly Scope[];
  /** `approve` plans and records as `audit` does, until somebody approves a record. */
  readonly modeOf: (id: RemediatorId) => 'off' | 'audit' | 'approve' | 'enforce';
  /** The remediators that a resource is lastingly exempt from. */
  readonly exemptions: (id: ResourceId) => ReadonlySet<RemediatorId>;
  readonly ipRetireAfterMs: number;
  readonly maxChanges: MaxChanges;
  /** How often within an hour an edit is made before somebody else is said to contest it; at least 1. */
  readonly contestedAfter: number;
  /** Object ids, in lower case, whose permissions are left alone. */
  readonly keepPrincipals: ReadonlySet<string>;
  /** The resource id of the Log Analytics workspace for audit events; null where none is set. */
  readonly logWorkspace: string | null;
}
