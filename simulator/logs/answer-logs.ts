import { ArmFailure } from '../arm/arm-error.js';
import type { Circumstances, Findings, Outcome } from '../arm/answer-arm.js';
import { readAnswer } from '../arm/arm-call.js';
import type { ArmRequest, RequestLine } from '../arm/arm-message.js';
import { bearerOf } from '../bearer-of.js';
import { textAt } from '../json.js';
import { clientNameOf, type Principal } from '../principal.js';
import type { World } from '../world.js';
import { badArgument, LogFailure } from './log-failure.js';
import { logTarget, type LogTarget } from './log-target.js';
import type { LogAnswer } from './logs.js';

/**
 * The query API of Log Analytics: `POST /v1/workspaces/{id}/query` and `POST /v1{resourceId}/query`.
 * https://learn.microsoft.com/azure/azure-monitor/logs/api/request-format
 */
export function answerLogs(
  world: World,
  request: ArmRequest,
  line: RequestLine,
  circumstances: Circumstances,
  findings: Findings,
): Outcome {
  try {
    const principal = circumstances.actor ?? authenticate(world, request, findings);
    findings.principal = principal;
    const target = logTarget(world, line.path);
    if (request.method !== 'POST') throw notThere();
    const { text, timespan } = queryIn(request);
    const { actions, scope } = demandOf(target, text);
    findings.operation = actions[0] ?? null;
    const refused = actions.filter((action) => !world.permissions.isAllowed(principal, action, scope));
    if (refused.length > 0) throw insufficient(principal);
    if (target.isMissing) throw notThere();
    const answer = world.logs.answerTo({ text, timespan, target: target.id });
    if (answer === undefined) throw unknownTable(text);
    return { answer: readAnswer(resultText(answer)), headers: {}, errorCode: null };
  } catch (error) {
    if (!(error instanceof LogFailure)) throw error;
    const body = JSON.stringify({ error: error.error });
    return {
      answer: { status: error.status, body, effect: null },
      headers: error.headers,
      errorCode: error.error.code,
    };
  }
}

/** Of the public cloud: what the client asks for unless it is told another, whatever endpoint it is given. */
const PUBLIC_AUDIENCES = ['https://api.loganalytics.io', 'https://api.loganalytics.azure.com'];

/** A missing token is 401 and a wrong one 403, by learn's page of the API's errors. */
function authenticate(world: World, request: ArmRequest, findings: Findings): Principal {
  const origin = new URL(world.logsUrl()).origin;
  const audiences = [...PUBLIC_AUDIENCES, origin].flatMap((audience) => [audience, `${audience}/`]);
  try {
    return bearerOf(world, request, audiences, findings);
  } catch (error) {
    if (!(error instanceof ArmFailure)) throw error;
    const { code, message, headers } = error;
    throw new LogFailure(code === 'AuthenticationFailed' ? 401 : 403, { code, message }, headers);
  }
}

function queryIn(request: ArmRequest): { readonly text: string; readonly timespan: string | null } {
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch {
    throw badArgument({ code: 'InvalidJsonBody', message: 'The request body is not valid JSON.' });
  }
  const text = textAt(body, 'query') ?? '';
  if (text.trim() === '')
    throw badArgument({ code: 'QueryValidationError', message: 'Query cannot be empty.' });
  return { text, timespan: textAt(body, 'timespan') ?? null };
}

/**
 * On a workspace, its query permission and that of each table
 * (https://learn.microsoft.com/azure/azure-monitor/logs/manage-access#custom-roles); on a resource, the one on the table, of which the first word of the query
 * tells: https://learn.microsoft.com/azure/azure-monitor/logs/api/azure-resource-queries#table-access-and-rbac
 */
function demandOf(
  target: LogTarget,
  text: string,
): { readonly actions: readonly string[]; readonly scope: string } {
  if (target.kind === 'workspace') {
    const query = 'Microsoft.OperationalInsights/workspaces/query';
    const tables = tablesOf(text).map((table) => `${query}/${table}/read`);
    return { actions: [`${query}/read`, ...tables], scope: target.id };
  }
  return { actions: [`Microsoft.Insights/logs/${tableOf(text)}/read`], scope: target.id };
}

/** The tables that a query reads, as far as this can be told without KQL: its first word, or what a `union` puts in brackets; `*` for any. */
function tablesOf(text: string): readonly string[] {
  const first = tableOf(text);
  if (first !== '*') return [first];
  const bracketed = [...text.matchAll(/\(\s*([A-Za-z]\w*)\s*\|/g)].map(([, table = '']) => table);
  return bracketed.length === 0 ? ['*'] : bracketed;
}

/** The table that a query starts with; `*` for one that starts otherwise. */
function tableOf(text: string): string {
  const word = /^\s*([A-Za-z_]\w*)/.exec(text)?.[1] ?? '*';
  return ['let', 'union', 'search', 'find', 'print', 'set'].includes(word.toLowerCase()) ? '*' : word;
}

function resultText({ columns, rows, partialError }: LogAnswer): string {
  return JSON.stringify({
    tables: [{ name: 'PrimaryResult', columns, rows }],
    ...(partialError === undefined
      ? {}
      : {
          error: {
            code: 'PartialError',
            message: 'There were some errors when processing your query.',
            details: [partialError],
          },
        }),
  });
}

function insufficient(principal: Principal): LogFailure {
  return new LogFailure(403, {
    message: 'The provided credentials have insufficient access to perform the requested operation',
    code: 'InsufficientAccessError',
    innererror: { code: 'Forbidden', message: `${clientNameOf(principal)} may not read these logs.` },
  });
}

function notThere(): LogFailure {
  return new LogFailure(404, { message: 'The requested path does not exist', code: 'PathNotFoundError' });
}

/** A table into which nothing was ever logged is not there: https://github.com/Azure/azure-quickstart-templates/issues/5174 */
function unknownTable(text: string): LogFailure {
  const message = `'where' operator: Failed to resolve table or column expression named '${tableOf(text)}'`;
  return badArgument({
    code: 'SemanticError',
    message: 'A semantic error occurred.',
    innererror: { code: 'SEM0100', message },
  });
}
