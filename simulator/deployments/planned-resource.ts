import type { Node } from 'jsonc-parser';
import type { Scope } from '../template/scope.js';

/** One resource of a template, one turn of its loop, as far as it can be told before anything is deployed. */
export interface PlannedResource {
  readonly node: Node;
  readonly pointer: string;
  readonly scope: Scope;
  readonly type: string;
  readonly name: string;
  readonly apiVersion: string;
  /** The id it will have. */
  readonly id: string;
  /** What `dependsOn` and `reference()` may call it: ids, its name and its loop's, in lower case. */
  readonly references: readonly string[];
  readonly isWanted: boolean;
  /** Null for what is no nested deployment. */
  readonly nested: { readonly subscriptionId: string; readonly group: string | null } | null;
  /** What must be there first; filled once all are planned. */
  readonly dependsOn: Set<PlannedResource>;
}

/**
 * All that is deployed before it. What is not deployed at all drops out of the dependencies, with what it depends on:
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/resource-dependency#dependson
 */
export function allBefore(resource: PlannedResource): ReadonlySet<PlannedResource> {
  const found = new Set<PlannedResource>();
  const visit = ({ dependsOn }: PlannedResource): void => {
    for (const earlier of dependsOn) {
      if (!earlier.isWanted || found.has(earlier)) continue;
      found.add(earlier);
      visit(earlier);
    }
  };
  visit(resource);
  return found;
}
