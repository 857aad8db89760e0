import type { Remediator } from './remediator.js';
import { vaultFirewall } from './vault-firewall.js';
import { vaultLogicAppIps } from './vault-logic-app-ips.js';
import { vaultPurgeProtection } from './vault-purge-protection.js';
import { workflowSecureOutputs } from './workflow-secure-outputs.js';

/** Every remediator, in the order in which those of one resource are asked. */
export const REMEDIATORS: readonly Remediator[] = [
  vaultPurgeProtection,
  vaultFirewall,
  vaultLogicAppIps,
  workflowSecureOutputs,
];
