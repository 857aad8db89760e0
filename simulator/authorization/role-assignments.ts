import { isAtOrAbove } from './scope.js';

export interface RoleAssignment {
  readonly sequence: number;
  /** A GUID that is unique in the tenant. */
  readonly name: string;
  readonly scope: string;
  readonly principalId: string;
  readonly principalType: string;
  /** The GUID of the role. */
  readonly roleName: string;
  readonly description: string | null;
  readonly condition: string | null;
  readonly conditionVersion: string | null;
  readonly createdOn: string;
  readonly updatedOn: string;
  readonly createdBy: string;
  readonly updatedBy: string;
}

/** Who holds which role where. */
export class RoleAssignments {
  readonly #all = new Map<string, RoleAssignment>();
  #sequence = 0;

  get all(): readonly RoleAssignment[] {
    return [...this.#all.values()];
  }

  find(name: string): RoleAssignment | undefined {
    return this.#all.get(name.toLowerCase());
  }

  /** One that is there already keeps its place in lists. */
  put(assignment: Omit<RoleAssignment, 'sequence'>): RoleAssignment {
    const key = assignment.name.toLowerCase();
    const sequence = this.#all.get(key)?.sequence ?? (this.#sequence += 1);
    const stored = { ...assignment, sequence };
    this.#all.set(key, stored);
    return stored;
  }

  remove(name: string): void {
    this.#all.delete(name.toLowerCase());
  }

  /** Those that apply at a scope: made there or above. */
  applyingAt(scope: string): readonly RoleAssignment[] {
    return this.all.filter((assignment) => isAtOrAbove(assignment.scope, scope));
  }

  /** Those of a resource, and of what lies below it, go with it. */
  removeUnder(scope: string): void {
    for (const { name, scope: own } of this.all) if (isAtOrAbove(scope, own)) this.remove(name);
  }
}
