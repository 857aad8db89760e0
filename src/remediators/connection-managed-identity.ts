import { toPointer } from '../types/apply-edits.js';
import type { ConnectionObservation, ConnectionUser, WorkflowObservation } from '../types/observation.js';
import { connectionMovesOf, type ConnectionMove } from '../workflow/connection-moves.js';
import { isKeyVaultApi, readConnectionFacts } from '../workflow/connections.js';
import { successorFault, successorIdOf, successorOf } from '../workflow/successor.js';
import { writeHazardsOf } from '../workflow/write-hazards.js';
import {
  COMPLIANT,
  WORKFLOW_WRITE,
  type ConnectionAndWorkflowRemediator,
  type Finding,
  type Plan,
  type Refusal,
} from './remediator.js';

/**
 * A Key Vault connection that signs in as a user or with an app's secret gets a successor that signs in with the
 * managed identity, and the workflows that use it are pointed at that, one by one.
 */
export const connectionManagedIdentity: ConnectionAndWorkflowRemediator = {
  id: 'connection-managed-identity',
  appliesTo: ['connection', 'workflow'],
  permissions: {
    read: [
      'Microsoft.Web/connections/read',
      'Microsoft.Logic/workflows/read',
      // After a write: whether it has gone over somebody's save.
      'Microsoft.Logic/workflows/versions/read',
      'Microsoft.KeyVault/vaults/read',
      'Microsoft.Authorization/roleAssignments/read',
    ],
    write: ['Microsoft.Web/connections/write', ...WORKFLOW_WRITE],
  },
  plan: (observation) =>
    observation.kind === 'connection' ? planConnection(observation) : planWorkflow(observation),
};

const BY_HAND =
  'Make a Key Vault connection that signs in with the managed identity, and point the workflows at it.';

function planConnection({ id, connection, users, successor }: ConnectionObservation): Plan {
  const { apiId, vaultName, signIn } = readConnectionFacts(connection);
  if (!isKeyVaultApi(apiId) || signIn === 'managed-identity') return COMPLIANT;
  if (signIn !== 'user' && signIn !== 'application')
    return found(finding('medium', 'sign-in', 'It cannot be told how the connection signs in.', BY_HAND));
  const who = signIn === 'user' ? 'as a user' : "with an app's credentials";
  if (vaultName === null)
    return found(
      finding('medium', 'vault', `The connection signs in ${who}, and its vault cannot be told.`, BY_HAND),
    );
  if (users.length === 0) return found(unused(who));
  const name = successorIdOf(id).name;
  const fault = successor === null ? null : successorFault(connection, successor);
  if (fault !== null) return found(notGood(name, fault));
  const blocked = users.flatMap((user) => blockedBy(user, vaultName, who));
  if (successor !== null) {
    const isMoving = blocked.length < users.length;
    return { ...COMPLIANT, findings: isMoving ? [...blocked, moving(name, who)] : blocked };
  }
  if (blocked.length > 0) return { ...COMPLIANT, findings: blocked };
  const after = successorOf(connection);
  if (after === null)
    return found(finding('medium', 'location', 'The connection does not say where it is.', BY_HAND));
  const reason = `the connection signs in ${who}; the one beside it reads the vault ${vaultName} with the managed identity, which each workflow that uses it may`;
  return {
    ...COMPLIANT,
    edits: [{ op: 'set', path: toPointer(['connections', name]), before: null, after, reason }],
    // Where this remediator is off, the finding is all that anybody sees.
    findings: [movable(who)],
  };
}

/** What one workflow lacks before it can be moved: all of it, so that it is put right in one go. */
function blockedBy(user: ConnectionUser, vaultName: string, who: string): readonly Finding[] {
  const { workflowId, identity, mayRead, obstacles } = user;
  const principal = identity?.principalId ?? null;
  const lacks = [
    ...(principal === null
      ? [
          'It has no managed identity, or several of which none is its own: workflow-managed-identity gives it one.',
        ]
      : accessText(mayRead, principal, vaultName)),
    ...obstacles,
  ];
  if (lacks.length === 0) return [];
  const reason = `The connection signs in ${who}, and ${workflowId} cannot be moved off it. ${lacks.join(' ')}`;
  const step = 'Do what is missing; nothing is changed before every workflow on the connection can be moved.';
  return [finding('medium', `user:${workflowId.toLowerCase()}`, reason, step)];
}

function accessText(
  mayRead: ConnectionUser['mayRead'],
  principalId: string,
  vaultName: string,
): readonly string[] {
  if (mayRead === 'yes') return [];
  const grant = 'Grant it Get on secrets, or the role Key Vault Secrets User, on that vault.';
  return mayRead === 'no'
    ? [`Its identity ${principalId} may not read the secrets of the vault ${vaultName}. ${grant}`]
    : [
        `It cannot be told whether its identity ${principalId} may read the secrets of the vault ${vaultName}. ${grant}`,
      ];
}

function movable(who: string): Finding {
  const reason = `The connection signs in ${who}, and every workflow on it could read without.`;
  const step =
    'connection-managed-identity moves them where HOLDFAST_REMEDIATORS asks for it; else do so by hand.';
  return finding('medium', 'movable', reason, step);
}

function unused(who: string): Finding {
  const reason = `The connection signs in ${who}, and no workflow in scope uses it.`;
  return finding('low', 'unused', reason, 'See that nothing outside the scope uses it, then delete it.');
}

function notGood(name: string, fault: string): Finding {
  const reason = `The connection ${name} cannot take this one's place: ${fault}.`;
  return finding('medium', 'successor', reason, `Put ${name} right, or delete it; it is then made anew.`);
}

function moving(name: string, who: string): Finding {
  const reason = `The connection signs in ${who}, and the workflows that use it are being moved to ${name}.`;
  return finding('low', 'moving', reason, 'Wait for the next sweep. A workflow that stays says why.');
}

function planWorkflow(observation: WorkflowObservation): Plan {
  const moves = connectionMovesOf(observation);
  if (moves.length === 0) return COMPLIANT;
  const findings = moves.flatMap(cannotRead);
  const able = moves.filter((move) => cannotRead(move).length === 0);
  const refusals = able.flatMap(({ obstacles, edits }): readonly Refusal[] =>
    obstacles.length === 0 ? [] : [{ reason: obstacles.join(' '), edits }],
  );
  const edits = able.flatMap((move) => (move.obstacles.length === 0 ? move.edits : []));
  if (edits.length === 0) return { ...COMPLIANT, findings, refusals };
  const { reasons, warnings } = writeHazardsOf(observation.workflow, observation.askedForByName);
  if (reasons.length === 0) return { edits, warnings, refusals, findings };
  return { ...COMPLIANT, findings, refusals: [...refusals, { reason: reasons.join(' '), edits }] };
}

/** Holdfast grants nothing by itself; with several identities it is refused, not asked of which. */
function cannotRead({ key, vaultName, successor, identity }: ConnectionMove): readonly Finding[] {
  if (identity.kind === 'several' || (identity.kind === 'one' && successor.mayRead === 'yes')) return [];
  const principalId = identity.kind === 'one' ? identity.signIn.principalId : null;
  const lacks =
    principalId === null
      ? 'The workflow has no managed identity that can be told; workflow-managed-identity gives it one.'
      : accessText(successor.mayRead, principalId, vaultName ?? '?').join(' ');
  const reason = `"${key}" reads a vault with kept credentials, and cannot be pointed at ${successor.connectionName} yet. ${lacks}`;
  return [finding('medium', `move:${key}`, reason, 'Do what is missing; the next sweep moves the workflow.')];
}

function finding(severity: Finding['severity'], about: string, reason: string, step: string): Finding {
  return { severity, about, reason, step };
}

function found(one: Finding): Plan {
  return { ...COMPLIANT, findings: [one] };
}
