import { connectionManagedIdentity } from './connection-managed-identity.js';
import type { Remediator } from './remediator.js';
import { vaultDeleted } from './vault-deleted.js';
import { vaultFirewall } from './vault-firewall.js';
import { vaultLeastPrivilege } from './vault-least-privilege.js';
import { vaultLogging } from './vault-logging.js';
import { vaultLogicAppIps } from './vault-logic-app-ips.js';
import { vaultPurgeProtection } from './vault-purge-protection.js';
import { vaultReaders } from './vault-readers.js';
import { vaultTemporaryRules } from './vault-temporary-rules.js';
import { workflowManagedIdentity } from './workflow-managed-identity.js';
import { workflowPlaintextSecrets } from './workflow-plaintext-secrets.js';
import { workflowSecretExposure } from './workflow-secret-exposure.js';
import { workflowSecretFlow } from './workflow-secret-flow.js';
import { workflowSecureOutputs } from './workflow-secure-outputs.js';

/** Every remediator, in the order in which those of one resource are asked. */
export const REMEDIATORS: readonly Remediator[] = [
  vaultPurgeProtection,
  vaultFirewall,
  vaultTemporaryRules,
  vaultLogicAppIps,
  vaultLeastPrivilege,
  vaultReaders,
  vaultLogging,
  vaultDeleted,
  workflowSecureOutputs,
  workflowSecretFlow,
  workflowManagedIdentity,
  workflowPlaintextSecrets,
  workflowSecretExposure,
  connectionManagedIdentity,
];
