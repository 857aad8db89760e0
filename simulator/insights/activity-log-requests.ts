import { readAnswer, type ArmAnswer, type ArmCall } from '../arm/arm-call.js';
import type { ActivityLogRoute } from '../arm/arm-route.js';
import { pageOf } from '../arm/paging.js';
import { activityFilter } from './activity-filter.js';
import { activityOf, activityText } from './activity-log.js';

/**
 * `/subscriptions/{id}/providers/Microsoft.Insights/eventtypes/management/values`, in pages. Whether who may read the log
 * of a resource group alone may ask for that group here is a switch.
 */
export function answerActivityLog(call: ArmCall, { subscriptionId }: ActivityLogRoute): ArmAnswer {
  const { world, line, principal, operation, now } = call;
  const filter = activityFilter(line.query.get('$filter'), now, world.switches.values);
  const isByGroup = filter.group !== null && world.switches.values.activityLogByGroup === 'allowed';
  const scope = isByGroup
    ? `/subscriptions/${subscriptionId}/resourceGroups/${filter.group}`
    : operation.scope;
  world.permissions.demand(principal, operation.action, scope);
  const events = activityOf(world, subscriptionId, now).filter(filter.wants);
  return readAnswer(pageOf(call, events, (event) => activityText(world, event)));
}
