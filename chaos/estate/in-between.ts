import { vaultPath, workflowPath } from '../../demo/estate.js';
import type { FaultRule } from '../../simulator/faults.js';
import { valueAt } from '../../src/types/apply-edits.js';
import { isJsonObject, type Json, type JsonObject } from '../../src/types/json.js';
import { parsed } from '../evidence/own-writes.js';
import type { Storm } from '../faults/fault.js';
import type { Tenant } from './tenant.js';
import { pick } from './build-estate.js';

/** A vault's firewall as it is now; null where it has none. */
export function aclsOf(world: Tenant, name: string): JsonObject | null {
  const acls = valueAt(parsed(world.azure.read(vaultPath(name))), '/properties/networkAcls');
  return isJsonObject(acls) ? acls : null;
}

/** What somebody does at the very moment at which Holdfast writes; null where there is nothing to do it to. */
export const PUT_BETWEEN: readonly ((storm: Storm<Tenant>) => FaultRule | null)[] = [
  (storm) => vaultWrite(storm, (acls) => ({ ...acls, defaultAction: 'Allow' })),
  (storm) =>
    vaultWrite(storm, (acls) => ({
      ...acls,
      ipRules: [...listOf(acls.ipRules), { value: '192.0.2.44/32' }],
    })),
  (storm) => vaultWrite(storm, (acls) => ({ ...acls, defaultAction: 'Deny' })),
  ({ world, estate, random }) => {
    const path = workflowPath(pick(world, estate.workflows));
    const document = parsed(world.azure.read(path));
    if (!isJsonObject(document)) return null;
    const { location, identity, properties } = document;
    const own = { location, identity: { type: valueAt(identity ?? null, '/type') }, properties };
    const body = JSON.stringify(own).replace(
      '"actions":{',
      `"actions":{"Between_${Math.floor(random.next() * 1000)}":{"type":"Compose","inputs":"x","runAfter":{}},`,
    );
    return somebodyElse(whenOf(random), path, 'PUT', body);
  },
  ({ world, estate, random }) => {
    const path = workflowPath(pick(world, estate.workflows));
    return somebodyElse(whenOf(random), path, 'DELETE', '');
  },
];

type When = 'before' | 'after';

function whenOf(random: { next(): number }): When {
  return random.next() < 0.7 ? 'before' : 'after';
}

function vaultWrite(
  { world, estate, random }: Storm<Tenant>,
  change: (acls: JsonObject) => object,
): FaultRule | null {
  const name = pick(world, estate.vaults);
  const acls = aclsOf(world, name);
  if (acls === null) return null;
  const body = JSON.stringify({ properties: { networkAcls: change(acls) } });
  return somebodyElse(whenOf(random), vaultPath(name), 'PATCH', body);
}

function somebodyElse(when: When, path: string, method: string, body: string): FaultRule {
  const own = method === 'DELETE' ? 'PUT' : method;
  return {
    method: own,
    path,
    action: { kind: 'somebody-else', as: 'mallory@contoso.com', method, path, body, when },
  };
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}
