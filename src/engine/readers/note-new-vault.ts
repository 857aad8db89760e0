import type { ResourceId } from '../../types/resource-id.js';
import type { EngineDeps } from '../engine-deps.js';

/**
 * A connection leads to this vault from now on: a workflow that names it counts among the vault's readers at once, and
 * not only when it has been looked at itself. Until then nobody knows what it does there, and what it read before stays
 * with it: a reader too many costs a rule, one too few shuts it out.
 */
export async function noteNewVault(
  { readers }: Pick<EngineDeps, 'readers'>,
  workflowId: ResourceId,
  vaultName: string,
): Promise<void> {
  const known = await readers.workflow(workflowId);
  const through = known?.reads.filter(({ via }) => via === 'connector') ?? [];
  const [read] = through;
  if (known === null || read === undefined) return;
  if (through.some((one) => one.vaultName === vaultName)) return;
  const added = { ...read, vaultName, signIn: { kind: 'unknown' } as const, uses: [], hasUnknownUse: true };
  await readers.saveWorkflow(workflowId, { ...known, reads: [...known.reads, added] });
}
