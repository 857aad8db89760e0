import type { VaultReader } from '../types/observation.js';
import { ageOwnedRules } from '../vault/rule-ledger.js';
import { confirmReleases } from './confirm-releases.js';
import type { EngineDeps } from './engine-deps.js';
import type { Look } from './look.js';
import type { LookOptions } from './look-at.js';
import type { Seen } from './observe.js';

interface Readers {
  readonly readers: readonly VaultReader[];
  readonly unresolvedReaders: readonly string[];
}

/** Reads a vault, what is remembered of it, and who reads it. */
export async function observeVault(deps: EngineDeps, look: Look, options: LookOptions): Promise<Seen> {
  const { id } = look;
  const [arm, memory, known] = await Promise.all([
    deps.reader.read(id, options.signal),
    deps.memory.read(id),
    readersOf(deps, look),
  ]);
  const ownedRules = ageOwnedRules(memory.ownedRules, arm.document, known.readers, deps.now());
  const { releasedRules, readers } = options.confirmReleases
    ? await confirmReleases(deps, id, ownedRules, known.readers, options.signal)
    : { releasedRules: [], readers: known.readers };
  return {
    text: arm.text,
    document: arm.document,
    memory,
    observed: {
      kind: 'vault',
      id,
      vault: arm.document,
      readers,
      unresolvedReaders: known.unresolvedReaders,
      ownedRules,
      releasedRules,
      knownGood: memory.knownGood,
    },
  };
}

/** Whether what this look may write depends on who reads the vault. */
export function needsReaders(deps: Pick<EngineDeps, 'policy'>, look: Look): boolean {
  return (
    look.id.kind === 'vault' &&
    (['vault-firewall', 'vault-logic-app-ips'] as const).some(
      (id) => deps.policy.modeOf(id) !== 'off' && (look.remediators?.includes(id) ?? true),
    )
  );
}

async function readersOf(deps: EngineDeps, look: Look): Promise<Readers> {
  const [readers, unresolvedReaders] = await Promise.all([
    deps.readers.readersOf(look.id.name.toLowerCase()),
    deps.readers.unresolvedReaders(),
  ]);
  return { readers, unresolvedReaders };
}
