import { randomUUID } from 'node:crypto';
import type { AuditRecord } from '../../src/types/record.js';

export const SUBSCRIPTION = '00000000-0000-4000-8000-000000000001';

export function vaultIdOf(name: string): string {
  return `/subscriptions/${SUBSCRIPTION}/resourceGroups/Rg/providers/Microsoft.KeyVault/vaults/${name}`;
}

/** A record as the engine writes it, with what a test is about in place of the usual. */
export function aRecord(about: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: randomUUID(),
    writeId: randomUUID(),
    time: new Date().toISOString(),
    correlationId: randomUUID(),
    trigger: 'event',
    actor: { id: null, name: 'mallory@contoso.com', ip: '203.0.113.7' },
    resourceId: vaultIdOf('kv-one'),
    remediator: 'vault-firewall',
    mode: 'enforce',
    outcome: 'applied',
    edits: [
      {
        op: 'set',
        path: '/properties/networkAcls/defaultAction',
        before: 'Allow',
        after: 'Deny',
        reason: 'The firewall is open to all networks.',
      },
    ],
    warnings: [],
    error: null,
    armRequestId: null,
    durationMs: 12,
    ...about,
  };
}
