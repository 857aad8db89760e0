import { ArmFailure, methodNotAllowed } from '../arm/arm-error.js';
import type { ChildAnswer, ChildOperation, ExistingCall } from '../arm/provider.js';
import { isObjectText, membersOf, objectText, spelledAs } from '../raw-json.js';
import { systemData } from '../arm/system-data.js';
import {
  changedAccessPolicies,
  checkAccessPolicies,
  type AccessPolicyOperation,
} from './vault-access-policies.js';

/** `PUT {vault}/accessPolicies/{add|replace|remove}`; the specification has no other method. */
export function accessPolicyWrite(method: string, rest: readonly string[]): ChildOperation {
  const [collection, operation, ...more] = rest.map((segment) => segment.toLowerCase());
  const isOperation = operation === 'add' || operation === 'replace' || operation === 'remove';
  if (collection !== 'accesspolicies' || !isOperation || more.length > 0) {
    throw new ArmFailure(404, 'NotFound', `No resource is found at '${rest.join('/')}'.`);
  }
  if (method !== 'PUT') throw methodNotAllowed(method);
  return {
    action: 'Microsoft.KeyVault/vaults/accessPolicies/write',
    event: 'Write',
    about: 'resource',
    run: (call) => changePolicies(call, operation),
  };
}

function changePolicies(call: ExistingCall, operation: AccessPolicyOperation): ChildAnswer {
  const { world, existing } = call;
  const given = policiesIn(call.body);
  const tenant = String(JSON.parse(existing.state.properties.get('tenantId') ?? '""'));
  checkAccessPolicies(JSON.parse(given ?? 'null'), tenant);
  const removal = world.switches.values.accessPolicyRemove;
  const stored = existing.state.properties.get('accessPolicies') ?? '[]';
  const policies = changedAccessPolicies(stored, given ?? '[]', operation, removal);
  checkAccessPolicies(JSON.parse(policies), tenant);
  const top = new Map(existing.state.top);
  if (world.switches.values.sideWritesTouchSystemData === 'yes') {
    const { principal, now } = call;
    top.set('systemData', systemData(top.get('systemData'), principal, now, world.switches.values));
  }
  const properties = new Map([...existing.state.properties, ['accessPolicies', policies]] as const);
  const answer = new Map([
    ['id', JSON.stringify(`${existing.id}/accessPolicies/`)],
    ['type', '"Microsoft.KeyVault/vaults/accessPolicies"'],
    ['properties', objectText(new Map([['accessPolicies', policies]]))],
  ]);
  return {
    status: 200,
    body: objectText(answer),
    written: { state: { ...existing.state, top, properties } },
  };
}

function policiesIn(body: string): string | undefined {
  const properties = spelledAs(membersOf(body), ['properties']).get('properties');
  if (!isObjectText(properties)) return undefined;
  return spelledAs(membersOf(properties), ['accessPolicies']).get('accessPolicies');
}
