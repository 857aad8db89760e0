import { memberOf, pointerTo } from '../template/json-node.js';
import { evaluateNode } from '../template/evaluate-node.js';
import { settled } from '../template/inspect-value.js';
import { invalidTemplate } from './template-failure.js';
import { namesReferredTo } from './names-referred-to.js';
import type { PlannedResource } from './planned-resource.js';

/**
 * Fills in what each resource waits for: what its `dependsOn` names, by id, name or loop, and what its `reference()`
 * calls by name. Throws `InvalidTemplate` for what is not in the template, for two resources that are one, and for
 * a circle: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-invalid-template
 */
export function addDependencies(resources: readonly PlannedResource[]): void {
  demandOnce(resources);
  const known = new Map<string, PlannedResource[]>();
  for (const resource of resources) {
    for (const reference of new Set(resource.references)) {
      known.set(reference, [...(known.get(reference) ?? []), resource]);
    }
  }
  for (const resource of resources) {
    for (const wanted of dependsOnOf(resource)) {
      const found = known.get(wanted.toLowerCase());
      if (found === undefined) {
        throw invalidTemplate(
          `The resource '${wanted}' is not defined in the template. Please see https://aka.ms/arm-syntax for usage details.`,
        );
      }
      for (const earlier of found) resource.dependsOn.add(earlier);
    }
    // A resource that is called by its id is not waited for.
    for (const name of namesReferredTo(resource)) {
      for (const earlier of known.get(name.toLowerCase()) ?? [])
        if (earlier !== resource) resource.dependsOn.add(earlier);
    }
  }
  const inCircle = resources.find(leadsToItself);
  if (inCircle === undefined) return;
  throw invalidTemplate(
    `Circular dependency detected on resource: '${inCircle.id}'. Please see https://aka.ms/arm-syntax-resources for usage details.`,
  );
}

/** Also by what is not deployed this time. */
function leadsToItself(resource: PlannedResource): boolean {
  const seen = new Set(resource.dependsOn);
  for (const earlier of seen) for (const next of earlier.dependsOn) seen.add(next);
  return seen.has(resource);
}

function dependsOnOf({ node, pointer, scope }: PlannedResource): readonly string[] {
  const dependsOn = memberOf(node, 'dependsOn');
  return (dependsOn?.children ?? []).map((entry, i) => {
    const value = settled(evaluateNode(entry, pointerTo(`${pointer}/dependsOn`, i), scope));
    if (typeof value === 'string') return value;
    throw invalidTemplate(`An entry of dependsOn at '${pointer}' is no string`);
  });
}

function demandOnce(resources: readonly PlannedResource[]): void {
  const ids = new Set<string>();
  for (const { id, isWanted } of resources) {
    const key = id.toLowerCase();
    if (isWanted && ids.has(key)) {
      throw invalidTemplate(
        `The resource '${id}' at line '1' and column '1' is defined multiple times in a template. Please see https://aka.ms/arm-syntax-resources for usage details.`,
      );
    }
    if (isWanted) ids.add(key);
  }
}
