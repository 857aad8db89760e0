import type { Node } from 'jsonc-parser';
import { deployTemplate } from './deploy-template.js';
import { evaluateNode } from './evaluate-node.js';
import { memberAt, memberOf, stringOf } from './json-node.js';
import { leftOut } from './left-out.js';
import { reportUnresolved } from './load.js';
import type { GivenParameters } from './parameters.js';
import { readMember } from './read-member.js';
import type { Place, Scope } from './scope.js';
import { createScope } from './template-scope.js';
import { Unresolved } from './unresolved.js';
import { property, type Value } from './value.js';

export function isDeployment(type: string | null): boolean {
  return type?.toLowerCase() === 'microsoft.resources/deployments';
}

/** Where a nested deployment goes, and stands itself; null, and reported, if that cannot be told. */
export function deploymentPlace(node: Node, pointer: string, scope: Scope, target: Place): Place | null {
  const read = (name: string, inherited: string | null) => {
    const value = readMember(node, name, pointer, scope, leftOut);
    return value === undefined ? inherited : typeof value === 'string' ? value : undefined;
  };
  const subscriptionId = read('subscriptionId', target.subscriptionId);
  const group = read('resourceGroup', target.resourceGroup);
  if (subscriptionId === undefined || group === undefined) return null;
  const schema = stringOf(memberAt(node, 'properties', 'template', '$schema')) ?? '';
  const resourceGroup = /subscriptionDeploymentTemplate/i.test(schema) ? null : group;
  const isSame = subscriptionId === target.subscriptionId && resourceGroup === target.resourceGroup;
  return { ...target, subscriptionId, resourceGroup, location: isSame ? target.location : null };
}

/**
 * Deploys the template inside a Microsoft.Resources/deployments. Unless it asks for a scope of its own, its
 * expressions are read in the scope around it, functions like resourceGroup() included.
 * https://learn.microsoft.com/azure/azure-resource-manager/templates/linked-templates#expression-evaluation-scope-in-nested-templates
 */
export function deployNested(
  node: Node,
  pointer: string,
  scope: Scope,
  place: Place,
  name: string | null,
): void {
  const { load, text, frozen } = scope;
  const properties = memberOf(node, 'properties');
  const template = memberOf(properties, 'template');
  const at = `${pointer}/properties/template`;
  if (template?.type !== 'object') {
    const why = 'the nested deployment has no template in this text, so what it deploys is left out';
    reportUnresolved(load, at, stringOf(template) ?? '', why);
    return;
  }
  const wanted = stringOf(memberAt(properties, 'expressionEvaluationOptions', 'scope')) ?? 'outer';
  if (wanted.toLowerCase() !== 'inner') {
    deployTemplate(template, at, scope, place);
    return;
  }
  const given = givenParameters(
    memberOf(properties, 'parameters'),
    `${pointer}/properties/parameters`,
    scope,
  );
  const named = { ...place, deploymentName: name };
  const inner = createScope({ node: template, pointer: at, text, place: named, given, frozen }, load);
  deployTemplate(template, at, inner, place);
}

function givenParameters(node: Node | undefined, pointer: string, scope: Scope): GivenParameters {
  const given = new Map<string, Value>();
  if (node === undefined) return given;
  const parameters = evaluateNode(node, pointer, scope);
  if (!(parameters instanceof Map)) return given;
  for (const [name, parameter] of parameters) {
    const value = parameter instanceof Map ? property(parameter, 'value') : undefined;
    const missing = new Unresolved(`the parameter '${name}' gets a value that is not in the template`);
    given.set(name.toLowerCase(), value ?? missing);
  }
  return given;
}
