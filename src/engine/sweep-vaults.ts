import type { VaultReader, WorkflowReads } from '../types/observation.js';
import { ageOwnedRules } from '../vault/rule-ledger.js';
import { ArmError } from './arm-error.js';
import { confirmReleases } from './confirm-releases.js';
import type { EngineDeps } from './engine-deps.js';
import type { Seen } from './observe.js';
import { NO_MEMORY, type ResourceMemory } from './ports.js';

/**
 * The vaults in scope, from list calls, each with who reads it. A scope that cannot be listed is put into `failures`,
 * and the others go on.
 */
export async function* observeListedVaults(
  deps: EngineDeps,
  memories: ReadonlyMap<string, ResourceMemory>,
  signal: AbortSignal,
  failures: ArmError[],
): AsyncGenerator<Seen> {
  const workflows = await deps.readers.workflows();
  const readersOf = readersByVault(workflows);
  const unresolvedReaders = workflows
    .filter(({ reads }) => reads.some(({ vaultName }) => vaultName === null))
    .map(({ workflowId }) => workflowId);
  const known = await deps.readers.allVaults();
  for (const scope of deps.policy.scopes) {
    try {
      for await (const page of deps.reader.listVaults(scope, signal)) {
        for (const { id, document } of page) {
          const name = id.name.toLowerCase();
          if (known.get(name)?.toLowerCase() !== id.key) await deps.readers.saveVault(id);
          const memory = memories.get(id.key) ?? NO_MEMORY;
          const own = readersOf.get(name) ?? [];
          const { releasedRules, readers } = await confirmReleases(deps, id, memory.ownedRules, own, signal);
          const ownedRules = ageOwnedRules(memory.ownedRules, document, readers, deps.now());
          yield {
            text: '',
            document,
            memory,
            observed: {
              kind: 'vault',
              id,
              vault: document,
              unresolvedReaders,
              ownedRules,
              readers,
              releasedRules,
              knownGood: memory.knownGood,
            },
          };
        }
      }
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      failures.push(error);
    }
  }
}

/** The index turned round: by vault name, its readers. */
function readersByVault(workflows: readonly WorkflowReads[]): ReadonlyMap<string, readonly VaultReader[]> {
  const readers = new Map<string, VaultReader[]>();
  for (const { workflowId, reads, listed } of workflows) {
    for (const { vaultName, via, addresses } of reads) {
      if (vaultName === null) continue;
      const own = readers.get(vaultName) ?? [];
      own.push({ workflowId, via, addresses, listed });
      readers.set(vaultName, own);
    }
  }
  return readers;
}
