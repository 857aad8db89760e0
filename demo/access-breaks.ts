import type { Azure } from '../simulator/azure.js';
import { isShutWith, resourceIn, type Break } from './break.js';
import { grant, LOG_WORKSPACE, principalOf } from './deploy-estate.js';
import { PIPELINE, vaultPath } from './estate.js';

const SENTINEL = vaultPath('kv-sentinel');
const PAYMENTS = vaultPath('kv-payments');
const AUDIT_SETTING = `${SENTINEL}/providers/Microsoft.Insights/diagnosticSettings/holdfast-audit`;

export const ACCESS_BREAKS: readonly Break[] = [
  {
    kind: 'break',
    title: 'Somebody gives a Logic App all permissions on secrets',
    fixes: [{ resourceId: SENTINEL, remediators: ['vault-least-privilege'] }],
    happen: (azure) =>
      grant(azure, 'kv-sentinel', principalOf(azure, 'Block-User'), ['all'], 'alice@contoso.com'),
    // The pipeline's permissions are its own business.
    isFixed: (azure) =>
      secretsOf(azure, principalOf(azure, 'Block-User')) === 'get' &&
      secretsOf(azure, azure.as(PIPELINE).principal.objectId) === 'get set',
  },
  {
    kind: 'break',
    title: 'Somebody turns off a vault’s audit log',
    fixes: [{ resourceId: SENTINEL, remediators: ['vault-logging'] }],
    happen: (azure) => azure.as('mallory@contoso.com').delete(AUDIT_SETTING),
    isFixed: async (azure) =>
      (await azure.as(PIPELINE).get(AUDIT_SETTING)).toLowerCase().includes(LOG_WORKSPACE.toLowerCase()),
  },
  {
    kind: 'break',
    title: 'Somebody deletes a vault that is in use',
    fixes: [{ resourceId: PAYMENTS, remediators: ['vault-deleted'] }],
    happen: (azure) => azure.as('mallory@contoso.com').delete(PAYMENTS),
    isFixed: isShutWith('kv-payments', '198.51.100.0/24'),
  },
];

function secretsOf(azure: Azure, objectId: string): string | undefined {
  const policies = resourceIn(azure, SENTINEL).properties?.accessPolicies ?? [];
  return policies.find((policy) => policy.objectId === objectId)?.permissions.secrets?.join(' ');
}
