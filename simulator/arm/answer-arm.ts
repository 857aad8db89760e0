import { checkApiVersion, demandApiVersion } from './api-version.js';
import { readAnswer, type ArmAnswer, type ArmCall } from './arm-call.js';
import { ArmFailure, errorBody } from './arm-error.js';
import type { ArmRequest, RequestLine } from './arm-message.js';
import { demandList, operationOf } from './arm-operation.js';
import { parseRoute, type ArmRoute } from './arm-route.js';
import { answerGroup } from './group-requests.js';
import { listAnything, listGroups, listResources } from './lists.js';
import type { Principal } from '../principal.js';
import { answerResource } from './resource-requests.js';
import { answerTags } from './tag-requests.js';
import { answerRoleAssignments } from '../authorization/role-assignment-requests.js';
import { answerActivityLog } from '../insights/activity-log-requests.js';
import { answerDiagnosticSettings } from '../insights/diagnostic-setting-requests.js';
import { answerDeletedVaults } from '../key-vault/deleted-vault-requests.js';
import { answerRoleDefinitions } from '../authorization/role-definition-requests.js';
import { answerDeployment } from '../deployments/deployment-requests.js';
import { answerDocument, answerDocuments } from '../documents/document-requests.js';
import type { BucketKind } from '../throttling.js';
import type { World } from '../world.js';

/** What is known about a request by the time it is answered, also where it was turned down. */
export interface Findings {
  principal: Principal | null;
  tokenId: string | null;
  operation: string | null;
}

export interface Outcome {
  readonly answer: ArmAnswer;
  readonly headers: Readonly<Record<string, string>>;
  readonly errorCode: string | null;
}

export interface Circumstances {
  /** Somebody who acts inside the simulator: no token, and no throttling. */
  readonly actor: Principal | null;
  readonly isStale: boolean;
  /** Another write of the same vault is under way. */
  readonly isContended: boolean;
}

/** What ARM makes of a request. Nothing waits in here, so that each request is answered at one moment. */
export function answerArm(
  world: World,
  request: ArmRequest,
  line: RequestLine,
  circumstances: Circumstances,
  findings: Findings,
): Outcome {
  let headers: Readonly<Record<string, string>> = {};
  try {
    const apiVersion = demandApiVersion(line.query);
    const now = world.clock.now();
    const principal = circumstances.actor ?? authenticate(world, request, now, findings);
    findings.principal = principal;
    const route = parseRoute(line.path);
    checkApiVersion(route, apiVersion);
    const operation = operationOf(route, request.method);
    findings.operation = operation.action;
    if (circumstances.actor === null) {
      // ARM counts by subscription, and by tenant where a request names none.
      const counted = route.subscriptionId ?? world.tenantId;
      headers = world.throttling.take(bucketOf(request.method), counted, principal);
    }
    if (!isOwnMatter(world, route)) world.permissions.demand(principal, operation.action, operation.scope);
    if (route.subscriptionId !== null) world.estate.demandSubscription(route.subscriptionId);
    if (request.method !== 'GET') {
      world.locks.demandUnlocked(operation.scope, request.method === 'DELETE' ? 'delete' : 'write');
    }
    if (circumstances.isContended) throw contended(operation.scope);
    const { isStale } = circumstances;
    const call = { world, request, line, route, operation, apiVersion, principal, now, isStale };
    const answer = dispatch(call);
    return { answer, headers: { ...headers, ...answer.headers }, errorCode: null };
  } catch (error) {
    if (!(error instanceof ArmFailure)) throw error;
    const body = errorBody(error.code, error.message, error.shape);
    return {
      answer: { status: error.status, body, effect: null },
      headers: { ...headers, ...error.headers },
      errorCode: error.code,
    };
  }
}

function dispatch(call: ArmCall): ArmAnswer {
  const { route } = call;
  switch (route.kind) {
    case 'role-assignments':
      return answerRoleAssignments(call, route);
    case 'role-definitions':
      return answerRoleDefinitions(call, route);
    case 'diagnostic-settings':
      return answerDiagnosticSettings(call, route);
    case 'deleted-vaults':
      return answerDeletedVaults(call, route);
    case 'document':
      return answerDocument(call, route);
    case 'documents':
      return answerDocuments(call, route);
    case 'deployment':
      return answerDeployment(call, route);
    case 'activity-log':
      return answerActivityLog(call, route);
    case 'group':
      return answerGroup(call, route.subscriptionId, route.group);
    case 'resource':
      return answerResource(call, route);
    case 'tags':
      return answerTags(call, route);
    case 'groups':
    case 'all-resources':
    case 'list':
      return readAnswer(listed(call, route));
  }
}

type ListRoute = Extract<ArmRoute, { readonly kind: 'groups' | 'all-resources' | 'list' }>;

function listed({ world, line, principal, now }: ArmCall, route: ListRoute): string {
  const { subscriptionId } = route;
  const list = { world, principal, line, subscriptionId, now };
  switch (route.kind) {
    case 'groups':
      return listGroups({ ...list, group: null });
    case 'all-resources':
      return listAnything({ ...list, group: route.group });
    case 'list':
      demandList(route.type, route.group, world.switches.values.connectionsBySubscription);
      if (route.group !== null) world.estate.demandGroup(subscriptionId, route.group);
      return listResources({ ...list, group: route.group }, route.type);
  }
}

function authenticate(world: World, request: ArmRequest, now: number, findings: Findings): Principal {
  const { principal, tokenId } = world.tokens.read(request.headers.authorization, now);
  findings.tokenId = tokenId;
  return { ...principal, ip: request.clientIp };
}

/** A list that leaves out what its caller may not see, instead of refusing; or one whose filter says where it is needed. */
function isOwnMatter(world: World, route: ArmRoute): boolean {
  if (route.kind === 'activity-log') return true;
  const isList = route.kind === 'list' || route.kind === 'groups' || route.kind === 'all-resources';
  return isList && world.switches.values.listsWithoutPermission === 'filtered';
}

function bucketOf(method: string): BucketKind {
  if (method === 'GET') return 'reads';
  return method === 'DELETE' ? 'deletes' : 'writes';
}

/** https://github.com/Azure/bicep/issues/3113 has the wording; that the status is 409 is the likeliest. */
function contended(scope: string): ArmFailure {
  const vault = scope.split('/').at(-1) ?? '';
  return new ArmFailure(
    409,
    'ConflictError',
    `A conflict occurred that prevented the operation from completing. The operation failed because the Key Vault '${vault}' changed from the point the operation began. This can happen if parallel operations are being performed on the Key Vault. To prevent this error, serialize the operations so that only one operation is performed on the Key Vault at a time.`,
  );
}
