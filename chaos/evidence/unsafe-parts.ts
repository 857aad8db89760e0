import { uncovered } from '../../simulator/access/address-cover.js';
import { valueAt } from '../../src/types/apply-edits.js';
import { isJsonObject, type Json } from '../../src/types/json.js';
import { rulesOf } from '../invariants/never-shut-out.js';
import type { Evidence } from './evidence.js';
import { connectionsOf, connectorAddresses, vaultOf } from './known-readers.js';
import { parsed } from './own-writes.js';

/**
 * What of the estate is not in the safe state now, judged from Azure alone. Left out is what Holdfast must not touch: what
 * a good tag exempts, and a workflow with a secure parameter, whose value nobody could send again.
 */
export function unsafeParts(world: Evidence): readonly { readonly id: string; readonly what: string }[] {
  const documents = world.azure.resourceIds().map((id) => ({ id, document: parsed(world.azure.read(id)) }));
  const isOf = (type: string) => documents.filter(({ id }) => id.toLowerCase().includes(`/${type}/`));
  const connections = new Map(
    isOf('connections').map(({ id, document }) => [id.toLowerCase(), vaultOf(document)]),
  );
  const workflows = isOf('workflows');
  return [
    ...isOf('vaults').flatMap(({ id, document }) => {
      if (isExempt(document, world.time.now())) return [];
      const name = id.split('/').at(-1)?.toLowerCase() ?? '';
      const readers = workflows.filter((workflow) =>
        connectionsOf(workflow.document).some((connection) => connections.get(connection) === name),
      );
      return vaultFaults(
        document,
        readers.flatMap((workflow) => connectorAddresses(workflow.document)),
      ).map((what) => ({ id, what }));
    }),
    ...workflows.flatMap(({ id, document }) =>
      isExempt(document, world.time.now()) || hasSecureParameter(document)
        ? []
        : openActions(document, connections).map((action) => ({
            id,
            what: `the outputs of ${action} are not hidden`,
          })),
    ),
  ];
}

function vaultFaults(vault: Json, addresses: readonly string[]): readonly string[] {
  const properties = (path: string): Json => valueAt(vault, `/properties/${path}`) ?? null;
  const isClosed = properties('publicNetworkAccess') === 'Disabled';
  const missing = isClosed ? [] : uncovered([...new Set(addresses)], rulesOf(vault));
  return [
    ...(properties('enablePurgeProtection') === true ? [] : ['purge protection is off']),
    ...(isClosed || properties('networkAcls/defaultAction') === 'Deny' ? [] : ['its firewall is off']),
    ...(missing.length === 0 ? [] : [`its Logic Apps cannot reach it from ${missing.join(', ')}`]),
  ];
}

function openActions(workflow: Json, connections: ReadonlyMap<string, string | null>): readonly string[] {
  const named = valueAt(workflow, '/properties/parameters/$connections/value');
  const actions = valueAt(workflow, '/properties/definition/actions');
  if (!isJsonObject(actions) || !isJsonObject(named)) return [];
  return Object.entries(actions).flatMap(([name, action]) => {
    const host = valueAt(action ?? null, '/inputs/host/connection/name');
    const key =
      typeof host === 'string'
        ? /\['\$?connections'\]|\['([^'$]+)'\]\['connectionId'\]/.exec(host)?.[1]
        : undefined;
    const id = key === undefined ? undefined : valueAt(named[key] ?? null, '/connectionId');
    const isToVault = typeof id === 'string' && (connections.get(id.toLowerCase()) ?? null) !== null;
    const hidden = valueAt(action ?? null, '/runtimeConfiguration/secureData/properties');
    return isToVault && !(Array.isArray(hidden) && (hidden as readonly Json[]).includes('outputs'))
      ? [name]
      : [];
  });
}

function hasSecureParameter(workflow: Json): boolean {
  const declared = valueAt(workflow, '/properties/definition/parameters');
  return JSON.stringify(declared ?? null)
    .toLowerCase()
    .includes('"type":"secure');
}

/** By a tag that names everything and has not run out. */
function isExempt(document: Json, now: number): boolean {
  const tag = valueAt(document, '/tags/holdfast-exempt');
  const until = typeof tag === 'string' ? /^\*; until=(\d{4}-\d{2}-\d{2})$/.exec(tag)?.[1] : undefined;
  return until !== undefined && Date.parse(until) + 86_400_000 > now;
}
