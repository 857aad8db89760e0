import type { VaultObservation, VaultReader, WorkflowObservation } from '../types/observation.js';
import { grantOf, mayRead } from '../vault/access/may-read.js';
import { permissionNames, plainId } from '../vault/access/permission-names.js';
import { workflowNames } from '../vault/workflow-names.js';
import { apiDisagreementsOf } from '../workflow/connections.js';
import { COMPLIANT, type Finding, type Plan, type VaultAndWorkflowRemediator } from './remediator.js';

/** Who reads a vault may read it, has the identity it signs in with, and says truly what its connections are. */
export const vaultReaders: VaultAndWorkflowRemediator = {
  id: 'vault-readers',
  appliesTo: ['vault', 'workflow'],
  permissions: {
    read: [
      'Microsoft.KeyVault/vaults/read',
      'Microsoft.Logic/workflows/read',
      'Microsoft.Web/connections/read',
      'Microsoft.Authorization/roleAssignments/read',
    ],
    write: [],
  },
  plan,
};

function plan(observation: VaultObservation | WorkflowObservation): Plan {
  return {
    ...COMPLIANT,
    findings:
      observation.kind === 'vault'
        ? [...hiddenRoles(observation), ...readerFindings(observation)]
        : disagreements(observation),
  };
}

function hiddenRoles({ surroundings }: VaultObservation): readonly Finding[] {
  if (!surroundings.hidden.includes('roleAssignments')) return [];
  const reason =
    'Azure does not let Holdfast read the role assignments on the vault, so nobody can say whether its Logic Apps may read it, or more than that.';
  const step = 'Give Holdfast’s identity Microsoft.Authorization/roleAssignments/read on the vault.';
  return [{ severity: 'low', about: 'hidden', reason, step }];
}

type Identity = Extract<VaultReader['signIn'], { kind: 'managed-identity' }>;

/** A workflow that the last sweep did not list may be gone: nothing is said of it. */
function readerFindings(observation: VaultObservation): readonly Finding[] {
  const seen = new Set<string>();
  return observation.readers
    .filter(({ listed }) => listed)
    .flatMap((reader) => {
      const { signIn } = reader;
      if (signIn.kind !== 'managed-identity') return [];
      return signIn.principalId === null
        ? [withoutIdentity(reader, signIn)]
        : [
            ...lacking(reader, signIn.principalId, observation),
            ...idle(reader, signIn.principalId, observation),
          ];
    })
    .filter(({ about }) => {
      // One that calls both by connector and by HTTP is named once.
      if (seen.has(about)) return false;
      seen.add(about);
      return true;
    });
}

function withoutIdentity({ workflowId }: VaultReader, { userAssignedId }: Identity): NamedFinding {
  const name = workflowNames([workflowId]);
  const which =
    userAssignedId === null
      ? 'its own managed identity, and has none switched on'
      : `the identity ${JSON.stringify(userAssignedId)}, which is not assigned to it`;
  return {
    severity: 'medium',
    about: `no-identity:${workflowId.toLowerCase()}:${userAssignedId ?? 'system'}`,
    reason: `${name} signs in to the vault with ${which}, so its calls fail.`,
    step: 'Give the Logic App that identity, and the identity the right to get secrets.',
  };
}

function lacking(
  reader: VaultReader,
  principalId: string,
  observation: VaultObservation,
): readonly NamedFinding[] {
  const { vault, surroundings } = observation;
  const granted = reader.uses.map((use) => ({ use, grant: grantOf(vault, surroundings, principalId, use) }));
  const missing = granted.filter(({ grant }) => grant === 'no').map(({ use }) => use);
  const unseen = granted.filter(({ grant }) => grant === 'unseen').map(({ use }) => use);
  if (missing.length === 0 && unseen.length === 0) return [];
  const who = `${workflowNames([reader.workflowId])} (${plainId(principalId)})`;
  const about = `no-permission:${reader.workflowId.toLowerCase()}:${principalId.toLowerCase()}:${reader.via}`;
  const step = 'Give its identity what it uses and nothing else, or take the action out.';
  if (missing.length > 0) {
    const reason = `${who} uses ${permissionNames(missing)} of the vault, and nobody holds that, so its calls fail.`;
    return [{ severity: 'medium', about, reason, step }];
  }
  const reason = `${who} uses ${permissionNames(unseen)} of the vault, and nothing gives it that by name. Unless a group that it is in or a role on a single secret does, its calls fail.`;
  return [{ severity: 'low', about, reason, step }];
}

function idle(
  reader: VaultReader,
  principalId: string,
  observation: VaultObservation,
): readonly NamedFinding[] {
  const { vault, surroundings, readers, keepPrincipals } = observation;
  if (reader.isEnabled || keepPrincipals.has(principalId)) return [];
  const isUsed = readers.some(
    ({ isEnabled, signIn }) =>
      isEnabled && signIn.kind === 'managed-identity' && signIn.principalId === principalId,
  );
  if (isUsed || mayRead(vault, surroundings, principalId) !== 'yes') return [];
  const name = workflowNames([reader.workflowId]);
  return [
    {
      severity: 'low',
      about: `disabled:${reader.workflowId.toLowerCase()}`,
      reason: `${name} is disabled, and its identity (${plainId(principalId)}) may still read the vault’s secrets.`,
      step: 'If the Logic App is not to run again, take that right away, or delete the Logic App.',
    },
  ];
}

type NamedFinding = Finding & { readonly about: string };

/** The connection decides what its API is; that a workflow's author says otherwise is worth a look. */
function disagreements({ workflow, connections }: WorkflowObservation): readonly Finding[] {
  return apiDisagreementsOf(workflow, connections).map(({ key, claimedApiId, apiId }) => ({
    severity: 'medium',
    about: `connection:${key}`,
    reason: `$connections says that ${key} is ${claimedApiId}, but its connection is ${apiId}.`,
    step: 'Find out who wrote that, and correct the id in $connections.',
  }));
}
