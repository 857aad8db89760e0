import { ArmFailure, errorBody } from '../arm/arm-error.js';
import type { Circumstances, Findings, Outcome } from '../arm/answer-arm.js';
import type { ArmRequest, RequestLine } from '../arm/arm-message.js';
import { bearerOf } from '../bearer-of.js';
import { isObject } from '../json.js';
import type { Principal } from '../principal.js';
import type { World } from '../world.js';
import type { CollectionRule } from './ingestion.js';
import { storedRow } from './stored-row.js';

/** https://learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview#rest-api-call */
const PATH = /^\/dataCollectionRules\/([^/]+)\/streams\/([^/]+)$/i;
const API_VERSION = '2023-01-01';
const AUDIENCES = ['https://monitor.azure.com', 'https://monitor.azure.com/'];
/** Of the role Monitoring Metrics Publisher. */
const WRITE = 'Microsoft.Insights/Telemetry/Write';
const MAX_BYTES = 1_048_576;

/** The Logs Ingestion API: `POST /dataCollectionRules/{id}/streams/{stream}`, answered with 204. */
export function answerIngestion(
  world: World,
  request: ArmRequest,
  line: RequestLine,
  circumstances: Circumstances,
  findings: Findings,
): Outcome {
  try {
    const [, id = '', stream = ''] = PATH.exec(line.path)?.map(decodeURIComponent) ?? [];
    if (request.method !== 'POST' || id === '')
      throw new ArmFailure(404, 'NotFound', 'There is nothing here.');
    const principal = circumstances.actor ?? bearerOf(world, request, AUDIENCES, findings);
    findings.principal = principal;
    findings.operation = WRITE;
    const rule = allowedRule(world, id, principal);
    if (line.query.get('api-version') !== API_VERSION) {
      throw new ArmFailure(400, 'UnsupportedApiVersion', `The api-version must be ${API_VERSION}.`);
    }
    demandSize(request.body);
    const columns = rule.streams[stream];
    if (columns === undefined) throw unknownStream(stream, id);
    const rows = rowsIn(request).map((row) => storedRow(row, columns, world.clock.now()));
    world.ingestion.store(stream, rows);
    return { answer: { status: 204, body: '', effect: null }, headers: {}, errorCode: null };
  } catch (error) {
    if (!(error instanceof ArmFailure)) throw error;
    const { status, code, message, headers } = error;
    return { answer: { status, body: errorBody(code, message), effect: null }, headers, errorCode: code };
  }
}

/** The wordings: the SDK's own tests, and https://github.com/Azure/azure-sdk-for-net/pull/37173. */
function allowedRule(world: World, id: string, principal: Principal): CollectionRule {
  const rule = world.ingestion.rule(id);
  if (rule === undefined) {
    throw new ArmFailure(404, 'NotFound', `Data collection rule with immutable Id '${id}' not found.`);
  }
  if (world.permissions.isAllowed(principal, WRITE, rule.id, true)) return rule;
  throw new ArmFailure(
    403,
    'OperationFailed',
    `The authentication token provided does not have access to ingest data for the data collection rule with immutable Id '${id}'.`,
  );
}

/** https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/monitor/Azure.Monitor.Ingestion/tests/ErrorTest.cs */
function demandSize(body: string): void {
  const length = Buffer.byteLength(body);
  if (length <= MAX_BYTES) return;
  throw new ArmFailure(
    413,
    'ContentLengthLimitExceeded',
    `Maximum allowed content length: ${MAX_BYTES} bytes (1 MB). Provided content length: ${length} bytes.`,
  );
}

/** That it is refused is sure, as 400; its code and wording are not documented. */
function unknownStream(stream: string, id: string): ArmFailure {
  return new ArmFailure(400, 'InvalidStream', `The stream '${stream}' is not declared in the rule '${id}'.`);
}

function rowsIn(request: ArmRequest): readonly Record<string, unknown>[] {
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new ArmFailure(415, 'UnsupportedMediaType', 'The content type must be application/json.');
  }
  let body: unknown;
  try {
    body = JSON.parse(request.body);
  } catch {
    body = undefined;
  }
  if (Array.isArray(body) && body.every(isObject)) return body;
  throw new ArmFailure(400, 'InvalidPayload', 'The body must be a JSON array of objects.');
}
