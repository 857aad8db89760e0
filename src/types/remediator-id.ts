/** Every remediator's id, in the order in which the remediators of one resource are asked. */
export const REMEDIATOR_IDS = [
  'vault-purge-protection',
  'vault-firewall',
  'vault-logic-app-ips',
  'workflow-secure-outputs',
] as const;

export type RemediatorId = (typeof REMEDIATOR_IDS)[number];
