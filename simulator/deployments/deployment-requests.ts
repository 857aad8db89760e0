import { readAnswer, type ArmAnswer, type ArmCall } from '../arm/arm-call.js';
import { demandBody, objectBody } from '../arm/arm-content.js';
import { ArmFailure } from '../arm/arm-error.js';
import { readBody } from '../documents/read-body.js';
import { entriesOf } from '../json.js';
import { membersOf } from '../raw-json.js';
import type { Json } from '../template/loaded-template.js';
import { deploymentId, type DeploymentRoute } from './deployment-route.js';
import type { Deployment } from './deployments.js';
import { planDeployment, type DeploymentPlan } from './plan-deployment.js';
import { runDeployment } from './run-deployment.js';
import { DeploymentBody } from './template-schema.js';

/** Deployments: https://learn.microsoft.com/rest/api/resources/deployments */
export function answerDeployment(call: ArmCall, route: DeploymentRoute): ArmAnswer {
  const { world, request } = call;
  const group = route.group === null ? null : world.estate.demandGroup(route.subscriptionId, route.group);
  const id = deploymentId({ ...route, group: group?.name ?? null });
  const existing = world.deployments.find(id);
  if (request.method === 'GET') {
    if (existing !== undefined) return readAnswer(deploymentText(existing));
    throw new ArmFailure(404, 'DeploymentNotFound', `Deployment '${route.name}' could not be found.`);
  }
  const body = objectBody(request);
  demandBody(body);
  const { location, properties } = readBody(DeploymentBody, JSON.parse(body));
  checkPlace(route, location, existing);
  const plan = planDeployment({
    template: membersOf(membersOf(body).get('properties') ?? '{}').get('template') ?? '{}',
    parameters: valuesOf(properties.parameters),
    place: {
      tenantId: world.tenantId,
      subscriptionId: route.subscriptionId.toLowerCase(),
      resourceGroup: group?.name ?? null,
      location: group?.location ?? location ?? null,
      deploymentName: route.name,
    },
    resourceManager: `${world.url()}/`,
    now: new Date(call.now),
  });
  const deployment: Deployment = {
    id,
    name: route.name,
    location: location ?? null,
    state: 'Running',
    correlationId: world.random.guid(),
    timestamp: new Date(call.now).toISOString(),
    parameters: shownParameters(plan, valuesOf(properties.parameters)),
    outputs: {},
    outputResources: [],
    error: null,
  };
  const after = deploymentText(deployment);
  if (route.isValidation) return readAnswer(after);
  const store = (): void => {
    world.deployments.start(deployment, () => runDeployment(call, plan, deployment));
  };
  return {
    status: existing === undefined ? 201 : 200,
    body: after,
    effect: {
      resourceId: id,
      child: '',
      event: 'Write',
      isNew: existing === undefined,
      change: { kind: 'extension', before: null, after, store },
    },
  };
}

/**
 * The name rules: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources
 * The location: https://github.com/Azure/bicep-deploy/issues/79 and https://github.com/MicrosoftDocs/azure-docs/issues/60262
 */
function checkPlace(
  route: DeploymentRoute,
  location: string | undefined,
  existing: Deployment | undefined,
): void {
  const { name, group } = route;
  if (!/^[\w.()-]{1,64}$/.test(name)) {
    throw new ArmFailure(
      400,
      'InvalidDeploymentName',
      `The deployment name '${name}' is invalid or longer than 64 characters.`,
    );
  }
  if (group !== null && location !== undefined) {
    throw new ArmFailure(
      400,
      'InvalidDeployment',
      `The 'location' property is not allowed for '${name}' at resource group scope. Please see https://aka.ms/deploy-to-subscription for usage details.`,
    );
  }
  if (group === null && location === undefined) {
    throw new ArmFailure(
      400,
      'InvalidDeployment',
      `The 'location' property must be specified for '${name}'. Please see https://aka.ms/deploy-to-subscription for usage details.`,
    );
  }
  if (existing?.state === 'Running') {
    throw new ArmFailure(
      409,
      'DeploymentActive',
      `Unable to edit or replace deployment '${name}': previous deployment is still active.`,
    );
  }
  const before = existing?.location ?? null;
  if (existing === undefined || before === (location ?? null)) return;
  throw new ArmFailure(
    409,
    'InvalidDeploymentLocation',
    `Invalid deployment location '${location ?? ''}'. The deployment '${name}' already exists in location '${before ?? ''}'.`,
  );
}

function valuesOf(parameters: unknown): Record<string, Json> {
  return Object.fromEntries(
    entriesOf(parameters).map(([name, parameter]) => [name, (parameter as { readonly value: Json }).value]),
  );
}

/** What is secure is not shown. */
function shownParameters({ secure }: DeploymentPlan, values: Record<string, Json>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, secure.has(name.toLowerCase()) ? {} : { value }]),
  );
}

function deploymentText(deployment: Deployment): string {
  const { id, name, location, state, correlationId, timestamp, parameters, outputs, outputResources, error } =
    deployment;
  return JSON.stringify({
    id,
    name,
    type: 'Microsoft.Resources/deployments',
    ...(location === null ? {} : { location }),
    properties: {
      mode: 'Incremental',
      provisioningState: state,
      timestamp,
      correlationId,
      parameters,
      outputs,
      outputResources: outputResources.map((resource) => ({ id: resource })),
      ...(error === null ? {} : { error }),
    },
  });
}
