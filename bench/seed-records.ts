import { recordId } from '../src/engine/record/record-id.js';
import type { ResourceStanding, Standing } from '../src/engine/ports/standings.js';
import { createAuditLog } from '../src/state/audit-log.js';
import { createStandings } from '../src/state/standings.js';
import type { StorageAccount } from '../src/state/storage-account.js';
import type { AuditRecord, RecordOutcome } from '../src/types/record.js';
import { REMEDIATOR_IDS, type RemediatorId } from '../src/types/remediator-id.js';
import { parseResourceId } from '../src/types/resource-id.js';

/** What an estate has been through, written as the app's own code writes it. The same numbers give the same estate. */
export interface Past {
  readonly records: number;
  readonly resources: number;
  readonly subscription: string;
  /** When the last of it was; milliseconds since 1970. */
  readonly now: number;
}

const MINUTE = 60_000;
const AT_ONCE = 32;

export async function seedPast(account: StorageAccount, past: Past): Promise<void> {
  const audit = createAuditLog(account);
  const records = Array.from({ length: past.records }, (_, index) => recordOf(past, index));
  // One write has the records of one day: a transaction is of one partition.
  for (let from = 0; from < records.length; from += 100) await audit.write(records.slice(from, from + 100));
  const standings = createStandings(account);
  const all = Array.from({ length: past.resources }, (_, index) => standingOf(past, index));
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const some = all.slice(from, from + AT_ONCE);
    await Promise.all(some.map((one) => standings.write(parseResourceId(one.resourceId), one)));
  }
}

function idOf({ subscription }: Past, index: number): string {
  const group = `/subscriptions/${subscription}/resourceGroups/rg-${index % 40}`;
  return index % 5 === 0
    ? `${group}/providers/Microsoft.KeyVault/vaults/kv-${index}`
    : `${group}/providers/Microsoft.Logic/workflows/Playbook-${index}`;
}

function remediatorsFor(index: number): readonly RemediatorId[] {
  return REMEDIATOR_IDS.filter((id) => id.startsWith(index % 5 === 0 ? 'vault' : 'workflow'));
}

function recordOf(past: Past, index: number): AuditRecord {
  const time = new Date(past.now - (past.records - index) * MINUTE);
  const resource = past.resources === 0 ? 0 : (index * 7919) % past.resources;
  const remediators = remediatorsFor(resource);
  const outcome: RecordOutcome = index % 9 === 0 ? 'refused' : 'applied';
  return {
    id: recordId(time),
    writeId: `write-${index}`,
    time: time.toISOString(),
    correlationId: `correlation-${index}`,
    trigger: index % 3 === 0 ? 'sweep' : 'event',
    actor: index % 3 === 0 ? null : { id: null, name: `person-${index % 50}@contoso.com`, ip: '203.0.113.7' },
    resourceId: idOf(past, resource),
    remediator: remediators[index % remediators.length] ?? 'vault-firewall',
    mode: 'enforce',
    outcome,
    edits: [
      {
        op: 'set',
        path: '/properties/networkAcls/defaultAction',
        before: 'Allow',
        after: 'Deny',
        reason: `the vault was open to all networks (${index})`,
      },
    ],
    warnings: [],
    error: outcome === 'refused' ? 'It declares secure parameters, whose values cannot be read back.' : null,
    armRequestId: outcome === 'applied' ? `arm-${index}` : null,
    durationMs: 40 + (index % 400),
  };
}

function standingOf(past: Past, index: number): ResourceStanding {
  const standing = (remediator: number): Standing =>
    (index + remediator) % 50 === 0 ? 'drifted' : (index + remediator) % 70 === 0 ? 'refused' : 'compliant';
  const isOpen = index % 40 === 0;
  return {
    resourceId: idOf(past, index),
    remediators: Object.fromEntries(remediatorsFor(index).map((id, at) => [id, standing(at)])),
    findings: isOpen
      ? [
          {
            id: index.toString(16).padStart(32, '0'),
            remediator: remediatorsFor(index)[0] ?? null,
            severity: index % 80 === 0 ? 'high' : 'low',
            reason: `The rule 20.${index % 256}.0.0/16 is wide.`,
            step: 'Take it out.',
            since: new Date(past.now - index * MINUTE).toISOString(),
          },
        ]
      : [],
    accepted: {},
  };
}
