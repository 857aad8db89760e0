import type { ActivityEvent } from '../../../src/engine/self-audit/ports.js';
import type { AuditRecord } from '../../../src/types/record.js';
import { OWN_ID, vaultId } from '../fake-world.js';

export const AT = '2026-11-23T10:00:00.000Z';
export const VAULT_WRITE = 'Microsoft.KeyVault/vaults/write';

/** So many minutes after {@link AT}, or before it. */
export function after(minutes: number): Date {
  return new Date(Date.parse(AT) + minutes * 60_000);
}

let count = 0;
/** An id in the form of a GUID that nothing else has. */
export function freshId(): string {
  count += 1;
  return `00000000-0000-4000-8000-${count.toString().padStart(12, '0')}`;
}

/** An event of a write of the vault that Holdfast's identity made, with nothing that ties it to a record. */
export function anEvent(about: Partial<ActivityEvent> = {}): ActivityEvent {
  return {
    id: freshId(),
    at: new Date(AT),
    category: 'Administrative',
    operation: VAULT_WRITE,
    status: 'Succeeded',
    resourceId: vaultId().id,
    callers: [OWN_ID],
    callerIp: '203.0.113.66',
    correlationId: freshId(),
    operationId: freshId(),
    clientRequestId: freshId(),
    serviceRequestId: freshId(),
    ...about,
  };
}

/** A record of a write of the vault, as it was applied. */
export function aRecord(about: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: freshId(),
    writeId: freshId(),
    time: AT,
    correlationId: freshId(),
    trigger: 'event',
    actor: null,
    resourceId: vaultId().id,
    remediator: 'vault-firewall',
    mode: 'enforce',
    outcome: 'applied',
    edits: [],
    warnings: [],
    error: null,
    armRequestId: freshId(),
    durationMs: 400,
    ...about,
  };
}
