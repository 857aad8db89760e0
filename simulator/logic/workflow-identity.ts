import { ArmFailure, invalidContent } from '../arm/arm-error.js';
import { at, entriesOf, isObject, textAt } from '../json.js';
import { demandJoin } from '../arm/linked-access.js';
import type { ProviderCall } from '../arm/provider.js';
import { guidOf } from '../random.js';
import { isNullText, membersOf, objectText } from '../raw-json.js';

const TYPES = ['SystemAssigned', 'UserAssigned', 'None'];

/** The identity as it is kept, from what a PUT sends; undefined for none. */
export function takeIdentity(call: ProviderCall, sent: string | undefined): string | undefined {
  const before = call.existing?.state.top.get('identity');
  if (isNullText(sent)) {
    return call.world.switches.values.identityOmitted === 'keep' ? before : undefined;
  }
  const identity: unknown = JSON.parse(sent ?? 'null');
  const type = TYPES.find((known) => known.toLowerCase() === textAt(identity, 'type')?.toLowerCase());
  if (!isObject(identity) || type === undefined) {
    throw invalidContent(`Error converting value to type 'ManagedServiceIdentityType'. Path 'identity.type'`);
  }
  if (type === 'None') return undefined;
  const members = membersOf(sent ?? '{}');
  for (const key of members.keys()) {
    if (['principalid', 'tenantid', 'userassignedidentities'].includes(key.toLowerCase()))
      members.delete(key);
  }
  members.set('type', JSON.stringify(type));
  if (type === 'UserAssigned') {
    members.set('userAssignedIdentities', userAssigned(call, at(identity, 'userAssignedIdentities'), before));
    return objectText(members);
  }
  members.set('principalId', JSON.stringify(guidOf(`principal:${call.place.id}`)));
  members.set('tenantId', JSON.stringify(call.world.tenantId));
  return objectText(members);
}

/** Each may be sent as `{}`, as null or exactly as it is there: https://github.com/Azure/AzOps/issues/538 */
function userAssigned(call: ProviderCall, sent: unknown, before: string | undefined): string {
  const assigned = entriesOf(sent).filter(([id]) => id !== '');
  if (assigned.length === 0) {
    // https://github.com/hashicorp/terraform-provider-azurerm/issues/17082
    throw new ArmFailure(
      400,
      'MissingIdentityIds',
      "The identity ids must not be null or empty for 'UserAssigned' identity type.",
    );
  }
  const present = at(before === undefined ? {} : JSON.parse(before), 'userAssignedIdentities');
  const known = new Map(entriesOf(present).map(([id, value]) => [id.toLowerCase(), value]));
  for (const [id, value] of assigned) {
    const isEmpty = value === null || (isObject(value) && Object.keys(value).length === 0);
    if (isEmpty || JSON.stringify(value) === JSON.stringify(known.get(id.toLowerCase()))) continue;
    throw new ArmFailure(
      400,
      'InvalidIdentityValues',
      "The 'UserAssignedIdentities' property keys should only be empty json objects, null or the resource exisiting property.",
    );
  }
  const assign = 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action';
  demandJoin(
    call,
    assign,
    assigned.map(([id]) => id),
    [...known.keys()],
  );
  return JSON.stringify(
    Object.fromEntries(
      assigned.map(([id]) => [
        id,
        { principalId: guidOf(`principal:${id}`), clientId: guidOf(`client:${id}`) },
      ]),
    ),
  );
}
