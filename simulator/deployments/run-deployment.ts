import type { ArmCall } from '../arm/arm-call.js';
import { ArmFailure } from '../arm/arm-error.js';
import { isObject } from '../json.js';
import { memberAt, memberOf, membersOf } from '../template/json-node.js';
import { TemplateError } from '../template/template-error.js';
import { Unresolved } from '../template/unresolved.js';
import { isOfType } from './check-parameters.js';
import type { Deployment, DeploymentError } from './deployments.js';
import { demandResolved, jsonOf, type DeploymentPlan } from './plan-deployment.js';
import type { PlannedResource } from './planned-resource.js';
import { referenceTo } from './reference-to.js';
import { sentResource } from './sent-resource.js';
import { invalidTemplate } from './template-failure.js';

/** The wording: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/find-error-code */
const FAILED = {
  code: 'DeploymentFailed',
  message:
    'At least one resource deployment operation failed. Please list deployment operations for details. Please see https://aka.ms/arm-deployment-operations for usage details.',
};

/**
 * Deploys a plan, one resource after the other, each on behalf of whoever asked for the deployment. What fails holds up
 * what depends on it and nothing else. Gives the deployment as it has ended.
 */
export async function runDeployment(
  call: ArmCall,
  plan: DeploymentPlan,
  deployment: Deployment,
): Promise<Deployment> {
  const { world } = call;
  const done = new Set<PlannedResource>();
  const failed = new Map<PlannedResource, DeploymentError>();
  let waiting = plan.resources.filter(({ isWanted }) => isWanted);
  for (;;) {
    const ready = waiting.filter(({ dependsOn }) =>
      [...dependsOn].every((earlier) => !earlier.isWanted || done.has(earlier)),
    );
    const next = ready.find(({ id }) => !world.deployments.isSlow(id)) ?? ready[0];
    if (next === undefined) break;
    waiting = waiting.filter((resource) => resource !== next);
    const error = await deployOne(call, plan, next, done);
    if (error === null) done.add(next);
    else failed.set(next, error);
  }
  const ended = { ...deployment, outputResources: [...done].map(({ id }) => id) };
  if (failed.size > 0)
    return { ...ended, state: 'Failed', error: { ...FAILED, details: [...failed.values()] } };
  try {
    return { ...ended, state: 'Succeeded', outputs: outputsOf(call, plan, done) };
  } catch (error) {
    return { ...ended, state: 'Failed', error: errorOf(error, null) };
  }
}

/** Null where it went well. */
async function deployOne(
  call: ArmCall,
  plan: DeploymentPlan,
  resource: PlannedResource,
  done: ReadonlySet<PlannedResource>,
): Promise<DeploymentError | null> {
  const { deployments } = call.world;
  try {
    plan.answer = (asked) => referenceTo(call.world, plan.resources, resource, done, asked);
    const sent = sentResource(resource);
    demandResolved(plan.load);
    const answer = await deployments.act({ method: 'PUT', ...sent }, call.principal);
    if (answer.status >= 400) return refusalIn(answer.body, resource);
    if (resource.nested === null) return null;
    const ended = await deployments.ended(resource.id);
    return ended?.error === undefined || ended.error === null
      ? null
      : { ...ended.error, target: resource.id };
  } catch (error) {
    return errorOf(error, resource);
  }
}

function refusalIn(body: string, { id }: PlannedResource): DeploymentError {
  const parsed: unknown = JSON.parse(body);
  const error = isObject(parsed) && isObject(parsed.error) ? parsed.error : parsed;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return { code: String(code), message: String(message), target: id };
}

/** A template that turns out to be wrong on the way. Any other error is one of the simulator itself. */
function errorOf(error: unknown, resource: PlannedResource | null): DeploymentError {
  const failure =
    error instanceof Unresolved
      ? invalidTemplate(error.why)
      : error instanceof TemplateError
        ? invalidTemplate(error.message)
        : error;
  if (!(failure instanceof ArmFailure)) throw error;
  const { code, message } = failure;
  return { code, message, ...(resource === null ? {} : { target: resource.id }) };
}

function outputsOf(
  { world }: ArmCall,
  plan: DeploymentPlan,
  done: ReadonlySet<PlannedResource>,
): Record<string, unknown> {
  plan.answer = (asked) => referenceTo(world, plan.resources, null, done, asked);
  const outputs = memberOf(plan.root, 'outputs');
  return Object.fromEntries(
    (outputs === undefined ? [] : membersOf(outputs)).map(({ name, value: output }) => {
      const pointer = `/outputs/${name}`;
      const type = String(memberOf(output, 'type')?.value);
      const node = memberAt(output, 'value');
      if (node === undefined) throw invalidTemplate(`The output '${name}' has no value`);
      const value = jsonOf(node, `${pointer}/value`, plan.scope);
      if (!isOfType(type.toLowerCase(), value)) {
        throw invalidTemplate(
          `The template output '${name}' is not valid: its value is not of type '${type}'`,
        );
      }
      return [name, type.toLowerCase().startsWith('secure') ? { type } : { type, value }];
    }),
  );
}
