import type { ActivityEvent, ActivityLog, TimeRange } from '../engine/self-audit/ports.js';
import { isJsonObject, type Json, type JsonObject } from '../types/json.js';
import { createArmPages } from './arm-pages.js';
import type { SendToArm } from './arm-pipeline.js';
import { API_VERSIONS } from './arm-urls.js';

/**
 * Reads a subscription's activity log. The filter takes a time range and one more equation, "no other syntax is allowed"
 * (https://learn.microsoft.com/rest/api/monitor/activity-logs/list): that Azure CLI asks for `caller eq '…'` is not
 * documented, so all of the range is read. `$select` has no `caller` and no `category`.
 */
export function createActivityLog(send: SendToArm, armEndpoint: string): ActivityLog {
  const pages = createArmPages(armEndpoint);
  return {
    async *events(subscriptionId, resourceGroup, range, signal) {
      const scope = `/subscriptions/${subscriptionId}`;
      const list = `${armEndpoint}${scope}/providers/Microsoft.Insights/eventtypes/management/values`;
      const filter = encodeURIComponent(filterOf(range, resourceGroup));
      const url = `${list}?api-version=${API_VERSIONS.activityLog}&$filter=${filter}`;
      const permission = {
        action: 'Microsoft.Insights/eventtypes/values/read',
        scope: resourceGroup === null ? scope : `${scope}/resourceGroups/${resourceGroup}`,
      };
      for await (const { items } of pages(send, url, permission, signal)) {
        yield items.map((item) => eventOf(item, scope));
      }
    },
  };
}

/** A resource group's name holds no quotes. */
function filterOf({ from, to }: TimeRange, resourceGroup: string | null): string {
  const group = resourceGroup === null ? '' : ` and resourceGroupName eq '${resourceGroup}'`;
  return `eventTimestamp ge '${from.toISOString()}' and eventTimestamp le '${to.toISOString()}'${group}`;
}

/**
 * What an access token says of whoever it was issued to: object id and client id, under their short and their long names.
 * https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema#sample-event
 */
const IDENTITY_CLAIMS = [
  'http://schemas.microsoft.com/identity/claims/objectidentifier',
  'oid',
  'appid',
  'azp',
] as const;

/** Ids are GUIDs; what is longer is text of anybody's. */
const MOST = 256;

function eventOf(item: JsonObject, subscription: string): ActivityEvent {
  const { claims, httpRequest, properties } = item;
  const callers = [textAt(item, 'caller'), ...IDENTITY_CLAIMS.map((name) => textAt(claims, name))];
  const at = Date.parse(textAt(item, 'eventTimestamp') ?? '');
  return {
    id: idAt(item, 'eventDataId'),
    at: Number.isNaN(at) ? null : new Date(at),
    category: valueAt(item, 'category'),
    operation: valueAt(item, 'operationName') ?? '',
    status: valueAt(item, 'status') ?? '',
    resourceId: textAt(item, 'resourceId') ?? subscription,
    callers: [...new Set(callers.filter((id) => id !== null).map((id) => id.slice(0, MOST).toLowerCase()))],
    callerIp: idAt(httpRequest, 'clientIpAddress') ?? idAt(claims, 'ipaddr'),
    correlationId: idAt(item, 'correlationId'),
    operationId: idAt(item, 'operationId'),
    clientRequestId: idAt(httpRequest, 'clientRequestId'),
    serviceRequestId: idAt(properties, 'serviceRequestId'),
  };
}

function textAt(object: Json | undefined, key: string): string | null {
  const value = isJsonObject(object) ? object[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}

function idAt(object: Json | undefined, key: string): string | null {
  return textAt(object, key)?.slice(0, MOST).toLowerCase() ?? null;
}

/** What is also given in the reader's language stands under `value`. */
function valueAt(item: JsonObject, key: string): string | null {
  return textAt(item[key], 'value');
}
