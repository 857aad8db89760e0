import type { Node } from 'jsonc-parser';
import { readBody } from '../documents/read-body.js';
import { createLoad, type Load } from '../template/load.js';
import { evaluateNode } from '../template/evaluate-node.js';
import { settled } from '../template/inspect-value.js';
import { memberOf, pointerTo } from '../template/json-node.js';
import type { Json, ResourceReference } from '../template/loaded-template.js';
import { readJson } from '../template/read-json.js';
import type { Place, Scope } from '../template/scope.js';
import { TemplateError } from '../template/template-error.js';
import { createScope } from '../template/template-scope.js';
import { Unresolved } from '../template/unresolved.js';
import { compactText } from '../template/value-text.js';
import { checkParameter, checkParameters } from './check-parameters.js';
import { addDependencies } from './dependencies.js';
import { planResource } from './plan-resource.js';
import type { PlannedResource } from './planned-resource.js';
import { invalidTemplate } from './template-failure.js';
import { Template } from './template-schema.js';

export interface DeploymentRequest {
  /** JSON text. */
  readonly template: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly place: Place & { readonly subscriptionId: string };
  /** ARM's own URL, with a slash at its end: what `environment()` says. */
  readonly resourceManager: string;
  readonly now: Date;
}

/** A template that is ready to be deployed. */
export interface DeploymentPlan {
  readonly resources: readonly PlannedResource[];
  readonly root: Node;
  readonly scope: Scope;
  readonly load: Load;
  /** The names, in lower case, of the parameters whose values are secret. */
  readonly secure: ReadonlySet<string>;
  /** Answers `reference()`; undefined, as until the deployment runs, answers none. */
  answer: ((asked: ResourceReference) => Json | undefined) | undefined;
}

/** Works out what a deployment is to do. Throws what ARM answers to a template that it does not begin with. */
export function planDeployment(request: DeploymentRequest): DeploymentPlan {
  try {
    return plan(request);
  } catch (error) {
    if (error instanceof TemplateError) throw invalidTemplate(error.message);
    if (error instanceof Unresolved) throw invalidTemplate(error.why);
    throw error;
  }
}

function plan({
  template: source,
  parameters,
  place,
  resourceManager,
  now,
}: DeploymentRequest): DeploymentPlan {
  const { text, root } = readJson(source);
  const template = readBody(Template, JSON.parse(text));
  checkScope(template, place);
  checkParameters(template, parameters);
  const current: { plan: DeploymentPlan | undefined } = { plan: undefined };
  const load = createLoad({
    subscriptionId: place.subscriptionId,
    resourceGroup: place.resourceGroup ?? '',
    location: place.location ?? '',
    tenantId: place.tenantId,
    parameters,
    resourceManager,
    now,
    reference: (asked) => current.plan?.answer?.(asked),
  });
  const scope = createScope(
    { node: root, pointer: '', text, place, given: load.given, frozen: new Map() },
    load,
  );
  checkDefaults(template, parameters, scope);
  const nodes = memberOf(root, 'resources')?.children ?? [];
  const resources = nodes.flatMap((node, i) => planResource(node, pointerTo('/resources', i), scope));
  demandResolved(load);
  addDependencies(resources);
  demandResolved(load);
  const secure = new Set(
    Object.entries(template.parameters ?? {})
      .filter(([, { type }]) => type.toLowerCase().startsWith('secure'))
      .map(([name]) => name.toLowerCase()),
  );
  const made: DeploymentPlan = { resources, root, scope, load, secure, answer: undefined };
  current.plan = made;
  return made;
}

/** A template says for what it is; ARM refuses it elsewhere, by what is in it and with other words. */
function checkScope({ $schema }: Template, { resourceGroup }: Place): void {
  const isForSubscription = /subscriptionDeploymentTemplate/.test($schema);
  if (isForSubscription === (resourceGroup === null)) return;
  throw invalidTemplate(
    `The template's schema '${$schema}' does not fit a deployment to a ${resourceGroup === null ? 'subscription' : 'resource group'}`,
  );
}

function checkDefaults(template: Template, given: Readonly<Record<string, Json>>, scope: Scope): void {
  const names = new Set(Object.keys(given).map((name) => name.toLowerCase()));
  for (const [name, declaration] of Object.entries(template.parameters ?? {})) {
    if (names.has(name.toLowerCase())) continue;
    checkParameter(name, declaration, JSON.parse(compactText(settled(scope.parameter(name)))) as Json);
  }
}

/** What could not be told is an error, never passed over. */
export function demandResolved(load: Load): void {
  const [unresolved] = load.unresolved.values();
  if (unresolved === undefined) return;
  const { pointer, expression, why } = unresolved;
  throw invalidTemplate(
    `Unable to process template language expressions at '${pointer}': '${expression}': ${why}`,
  );
}

/** The value of a piece of the template, as JSON. */
export function jsonOf(node: Node, pointer: string, scope: Scope): Json {
  return JSON.parse(compactText(settled(evaluateNode(node, pointer, scope)))) as Json;
}
