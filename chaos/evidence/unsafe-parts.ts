import { uncovered } from '../../simulator/access/address-cover.js';
import { valueAt } from '../../src/types/apply-edits.js';
import { isJsonObject, type Json } from '../../src/types/json.js';
import { rulesOf } from '../invariants/never-shut-out.js';
import type { RemediatorId } from '../../src/types/remediator-id.js';
import { settingsAt, type Evidence } from './evidence.js';
import { keptCredentials } from './kept-credentials.js';
import { connectionsOf, connectorAddresses, vaultOf } from './known-readers.js';
import { parsed } from './own-writes.js';
import { hasSecureParameter } from './secure-parameter.js';

/** Something that is not in the safe state. */
export interface UnsafePart {
  readonly id: string;
  readonly what: string;
  /** Who would put it right, or say why not. */
  readonly by: readonly RemediatorId[];
  /** The resource whose records say so. */
  readonly recordedAt: string;
}

/**
 * What of the estate is not in the safe state now, judged from Azure alone. Left out is what Holdfast must not touch: what
 * a good tag exempts, and a workflow with a secure parameter, whose value nobody could send again.
 */
export function unsafeParts(world: Evidence): readonly UnsafePart[] {
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
      ).map((fault) => ({ id, recordedAt: id, ...fault }));
    }),
    ...workflows.flatMap(({ id, document }) =>
      isExempt(document, world.time.now()) || hasSecureParameter(document)
        ? []
        : openActions(document, connections).map((action) => ({
            id,
            recordedAt: id,
            what: `the outputs of ${action} are not hidden`,
            by: ['workflow-secure-outputs'] as const,
          })),
    ),
    ...(isMoving(world) ? keptCredentials(documents) : []),
  ];
}

function isMoving(world: Evidence): boolean {
  const mode = settingsAt(world, world.time.now()).modes['connection-managed-identity'];
  return mode === 'enforce' || mode === 'approve';
}

const WHILE_OPEN = ['vault-firewall', 'vault-logic-app-ips'] as const;

function vaultFaults(vault: Json, addresses: readonly string[]): readonly Pick<UnsafePart, 'what' | 'by'>[] {
  const properties = (path: string): Json => valueAt(vault, `/properties/${path}`) ?? null;
  const isClosed = properties('publicNetworkAccess') === 'Disabled';
  const isOpen = !isClosed && properties('networkAcls/defaultAction') !== 'Deny';
  const missing = isClosed ? [] : uncovered([...new Set(addresses)], rulesOf(vault));
  return [
    ...(properties('enablePurgeProtection') === true
      ? []
      : [{ what: 'purge protection is off', by: ['vault-purge-protection'] as const }]),
    // It is not shut before the addresses of its Logic Apps are in; and what shuts it puts those back that it had before.
    ...(isOpen ? [{ what: 'its firewall is off', by: WHILE_OPEN }] : []),
    ...(missing.length === 0
      ? []
      : [
          {
            what: `its Logic Apps cannot reach it from ${missing.join(', ')}`,
            by: isOpen ? WHILE_OPEN : (['vault-logic-app-ips'] as const),
          },
        ]),
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

/** By a tag that names everything and has not run out. */
function isExempt(document: Json, now: number): boolean {
  const tag = valueAt(document, '/tags/holdfast-exempt');
  const until = typeof tag === 'string' ? /^\*; until=(\d{4}-\d{2}-\d{2})$/.exec(tag)?.[1] : undefined;
  return until !== undefined && Date.parse(until) + 86_400_000 > now;
}
