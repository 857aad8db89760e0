import { z } from 'zod';
import type { Azure } from '../azure.js';
import type { Assignment } from '../authorization/assign-role.js';
import type { CustomRole } from '../authorization/role-definitions.js';
import type { RunDetails } from '../logic/workflow-runs.js';
import type { LogAnswer } from '../logs/logs.js';
import type { ControlRequest } from './control.js';

/** What a test adds to the estate without a request of anybody's, and what it reads out of it again. */

const Id = z.string().startsWith('/');
const Actions = z.array(z.string()).optional();

const RoleAssignmentBody = z.strictObject({
  scope: Id,
  principalId: z.guid(),
  principalType: z.enum(['User', 'Group', 'ServicePrincipal', 'ForeignGroup', 'Device']).optional(),
  role: z.string(),
});
const RoleDefinitionBody = z.strictObject({
  roleName: z.string(),
  name: z.guid().optional(),
  assignableScopes: z.array(Id).optional(),
  actions: Actions,
  notActions: Actions,
  dataActions: Actions,
  notDataActions: Actions,
});
const GroupBody = z.strictObject({ group: z.guid(), member: z.guid() });
const SignInBody = z.strictObject({ connection: Id, as: z.string() });
const RunBody = z.strictObject({
  workflow: Id,
  trigger: z.string().optional(),
  startedAt: z.iso.datetime().optional(),
  durationMs: z.number().min(0).optional(),
  status: z.enum(['Succeeded', 'Failed', 'Cancelled', 'TimedOut', 'Skipped', 'Aborted']).optional(),
});
const WorkspaceBody = z.strictObject({ id: Id, customerId: z.guid().optional() });
const LogAnswerBody = z.strictObject({
  target: Id,
  table: z.string(),
  answer: z.strictObject({
    columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))),
    partialError: z.strictObject({ code: z.string(), message: z.string() }).optional(),
  }),
});

const TopicBody = z.strictObject({ schema: z.enum(['CloudEventSchemaV1_0', 'EventGridSchema']) });
const CollectionRuleBody = z.strictObject({
  id: Id,
  immutableId: z.string().startsWith('dcr-').optional(),
  streams: z.record(z.string(), z.array(z.strictObject({ name: z.string(), type: z.string() }))),
});
const PackageBody = z.strictObject({ uri: z.url(), functions: z.array(z.string()) });
const HostBody = z.strictObject({ site: Id, url: z.url() });
const GovernBody = z.strictObject({ principal: z.guid() });

type Route = (azure: Azure, request: ControlRequest) => unknown;

export const ESTATE_ROUTES: readonly (readonly [string, Route])[] = [
  ['POST /role-assignments', assignRole],
  ['POST /role-definitions', addRoleDefinition],
  ['POST /groups', addGroupMember],
  ['POST /sign-in', signIn],
  ['POST /runs', addRun],
  ['POST /workspaces', addWorkspace],
  ['POST /log-answers', answerQueries],
  ['GET /access', readAccess],
  ['PUT /topic', setTopic],
  ['GET /topic-events', (azure) => azure.topic.events],
  ['POST /collection-rules', addCollectionRule],
  ['GET /ingested-rows', (azure, { query }) => azure.ingestion.rows(query.get('stream') ?? '')],
  ['POST /packages', publishPackage],
  ['POST /function-hosts', serveSite],
  ['GET /function-app', readFunctionApp],
  ['POST /governed', govern],
  ['GET /asked', (azure, { query }) => azure.permissions.asked(query.get('principal') ?? '')],
];

function assignRole(azure: Azure, { body }: ControlRequest): unknown {
  return { id: azure.assignRole(RoleAssignmentBody.parse(JSON.parse(body)) as Assignment) };
}

function addRoleDefinition(azure: Azure, { body }: ControlRequest): unknown {
  return { id: azure.addRoleDefinition(RoleDefinitionBody.parse(JSON.parse(body)) as CustomRole) };
}

function addGroupMember(azure: Azure, { body }: ControlRequest): undefined {
  const { group, member } = GroupBody.parse(JSON.parse(body));
  azure.groups.add(group, member);
  return undefined;
}

function signIn(azure: Azure, { body }: ControlRequest): unknown {
  const { connection, as } = SignInBody.parse(JSON.parse(body));
  azure.signIn(connection, as);
  return azure.connectionPrincipal(connection);
}

function addRun(azure: Azure, { body }: ControlRequest): unknown {
  const { workflow, startedAt, ...rest } = RunBody.parse(JSON.parse(body));
  const details = { ...rest, ...(startedAt === undefined ? {} : { startedAt: Date.parse(startedAt) }) };
  return { name: azure.run(workflow, details as RunDetails) };
}

function addWorkspace(azure: Azure, { body }: ControlRequest): unknown {
  const { id, customerId } = WorkspaceBody.parse(JSON.parse(body));
  return azure.logs.addWorkspace(id, customerId);
}

function answerQueries(azure: Azure, { body }: ControlRequest): undefined {
  const { target, table, answer } = LogAnswerBody.parse(JSON.parse(body));
  azure.logs.answerTable(target, table, answer as LogAnswer);
  return undefined;
}

function setTopic(azure: Azure, { body }: ControlRequest): undefined {
  azure.topic.schema = TopicBody.parse(JSON.parse(body)).schema;
  return undefined;
}

function addCollectionRule(azure: Azure, { body }: ControlRequest): unknown {
  const { id, streams, immutableId } = CollectionRuleBody.parse(JSON.parse(body));
  return azure.ingestion.addRule(id, streams, immutableId);
}

/** `?workflow=` who reads; `?vault=&principal=` what somebody may. */
function readAccess(azure: Azure, { query }: ControlRequest): unknown {
  const workflow = query.get('workflow');
  if (workflow !== null) return azure.access.canRead(workflow);
  return azure.access.permissions(query.get('vault') ?? '', query.get('principal') ?? '');
}

function publishPackage(azure: Azure, { body }: ControlRequest): undefined {
  const { uri, functions } = PackageBody.parse(JSON.parse(body));
  azure.functionApps.publish(uri, functions);
  return undefined;
}

function serveSite(azure: Azure, { body }: ControlRequest): undefined {
  const { site, url } = HostBody.parse(JSON.parse(body));
  azure.functionApps.serve(site, url);
  return undefined;
}

/** `?site=`: what its processes have in their environment. */
function readFunctionApp(azure: Azure, { query }: ControlRequest): unknown {
  const site = query.get('site') ?? '';
  const { functionApps } = azure;
  return {
    settings: functionApps.settings(site),
    environment: functionApps.environment(site),
    problem: functionApps.problem(site),
  };
}

function govern(azure: Azure, { body }: ControlRequest): undefined {
  azure.permissions.govern(GovernBody.parse(JSON.parse(body)).principal);
  return undefined;
}
