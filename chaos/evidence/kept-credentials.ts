import { valueAt } from '../../src/types/apply-edits.js';
import type { Json } from '../../src/types/json.js';
import { connectionsOf, keepsCredentials, vaultOf } from './known-readers.js';
import { hasSecureParameter } from './secure-parameter.js';
import type { UnsafePart } from './unsafe-parts.js';

interface Resource {
  readonly id: string;
  readonly document: Json;
}

/**
 * The playbooks that read a vault through a connection with kept credentials although they could be moved: see
 * docs/remediators/connection-managed-identity.md. A successor is made only where all of a connection's playbooks can be
 * moved, and one that is not good is left to whoever made it.
 */
export function keptCredentials(documents: readonly Resource[]): readonly UnsafePart[] {
  const byId = new Map(documents.map(({ id, document }) => [id.toLowerCase(), document]));
  const workflows = documents.filter(({ id }) => /\/workflows\//i.test(id));
  const usersOf = (key: string): readonly Resource[] =>
    workflows.filter(({ document }) => connectionsOf(document).includes(key));
  return documents.flatMap(({ id, document }): readonly UnsafePart[] => {
    if (!keepsCredentials(document)) return [];
    const vault = vaultNamed(documents, vaultOf(document));
    const users = usersOf(id.toLowerCase());
    const movable = users.filter((user) => canBeMoved(user.document, vault));
    const successor = byId.get(`${id.toLowerCase()}-mi`);
    if (successor === undefined) {
      if (users.length === 0 || movable.length < users.length) return [];
      const what = 'it keeps credentials, and nothing is made to take its place';
      return [{ id, what, by: ['connection-managed-identity'], recordedAt: id }];
    }
    if (keepsCredentials(successor) || vaultOf(successor) !== vaultOf(document)) return [];
    return movable.map((user) => ({
      id: user.id,
      what: `it reads its vault through ${id.split('/').at(-1) ?? ''}, which keeps credentials`,
      by: ['connection-managed-identity'],
      recordedAt: user.id,
    }));
  });
}

function vaultNamed(documents: readonly Resource[], name: string | null): Json {
  const found = documents.find(({ id }) => id.toLowerCase().endsWith(`/vaults/${name ?? ''}`));
  return found?.document ?? null;
}

/** Whether its own identity may read the vault's secrets, and Holdfast may write it. */
function canBeMoved(workflow: Json, vault: Json): boolean {
  const objectId = valueAt(workflow, '/identity/principalId');
  const policies = valueAt(vault, '/properties/accessPolicies');
  if (typeof objectId !== 'string' || !Array.isArray(policies) || hasSecureParameter(workflow)) return false;
  return (policies as readonly Json[]).some((policy) => {
    const secrets = valueAt(policy, '/permissions/secrets');
    const names = Array.isArray(secrets) ? secrets.map((one) => String(one).toLowerCase()) : [];
    return valueAt(policy, '/objectId') === objectId && names.some((one) => one === 'get' || one === 'all');
  });
}
