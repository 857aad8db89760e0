/** Every remediator's id, in the order in which the remediators of one resource are asked. */
export const REMEDIATOR_IDS = [
  'vault-purge-protection',
  'vault-firewall',
  'vault-temporary-rules',
  'vault-logic-app-ips',
  'vault-least-privilege',
  'vault-readers',
  'vault-logging',
  'vault-deleted',
  'workflow-secure-outputs',
  'workflow-secret-flow',
  'workflow-managed-identity',
  'workflow-plaintext-secrets',
  'workflow-secret-exposure',
  'connection-managed-identity',
] as const;

/** Those that change nothing unless `HOLDFAST_REMEDIATORS` names them; what they see is said all the same. */
export const OPTIONAL_REMEDIATOR_IDS: readonly RemediatorId[] = [
  'vault-deleted',
  'connection-managed-identity',
];

export type RemediatorId = (typeof REMEDIATOR_IDS)[number];

/** What the findings of Holdfast's comparison of itself with Azure's activity log stand under. */
export const SELF_AUDIT = 'self-audit';

/** What a finding can be of. */
export type FindingSource = RemediatorId | typeof SELF_AUDIT;
