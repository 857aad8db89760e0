import { guidOf } from '../random.js';
import { BUILT_IN_ROLES, type RolePermissions } from './built-in-roles.js';
import { isAtOrAbove } from './scope.js';

export interface RoleDefinition extends RolePermissions {
  readonly sequence: number;
  /** A GUID. */
  readonly name: string;
  readonly roleName: string;
  readonly description: string;
  readonly kind: 'BuiltInRole' | 'CustomRole';
  readonly assignableScopes: readonly string[];
}

export interface CustomRole extends Partial<RolePermissions> {
  readonly roleName: string;
  /** A GUID; one that follows from the name where none is given. */
  readonly name?: string;
  /** Subscriptions, resource groups or management groups; the tenant's root where none is given. */
  readonly assignableScopes?: readonly string[];
}

const NO_PERMISSIONS: RolePermissions = { actions: [], notActions: [], dataActions: [], notDataActions: [] };

/** Azure's own roles, and those of the tenant. */
export class RoleDefinitions {
  #all: readonly RoleDefinition[] = BUILT_IN_ROLES.map(({ id, name, ...permissions }, i) => ({
    ...NO_PERMISSIONS,
    ...permissions,
    sequence: i + 1,
    name: id,
    roleName: name,
    description: name,
    kind: 'BuiltInRole',
    assignableScopes: ['/'],
  }));

  get all(): readonly RoleDefinition[] {
    return this.#all;
  }

  add({ name, assignableScopes = ['/'], ...role }: CustomRole): RoleDefinition {
    const definition: RoleDefinition = {
      ...NO_PERMISSIONS,
      ...role,
      assignableScopes,
      sequence: this.#all.length + 1,
      name: (name ?? guidOf(`role:${role.roleName}`)).toLowerCase(),
      description: role.roleName,
      kind: 'CustomRole',
    };
    this.#all = [...this.#all, definition];
    return definition;
  }

  /** A new one, or one that is there already with what it says now. */
  put(definition: RoleDefinition): void {
    const others = this.#all.filter(({ name }) => name !== definition.name);
    this.#all = [...others, definition].toSorted((a, b) => a.sequence - b.sequence);
  }

  remove(name: string): void {
    this.#all = this.#all.filter((role) => role.name !== name);
  }

  /** By its GUID, its full id (of the tenant or a subscription), or what it is called. */
  find(reference: string): RoleDefinition | undefined {
    const wanted = reference.toLowerCase();
    const name = wanted.split('/').at(-1);
    return this.#all.find((role) => role.name === name || role.roleName.toLowerCase() === wanted);
  }

  /** What may be assigned at a scope. */
  at(scope: string): readonly RoleDefinition[] {
    return this.#all.filter(({ assignableScopes }) =>
      assignableScopes.some((assignable) => isAtOrAbove(assignable, scope)),
    );
  }
}
