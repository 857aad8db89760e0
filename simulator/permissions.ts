import { ArmFailure } from './arm/arm-error.js';
import { clientNameOf, type Principal } from './principal.js';

/** Actions on a scope, as a role assignment gives them, e.g. `Microsoft.KeyVault/vaults/*` on `/subscriptions/…`. */
export interface Grant {
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly scope: string;
}

/** Whether the roles in the estate give somebody an action, or data action, on a scope. */
export type AskRoles = (principalId: string, action: string, scope: string, isData: boolean) => boolean;

/** Who may do what. Whoever is neither restricted nor governed may do everything. */
export class Permissions {
  readonly #grants = new Map<string, readonly Grant[]>();
  readonly #governed = new Set<string>();
  readonly #asked = new Map<string, Set<string>>();

  constructor(private readonly isGranted: AskRoles = () => false) {}

  /** By object id. From now on the principal may do what the grants say and nothing else. */
  restrict(objectId: string, grants: readonly Grant[]): void {
    this.#grants.set(objectId.toLowerCase(), grants);
  }

  unrestrict(objectId: string): void {
    this.#grants.delete(objectId.toLowerCase());
  }

  /**
   * By object id. From now on the principal may do what the role assignments and definitions in the estate give it at
   * the time, and nothing else.
   */
  govern(objectId: string): void {
    this.#governed.add(objectId.toLowerCase());
  }

  ungovern(objectId: string): void {
    this.#governed.delete(objectId.toLowerCase());
  }

  /** Every action that was demanded of a principal so far, also by what a request linked to, whatever the answer was; sorted. */
  asked(objectId: string): readonly string[] {
    return [...(this.#asked.get(objectId.toLowerCase()) ?? [])].sort();
  }

  /** `isData`: the roles must have it as a data action. */
  isAllowed(principal: Principal, action: string, scope: string, isData = false): boolean {
    const id = principal.objectId.toLowerCase();
    const asked = this.#asked.get(id);
    if (asked === undefined) this.#asked.set(id, new Set([action]));
    else asked.add(action);
    if (this.#governed.has(id) && !this.isGranted(id, action, scope, isData)) return false;
    const grants = this.#grants.get(id);
    if (grants === undefined) return true;
    return grants.some(
      (grant) =>
        covers(grant.scope, scope) &&
        grant.actions.some((pattern) => matches(pattern, action)) &&
        !(grant.notActions ?? []).some((pattern) => matches(pattern, action)),
    );
  }

  /** Throws the 403 of ARM. https://github.com/Azure/LogicAppsUX/issues/2849 has its wording. */
  demand(principal: Principal, action: string, scope: string): void {
    if (this.isAllowed(principal, action, scope)) return;
    throw new ArmFailure(
      403,
      'AuthorizationFailed',
      `The client '${clientNameOf(principal)}' with object id '${principal.objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
  }

  /**
   * What a write links to must be allowed as well, on the resource it links to. The wording:
   * https://github.com/microsoft/planetary-computer-hub/pull/25
   */
  demandLinked(principal: Principal, action: string, scope: string, linked: string, target: string): void {
    if (this.isAllowed(principal, linked, target)) return;
    throw new ArmFailure(
      403,
      'LinkedAuthorizationFailed',
      `The client '${clientNameOf(principal)}' with object id '${principal.objectId}' has permission to perform action '${action}' on scope '${scope}'; however, it does not have permission to perform action '${linked}' on the linked scope(s) '${target}' or the linked scope(s) are invalid.`,
    );
  }
}

function covers(granted: string, scope: string): boolean {
  const outer = granted.toLowerCase().replace(/\/+$/, '');
  const inner = scope.toLowerCase();
  return inner === outer || inner.startsWith(`${outer}/`);
}

/** Whether an action, or data action, is one of a pattern such as `Microsoft.KeyVault/vaults/*`. */
export function matches(pattern: string, action: string): boolean {
  const expression = pattern
    .toLowerCase()
    .split('*')
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${expression}$`).test(action.toLowerCase());
}
