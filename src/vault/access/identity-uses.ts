import type { VaultPermission, VaultReader } from '../../types/observation.js';
import { workflowNames } from '../workflow-names.js';
import { plainId } from './permission-names.js';

/** What the Logic Apps in scope do with a vault as one managed identity. */
export interface IdentityUse {
  readonly principalId: string;
  /** A user-assigned identity may also be that of resources which are no Logic Apps. */
  readonly isShared: boolean;
  readonly workflowIds: readonly string[];
  readonly uses: ReadonlySet<VaultPermission>;
  /** Why it may do more than `uses`; null where that is all. */
  readonly doubt: string | null;
}

/** By the principal's id, for every managed identity that reads the vault. */
export function identityUses(
  readers: readonly VaultReader[],
  unresolvedReaders: readonly string[],
): ReadonlyMap<string, IdentityUse> {
  const unresolved = new Set(unresolvedReaders.map((id) => id.toLowerCase()));
  // Its calls may be made as any identity that the workflow has.
  const unknownSignIn = new Set(
    readers.flatMap(({ workflowId, signIn }) =>
      signIn.kind === 'unknown' ? [workflowId.toLowerCase()] : [],
    ),
  );
  // What a workflow does as a user or an app it is to do as itself one day: that is not taken away before.
  const otherReads = (own: readonly VaultReader[]): readonly VaultReader[] => {
    const ids = new Set(own.map(({ workflowId }) => workflowId.toLowerCase()));
    return readers.filter(
      ({ workflowId, signIn }) =>
        (signIn.kind === 'user' || signIn.kind === 'application') && ids.has(workflowId.toLowerCase()),
    );
  };
  const byPrincipal = new Map<string, VaultReader[]>();
  for (const reader of readers) {
    if (reader.signIn.kind !== 'managed-identity' || reader.signIn.principalId === null) continue;
    const { principalId } = reader.signIn;
    const own = byPrincipal.get(principalId);
    if (own === undefined) byPrincipal.set(principalId, [reader]);
    else own.push(reader);
  }
  return new Map(
    [...byPrincipal].map(([principalId, own]) => [
      principalId,
      {
        principalId,
        isShared: own.some(
          ({ signIn }) => signIn.kind === 'managed-identity' && signIn.userAssignedId !== null,
        ),
        workflowIds: [...new Set(own.map(({ workflowId }) => workflowId))].sort(),
        uses: new Set([...own, ...otherReads(own)].flatMap(({ uses }) => uses)),
        doubt: doubtOf(own, unresolved, unknownSignIn),
      },
    ]),
  );
}

/** The Logic Apps and their identity, for a sentence. */
export function nameOfIdentity({ workflowIds, principalId }: IdentityUse): string {
  return `${workflowNames(workflowIds)} (${plainId(principalId)})`;
}

function doubtOf(
  own: readonly VaultReader[],
  unresolved: ReadonlySet<string>,
  unknownSignIn: ReadonlySet<string>,
): string | null {
  const ids = own.map(({ workflowId }) => workflowId.toLowerCase());
  if (own.some(({ hasUnknownUse }) => hasUnknownUse))
    return 'it also calls the vault in a way that cannot be told';
  if (ids.some((id) => unknownSignIn.has(id)))
    return 'it also calls the vault as somebody who cannot be told';
  if (ids.some((id) => unresolved.has(id)))
    return 'it also calls a vault that cannot be told, perhaps this one';
  if (own.some(({ listed }) => !listed)) return 'it was not listed by the last sweep';
  // Identity and policy come first, the definition later.
  if (own.every(({ uses }) => uses.length === 0))
    return 'no action of it uses the vault yet; a deployment may be half done';
  return null;
}
