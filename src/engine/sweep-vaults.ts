import type { VaultReader, WorkflowReads } from '../types/observation.js';
import { ageOwnedRules } from '../vault/rule-ledger.js';
import { ArmError } from './arm-error.js';
import { confirmReleases } from './confirm-releases.js';
import type { EngineDeps } from './engine-deps.js';
import { inBatches } from './in-batches.js';
import type { Seen } from './observe.js';
import { deletedVaultSeen, listDeletedInScope } from './observe-deleted-vault.js';
import {
  isOutdated,
  readSurroundings,
  untilSilent,
  withCallers,
  withSettings,
} from './observe-surroundings.js';
import { fromMemory, fromPolicy } from './observe-vault.js';
import { NO_MEMORY, type ResourceMemory } from './ports.js';

/** How old what is remembered of a vault's surroundings may become, and how many vaults' are read in one sweep. */
const REFRESH_MS = 24 * 60 * 60_000;
const MAX_REFRESHED = 500;

/**
 * The vaults in scope, page by page of list calls, each with who reads it. A scope that cannot be listed is put into `failures`,
 * and the others go on.
 */
export async function* observeListedVaults(
  deps: EngineDeps,
  memories: ReadonlyMap<string, ResourceMemory>,
  signal: AbortSignal,
  failures: ArmError[],
): AsyncGenerator<readonly Seen[]> {
  const workflows = await deps.readers.workflows();
  const readersOf = readersByVault(workflows);
  const unresolvedReaders = workflows
    .filter(({ reads }) => reads.some(({ vaultName }) => vaultName === null))
    .map(({ workflowId }) => workflowId);
  const known = await deps.readers.allVaults();
  const asking = { ...deps, callers: untilSilent(deps.callers) };
  let refreshed = 0;
  for (const scope of deps.policy.scopes) {
    try {
      for await (const page of deps.reader.listVaults(scope, signal)) {
        yield await inBatches(page, async ({ id, document }): Promise<Seen> => {
          const name = id.name.toLowerCase();
          if (known.get(name)?.toLowerCase() !== id.key) await deps.readers.saveVault(id);
          const memory = memories.get(id.key) ?? NO_MEMORY;
          const own = readersOf.get(name) ?? [];
          const { releasedRules, readers } = await confirmReleases(deps, id, memory.ownedRules, own, signal);
          const ownedRules = ageOwnedRules(memory.ownedRules, document, readers, deps.now());
          const isDue = isOutdated(memory.surroundings, deps.now(), REFRESH_MS) && refreshed < MAX_REFRESHED;
          if (isDue) refreshed += 1;
          const read = isDue
            ? (await readSurroundings(deps, id, document, memory.surroundings, signal)).surroundings
            : memory.surroundings;
          const { surroundings } = await withCallers(asking, id, document, memory, read, signal);
          const vault = withSettings(document, surroundings);
          return {
            text: '',
            document: vault,
            memory,
            surroundings,
            isFresh: isDue,
            observed: {
              kind: 'vault',
              id,
              vault,
              unresolvedReaders,
              ownedRules,
              readers,
              releasedRules,
              knownGood: memory.knownGood,
              ...fromPolicy(deps),
              ...fromMemory(memory, surroundings),
            },
          };
        });
      }
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      failures.push(error);
    }
  }
}

/** The vaults that were in scope and are deleted, but can be recovered. */
export async function* observeDeletedVaults(
  deps: EngineDeps,
  memories: ReadonlyMap<string, ResourceMemory>,
  signal: AbortSignal,
  failures: ArmError[],
): AsyncGenerator<Seen> {
  for (const subscriptionId of new Set(deps.policy.scopes.map((scope) => scope.subscriptionId))) {
    try {
      for (const deleted of await listDeletedInScope(deps, subscriptionId, signal)) {
        yield deletedVaultSeen(deleted, memories.get(deleted.id.key) ?? NO_MEMORY);
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
  for (const { workflowId, reads, isEnabled, listed } of workflows) {
    for (const { vaultName, ...read } of reads) {
      if (vaultName === null) continue;
      const own = readers.get(vaultName) ?? [];
      own.push({ ...read, workflowId, isEnabled, listed });
      readers.set(vaultName, own);
    }
  }
  return readers;
}
