import type { Azure } from '../azure.js';
import type { ControlRequest } from './control.js';
import {
  ActBody,
  ActsBody,
  DeployBody,
  FaultBody,
  LatencyBody,
  LockBody,
  OutboundIpsBody,
  PagingBody,
  PermissionsBody,
  PlaceBody,
  ResourceGroupBody,
  SubscriptionBody,
  ThrottlingBody,
  TokenBody,
} from './control-schemas.js';
import { ESTATE_ROUTES } from './estate-routes.js';
import type { EventSubscription } from '../event-grid/event-grid.js';
import type { FaultRule } from '../faults.js';
import type { RequestFilter } from '../journal.js';
import type { Grant } from '../permissions.js';
import type { RegionIps } from '../platform-ips.js';
import { principalNamed } from '../principal.js';
import { itemsOf, membersOf } from '../raw-json.js';
import type { Switches } from '../switches.js';
import type { ThrottlingSettings } from '../throttling.js';

type Request = ControlRequest & {
  /** What follows the first part of the path. */
  readonly rest: string;
};
type Route = (azure: Azure, request: Request) => unknown;

/** By method and first part of the path. What a route gives is the JSON answer; undefined is 204. */
export const CONTROL_ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['GET /', (_azure, { facts }) => facts()],
  ['GET /switches', (azure) => azure.switches.values],
  ['PATCH /switches', setSwitches],
  ['DELETE /switches', resetSwitches],
  ['GET /latency', (azure) => azure.latency.settings],
  ['PUT /latency', setLatency],
  ['GET /throttling', (azure) => azure.throttling.settings],
  ['PATCH /throttling', setThrottling],
  ['PUT /paging', setPaging],
  ['GET /faults', (azure) => azure.faults.all],
  ['POST /faults', addFault],
  ['DELETE /faults', removeFaults],
  ['GET /journal', readJournal],
  ['DELETE /journal', clearJournal],
  ['GET /event-subscriptions', (azure) => azure.events.subscriptions],
  ['POST /event-subscriptions', subscribe],
  ['DELETE /event-subscriptions', unsubscribe],
  ['GET /events', (azure) => ({ pending: azure.events.pending })],
  ['POST /events', waitForEvents],
  ['POST /act', act],
  ['POST /acts', actInTurn],
  ['POST /deploy', deployResource],
  ['POST /place', placeDocuments],
  ['GET /resource', readResource],
  ['GET /resources', (azure) => azure.resourceIds()],
  ['POST /resource-groups', addResourceGroup],
  ['GET /outbound-ips', (azure, { query }) => azure.outboundIps(query.get('location') ?? '')],
  ['POST /outbound-ips', changeOutboundIps],
  ['GET /locks', (azure) => azure.locks.all],
  ['POST /locks', addLock],
  ['DELETE /locks', removeLocks],
  ['PUT /permissions', setPermissions],
  ['POST /token', issueToken],
  ['POST /shutdown', shutDown],
  ...ESTATE_ROUTES,
]);

function setSwitches(azure: Azure, { body }: Request): unknown {
  azure.switches.set(JSON.parse(body) as Partial<Switches>);
  return azure.switches.values;
}

function resetSwitches(azure: Azure): unknown {
  azure.switches.reset();
  return azure.switches.values;
}

function setLatency(azure: Azure, { body }: Request): unknown {
  azure.latency.set(LatencyBody.parse(JSON.parse(body)));
  return azure.latency.settings;
}

function setThrottling(azure: Azure, { body }: Request): unknown {
  azure.throttling.set(ThrottlingBody.parse(JSON.parse(body)) as Partial<ThrottlingSettings>);
  return azure.throttling.settings;
}

function setPaging(azure: Azure, { body }: Request): unknown {
  const { pageSize } = PagingBody.parse(JSON.parse(body));
  azure.pageSize = pageSize;
  return { pageSize };
}

function addFault(azure: Azure, { body }: Request): unknown {
  return { id: azure.faults.add(FaultBody.parse(JSON.parse(body)) as FaultRule) };
}

function removeFaults(azure: Azure, { rest }: Request): undefined {
  if (rest === '') azure.faults.clear();
  else azure.faults.remove(rest);
  return undefined;
}

function readJournal(azure: Azure, { rest, query }: Request): unknown {
  const since = Number(query.get('since') ?? '0');
  switch (rest) {
    case '':
      return { mark: azure.journal.mark() };
    case 'requests':
      return azure.journal.requests(requestFilter(query, since));
    case 'changes': {
      const resourceId = query.get('resourceId');
      return azure.journal.changes({ since, ...(resourceId === null ? {} : { resourceId }) });
    }
    case 'runs':
      return azure.journal.runs(since);
    case 'deliveries':
      return azure.journal.deliveries(since);
    case 'queries':
      return azure.journal.queries(since);
    case 'run-content':
      return azure.journal.runContentRequests(since);
    default:
      throw new RangeError(`The journal has no ${rest}.`);
  }
}

function requestFilter(query: URLSearchParams, since: number): RequestFilter {
  const given = Object.fromEntries(
    ['method', 'under', 'origin', 'endpoint'].flatMap((name) => {
      const value = query.get(name);
      return value === null ? [] : [[name, name === 'method' ? value.split(',') : value]];
    }),
  ) as RequestFilter;
  const changed = query.get('changed');
  return { ...given, since, ...(changed === null ? {} : { changed: changed === 'true' }) };
}

function clearJournal(azure: Azure): undefined {
  azure.journal.clear();
  return undefined;
}

async function subscribe(azure: Azure, { body }: Request): Promise<unknown> {
  const subscription = SubscriptionBody.parse(JSON.parse(body)) as EventSubscription;
  return { name: await azure.subscribeEvents(subscription) };
}

function unsubscribe(azure: Azure, { rest }: Request): undefined {
  azure.events.unsubscribe(rest);
  return undefined;
}

/** Answers once every delivery has been made or given up. */
async function waitForEvents(azure: Azure): Promise<unknown> {
  await azure.events.idle();
  return { pending: azure.events.pending };
}

function act(azure: Azure, { body }: Request): unknown {
  const { as, method, path } = ActBody.parse(JSON.parse(body));
  return azure.as(as).request(method, path, textOf(body, 'body'));
}

/** Several, one after the other, at a steady pace: as fast as no other process could ask for them. */
async function actInTurn(azure: Azure, { body }: Request): Promise<unknown> {
  const { everyMs } = ActsBody.parse(JSON.parse(body));
  const acts = itemsOf(membersOf(body).get('acts') ?? '[]').map((text) => ({
    ...ActBody.parse(JSON.parse(text)),
    body: textOf(text, 'body'),
  }));
  const startedAt = performance.now();
  const statuses: number[] = [];
  for (const { as, method, path, body: sent } of acts) {
    await azure.sleep(Math.max(0, startedAt + statuses.length * everyMs - performance.now()));
    statuses.push((await azure.as(as).request(method, path, sent)).status);
  }
  return { statuses, ms: performance.now() - startedAt };
}

function deployResource(azure: Azure, { body }: Request): unknown {
  const { subscriptionId, resourceGroup, location, as } = DeployBody.parse(JSON.parse(body));
  const where = { subscriptionId, resourceGroup, ...(location === undefined ? {} : { location }) };
  return azure.deploy(textOf(body, 'resource') ?? '', where, as);
}

function placeDocuments(azure: Azure, { body }: Request): unknown {
  PlaceBody.parse(JSON.parse(body));
  const documents = itemsOf(membersOf(body).get('documents') ?? '[]');
  return { ids: documents.map((document) => azure.place(plain(document))) };
}

function readResource(azure: Azure, { query }: Request): unknown {
  const id = query.get('id') ?? '';
  const text = azure.read(id);
  if (text === undefined) throw new RangeError(`There is no resource ${id}.`);
  return { id, text };
}

function addResourceGroup(azure: Azure, { body }: Request): unknown {
  const { subscriptionId, name, location } = ResourceGroupBody.parse(JSON.parse(body));
  return { id: azure.addResourceGroup(subscriptionId, name, location) };
}

function changeOutboundIps(azure: Azure, { body }: Request): unknown {
  const { location, ...ips } = OutboundIpsBody.parse(JSON.parse(body));
  azure.changeOutboundIps(location, ips as Partial<RegionIps>);
  return azure.outboundIps(location);
}

function addLock(azure: Azure, { body }: Request): unknown {
  azure.locks.add(LockBody.parse(JSON.parse(body)));
  return azure.locks.all;
}

function removeLocks(azure: Azure, { query }: Request): unknown {
  azure.locks.remove(query.get('scope') ?? '', query.get('name') ?? undefined);
  return azure.locks.all;
}

function setPermissions(azure: Azure, { body }: Request): undefined {
  const { principal, grants } = PermissionsBody.parse(JSON.parse(body));
  const isObjectId = /^[0-9a-f-]{36}$/i.test(principal);
  const app = azure.identity.options.principal;
  const named = principal === 'app' ? app : principalNamed(principal);
  const objectId = isObjectId ? principal : named.objectId;
  if (grants === null) azure.permissions.unrestrict(objectId);
  else azure.permissions.restrict(objectId, grants as readonly Grant[]);
  return undefined;
}

function issueToken(azure: Azure, { body }: Request): unknown {
  const { as, audience, tenantId } = TokenBody.parse(JSON.parse(body));
  return { token: azure.tokenFor(as, audience, tenantId) };
}

function shutDown(_azure: Azure, request: Request): undefined {
  request.shutDown();
  return undefined;
}

/** A member of the body as it was written there; one that is a string is the JSON text inside it. */
function textOf(body: string, name: string): string | undefined {
  const text = membersOf(body).get(name);
  return text === undefined ? undefined : plain(text);
}

function plain(text: string): string {
  return text.startsWith('"') ? String(JSON.parse(text)) : text;
}
