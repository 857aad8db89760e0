import type { VaultReader, WorkflowReads } from '../types/observation.js';

/* What an earlier version stored lacks what it did not know of: until the workflow is looked at again, it is unknown. */

type Stored<T> = Partial<T> & Omit<T, 'signIn' | 'uses' | 'hasUnknownUse' | 'isEnabled'>;

export function completeReads(
  stored: Partial<WorkflowReads> & Pick<WorkflowReads, 'workflowId' | 'connectionIds' | 'reads' | 'listed'>,
): WorkflowReads {
  const { isEnabled = true, returnsSecret = false, handsSecretTo = [], calls = [] } = stored;
  return { ...stored, reads: stored.reads.map(completeRead), isEnabled, returnsSecret, handsSecretTo, calls };
}

export function completeReader(stored: Stored<VaultReader>): VaultReader {
  return { ...completeRead(stored), isEnabled: stored.isEnabled ?? true };
}

function completeRead<T extends Partial<Pick<VaultReader, 'signIn' | 'uses' | 'hasUnknownUse'>>>(read: T) {
  const { signIn = { kind: 'unknown' } as const, uses = [], hasUnknownUse = true } = read;
  return { ...read, signIn, uses, hasUnknownUse };
}
