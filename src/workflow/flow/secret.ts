import type { Operation } from '../definition.js';
import type { SecretActionKind } from '../secret-actions.js';

/** Where a secret comes into a workflow. */
export type SecretKind =
  | SecretActionKind
  /** What an action writes into a vault: it stands in the action's inputs, and in the vault's answer. */
  | 'vault-write'
  /** A parameter of the type SecureString or SecureObject. */
  | 'secure-parameter'
  /** What a workflow that is called gives back. */
  | 'child-workflow'
  /** What the caller of this workflow hands it. */
  | 'caller'
  /** What a call that carries a secret gives back, where that is used as a credential. */
  | 'derived'
  /** What something gives that an action then writes into a vault. */
  | 'stored';

export interface Secret {
  readonly kind: SecretKind;
  /** The trigger, action or parameter that it comes from. */
  readonly source: string;
  /** Null for a parameter. */
  readonly operation: Operation | null;
  /** In lower case; null where it cannot be told, or where it comes from no vault. */
  readonly vaultName: string | null;
  /** Null where it cannot be told before a run. */
  readonly secretName: string | null;
  /** Of a derived secret: what the call carried that gave it back. */
  readonly derivedFrom: readonly Secret[];
}
