import { at, entriesOf, textAt } from '../json.js';
import { isNullText } from '../raw-json.js';

/** One entry of a workflow's `$connections`. */
export interface ConnectionReference {
  /** What the definition's actions call it. */
  readonly key: string;
  readonly connectionId: string | undefined;
  /** Null where its connectionProperties have no authentication by a managed identity. */
  readonly identity: UsedIdentity | null;
}

/** A managed identity: the workflow's own, or a user-assigned one by its id. */
export type UsedIdentity = { readonly kind: 'system' } | { readonly kind: 'user'; readonly id: string };

/** The connections that the text of a workflow's `parameters` names. */
export function connectionReferences(parameters: string | undefined): readonly ConnectionReference[] {
  if (isNullText(parameters)) return [];
  return entriesOf(at(JSON.parse(parameters ?? '{}'), '$connections', 'value')).map(([key, reference]) => ({
    key,
    connectionId: textAt(reference, 'connectionId'),
    identity: usedIdentity(at(reference, 'connectionProperties', 'authentication')),
  }));
}

/** Of an `authentication` object, of a connection or of an HTTP action. */
export function usedIdentity(authentication: unknown): UsedIdentity | null {
  if (textAt(authentication, 'type')?.toLowerCase() !== 'managedserviceidentity') return null;
  const id = textAt(authentication, 'identity');
  // The designer writes SystemAssigned for the workflow's own.
  return id === undefined || id.toLowerCase() === 'systemassigned'
    ? { kind: 'system' }
    : { kind: 'user', id };
}

/** The object id of a managed identity, if the workflow has it; `identity` is the workflow's, as it is stored. */
export function principalOf(used: UsedIdentity, identity: string | undefined): string | undefined {
  const parsed: unknown = JSON.parse(identity ?? 'null');
  if (used.kind === 'system') return textAt(parsed, 'principalId');
  const wanted = used.id.toLowerCase();
  const found = entriesOf(at(parsed, 'userAssignedIdentities')).find(([id]) => id.toLowerCase() === wanted);
  return textAt(found?.[1], 'principalId');
}
