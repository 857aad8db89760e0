import { readAnswer, type ArmAnswer, type ArmCall } from './arm-call.js';
import { demandBody, objectBody } from './arm-content.js';
import { ArmFailure } from './arm-error.js';
import { textAt } from '../json.js';
import { deleteGroup } from './delete-group.js';
import { groupText } from './lists.js';
import { membersOf, spelledAs } from '../raw-json.js';
import { checkedTags } from './tags.js';

/** One resource group. */
export function answerGroup(call: ArmCall, subscriptionId: string, name: string): ArmAnswer {
  const { world, request } = call;
  if (request.method === 'GET') {
    return readAnswer(groupText(world.estate.demandGroup(subscriptionId, name)));
  }
  if (request.method === 'DELETE') return deleteGroup(world, subscriptionId, name);
  const body = objectBody(request);
  demandBody(body);
  const location = textAt(JSON.parse(body), 'location');
  if (location === undefined) {
    throw new ArmFailure(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  const isNew = world.estate.group(subscriptionId, name) === undefined;
  const tags = checkedTags(spelledAs(membersOf(body), ['tags']).get('tags'));
  const group = world.estate.putGroup(subscriptionId, name, location, tags);
  const resourceId = `/subscriptions/${group.subscriptionId}/resourceGroups/${group.name}`;
  return {
    status: isNew ? 201 : 200,
    body: groupText(group),
    effect: { resourceId, child: '', event: 'Write', isNew, change: null },
  };
}
