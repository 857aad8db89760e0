import type { Finding } from '../remediators/remediator.js';
import type { RemediatorId } from '../types/remediator-id.js';

/** The remediators that can tell something of a file, and what only a template can have wrong. */
export const RULE_IDS = [
  'vault-purge-protection',
  'vault-firewall',
  'workflow-secure-outputs',
  'workflow-secret-flow',
  'workflow-managed-identity',
  'workflow-plaintext-secrets',
  'vault-readers',
  'connection-managed-identity',
  'template-plaintext-secrets',
  'exemption',
] as const;

export type RuleId = (typeof RULE_IDS)[number];

export interface Rule {
  readonly id: RuleId;
  /** What is wrong, in a few words. */
  readonly title: string;
  readonly help: string;
  /** How bad it is where the remediator would change it; its findings say so themselves. */
  readonly severity: Finding['severity'];
  /** What a person does about what the remediator would change. */
  readonly step: string;
  /** The document about it, from the repository's root. */
  readonly doc: string;
}

export const RULES: readonly Rule[] = [
  {
    id: 'vault-purge-protection',
    title: 'A key vault without soft delete or purge protection',
    help: 'Without purge protection, whoever may purge the vault can destroy its secrets for good. Turning it on cannot be undone.',
    severity: 'medium',
    step: 'Set enableSoftDelete and enablePurgeProtection to true.',
    doc: 'docs/remediators/vault-purge-protection.md',
  },
  {
    id: 'vault-firewall',
    title: 'A key vault that is open to all networks',
    help: 'A vault whose firewall lets everybody in is guarded by its permissions alone, and a stolen token can be used from anywhere.',
    severity: 'high',
    step: 'Set networkAcls.defaultAction to Deny, with the addresses that need the vault in its rules.',
    doc: 'docs/remediators/vault-firewall.md',
  },
  {
    id: 'workflow-secure-outputs',
    title: 'An action that writes a secret into the run history',
    help: 'Whoever may read the runs of the Logic App reads the secret, for as long as the runs are kept.',
    severity: 'high',
    step: 'Turn on Secure Outputs: add "outputs" to runtimeConfiguration.secureData.properties.',
    doc: 'docs/remediators/workflow-secure-outputs.md',
  },
  {
    id: 'workflow-secret-flow',
    title: 'A secret that an action passes on in plain text',
    help: 'The action that gets the secret may hide it: what takes it writes it into the run history all the same.',
    severity: 'high',
    step: 'Turn on Secure Inputs or Secure Outputs: runtimeConfiguration.secureData.properties.',
    doc: 'docs/remediators/workflow-secret-flow.md',
  },
  {
    id: 'workflow-managed-identity',
    title: 'A Logic App that reads a vault and has no managed identity',
    help: "Without an identity of its own it reads the vault with a user's or an app's credentials, which somebody has to keep.",
    severity: 'medium',
    step: 'Give it the identity SystemAssigned, and that identity the right to get secrets.',
    doc: 'docs/remediators/workflow-managed-identity.md',
  },
  {
    id: 'workflow-plaintext-secrets',
    title: 'A secret in plain text in a workflow',
    help: 'Whoever may read the file, the workflow, its versions or its runs has the secret.',
    severity: 'high',
    step: 'Put it into a key vault, or pass it in a secure parameter that has no default.',
    doc: 'docs/remediators/workflow-plaintext-secrets.md',
  },
  {
    id: 'vault-readers',
    title: 'A connection that is not what the workflow says it is',
    help: 'The connection decides what its API is; that a workflow says otherwise is a mistake or a disguise.',
    severity: 'medium',
    step: 'Correct the id in $connections.',
    doc: 'docs/remediators/vault-readers.md',
  },
  {
    id: 'connection-managed-identity',
    title: 'A Key Vault connection that does not sign in with the managed identity',
    help: "It keeps a user's consent or an app's secret, with which everybody who may use the connection reads the vault.",
    severity: 'medium',
    step: 'Set parameterValueType to Alternative, and give the vault’s name in alternativeParameterValues.vaultName; in the workflow’s $connections say connectionProperties.authentication.type ManagedServiceIdentity.',
    doc: 'docs/remediators/connection-managed-identity.md',
  },
  {
    id: 'template-plaintext-secrets',
    title: 'A secret in plain text in a template',
    help: 'Whoever may read the file or the deployments of the resource group has the secret.',
    severity: 'high',
    step: 'Pass it in a parameter of type securestring that has no default.',
    doc: 'docs/command-line.md',
  },
  {
    id: 'exemption',
    title: 'A tag holdfast-exempt that exempts nothing',
    help: 'Without a readable date at most 90 days ahead it is not followed.',
    severity: 'medium',
    step: 'Give it a date.',
    doc: 'docs/command-line.md',
  },
];

/** What is planned for a file; the others rest on what only Azure can tell (docs/decisions/0025). */
export const PLANNED: ReadonlySet<RemediatorId> = new Set<RemediatorId>([
  'vault-purge-protection',
  'vault-firewall',
  'workflow-secure-outputs',
  'workflow-secret-flow',
  'workflow-managed-identity',
  'workflow-plaintext-secrets',
  'vault-readers',
]);

export function ruleOf(id: RuleId): Rule {
  const rule = RULES.find((candidate) => candidate.id === id);
  if (rule === undefined) throw new Error(`There is no rule ${id}.`);
  return rule;
}
